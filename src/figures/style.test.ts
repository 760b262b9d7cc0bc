/** Colours are told apart in grey, and by people who see no red, no green or no blue. */
import { describe, expect, test } from 'vitest';
import { palette, ramp } from './style.ts';

type Colour = readonly [number, number, number];

/** Red, green and blue as amounts of light. */
const lightOf = (hex: string): Colour => {
  const part = (at: number): number => {
    const value = parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return [part(1), part(3), part(5)];
};

/** CIE 1976 L*a*b* under D65. */
function lab([red, green, blue]: Colour): Colour {
  const f = (t: number): number => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116);
  const x = f((0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505);
  const y = f(0.2126 * red + 0.7152 * green + 0.0722 * blue);
  const z = f((0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

/** What people see that lack one kind of cones: Machado, Oliveira and Fernandes (2009), severity 1. */
const sights: Readonly<Record<string, readonly Colour[]>> = {
  usual: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

const seen = (light: Colour, sight: readonly Colour[]): Colour => {
  const part = (row: Colour): number =>
    Math.min(1, Math.max(0, row[0] * light[0] + row[1] * light[1] + row[2] * light[2]));
  return [part(sight[0]!), part(sight[1]!), part(sight[2]!)];
};

const apart = (a: Colour, b: Colour): number => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);

describe('the colours of series', () => {
  test.each(Object.keys(sights))('are 20 or more apart in L*a*b*: %s', (name) => {
    const colours = palette.map((hex) => lab(seen(lightOf(hex), sights[name]!)));
    const distances = colours.flatMap((a, i) => colours.slice(i + 1).map((b) => apart(a, b)));
    expect(Math.min(...distances)).toBeGreaterThan(20);
  });

  test('become lighter, each by 7 of 100 or more', () => {
    const lightness = palette.map((hex) => lab(lightOf(hex))[0]);
    const steps = lightness.slice(1).map((light, n) => light - lightness[n]!);
    expect(Math.min(...steps)).toBeGreaterThan(7);
  });
});

test('the ramp becomes darker', () => {
  const lightness = ramp.map((hex) => lab(lightOf(hex))[0]);
  expect(lightness).toEqual(lightness.toSorted((a, b) => b - a));
});
