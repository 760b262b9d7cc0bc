import { describe, expect, it } from 'vitest';
import { dropoutMasks, fillDropoutMask, random, threefry } from './random.ts';

const hex = (words: Int32Array): string => Array.from(words, (w) => (w >>> 0).toString(16).padStart(8, '0')).join(' ');

describe('threefry', () => {
  // The vectors of Random123's kat_vectors: key, counter, output.
  it.each([
    [[0, 0], [0, 0], '9d1c5ec6 8bd50731'],
    [[0xffffffff, 0xffffffff], [0xffffffff, 0xffffffff], 'fd36d048 2d17272c'],
    [[0x13198a2e, 0x03707344], [0x243f6a88, 0x85a308d3], 'ba3e4725 f27d669e'],
  ])('gives the known answer for key %s counter %s', ([key0, key1], [counter0, counter1], answer) => {
    const out = new Int32Array(2);
    threefry(out, key0!, key1!, counter0!, counter1!);
    expect(hex(out)).toBe(answer);
  });
});

describe('random', () => {
  it('gives the same stream for the same seed and path, and another for any other', () => {
    const first = (seed: number, ...path: (string | number)[]): number => random(seed, ...path).uniform();
    expect(first(1, 'init', 'proj.text.weight')).toBe(first(1, 'init', 'proj.text.weight'));
    const streams = [
      first(1, 'init'),
      first(2, 'init'),
      first(2 ** 32 + 1, 'init'),
      first(1, 'init', 0),
      first(1, 'init', 1),
      first(1, 'init', '1'),
      first(1, 'in', 'it'),
      first(1),
      first(-1),
    ];
    expect(new Set(streams).size).toBe(streams.length);
  });

  it('draws uniform and normal numbers with the right moments', () => {
    const stream = random(3, 'moments');
    const n = 200_000;
    const uniform = Array.from({ length: n }, () => stream.uniform());
    const normal = Array.from({ length: n }, () => stream.normal());
    const mean = (x: number[], power = 1): number => x.reduce((sum, v) => sum + v ** power, 0) / n;
    expect(Math.min(...uniform.slice(0, 1000))).toBeGreaterThanOrEqual(0);
    expect(Math.abs(mean(uniform) - 0.5)).toBeLessThan(4 * Math.sqrt(1 / 12 / n));
    expect(Math.abs(mean(normal))).toBeLessThan(4 / Math.sqrt(n));
    expect(Math.abs(mean(normal, 2) - 1)).toBeLessThan(4 * Math.sqrt(2 / n));
    expect(Math.abs(mean(normal, 4) - 3)).toBeLessThan(4 * Math.sqrt(96 / n));
  });

  it('goes on as if normals had been drawn, whatever was drawn before', () => {
    for (const [drawn, words, skipped] of [
      [0, 0, 0],
      [0, 0, 1],
      [1, 0, 1],
      [1, 1, 2],
      [2, 3, 5],
      [3, 0, 4],
    ] as const) {
      const [one, other] = [random(6, 'skip'), random(6, 'skip')];
      for (const stream of [one, other]) {
        for (let i = 0; i < drawn; i++) stream.normal();
        for (let i = 0; i < words; i++) stream.uniform();
      }
      for (let i = 0; i < skipped; i++) one.normal();
      other.skipNormals(skipped);
      const next = [one, other].map((stream) => [stream.normal(), stream.normal(), stream.uniform(), stream.normal()]);
      expect(next[1]).toEqual(next[0]);
    }
  });

  it('draws every integer below n, equally often', () => {
    const stream = random(4, 'integers');
    const counts = new Array<number>(7).fill(0);
    for (let i = 0; i < 70_000; i++) counts[stream.integer(7)]! += 1;
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(4 * Math.sqrt(10_000 * (6 / 7)));
    expect(() => stream.integer(0)).toThrow(RangeError);
    expect(stream.integer(2 ** 32)).toBeLessThan(2 ** 32);
  });

  it('permutes', () => {
    const order = random(5, 'shuffle', 0).permutation(100);
    expect(Array.from(order).sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i));
    expect(order).not.toEqual(random(5, 'shuffle', 1).permutation(100));
    expect(random(5).permutation(0)).toHaveLength(0);
  });

  it('refuses seeds and names it cannot tell apart', () => {
    expect(() => random(0.5)).toThrow('A seed is an integer of at most 53 bits, got 0.5.');
    expect(() => random(1, 0.5)).toThrow('named by integers and strings');
  });
});

describe('fillDropoutMask', () => {
  const n = 400_000;
  const dropped = (rate: number, site: string | number, step: number, seed = 1): Float32Array => {
    const mask = new Float32Array(n);
    fillDropoutMask(mask, rate, seed, site, step);
    return mask;
  };
  const zeros = (mask: Float32Array): number => mask.reduce((count, v) => count + (v === 0 ? 1 : 0), 0);
  const together = (a: Float32Array, b: Float32Array): number =>
    a.reduce((count, v, i) => count + (v === 0 && b[i] === 0 ? 1 : 0), 0);
  const sigmas = (count: number, probability: number, of = n): number =>
    Math.abs(count - of * probability) / Math.sqrt(of * probability * (1 - probability));

  const half = 0.5 / 65536;
  it.each([3 * half, 0.05, 0.1, 0.25, 0.5 - half, 0.5, 0.5 + half, 0.9, 1 - 3 * half])(
    'drops at rate %f and scales what it keeps',
    (rate) => {
      const mask = dropped(rate, 'a', 0);
      expect(sigmas(zeros(mask), rate)).toBeLessThan(4);
      expect(new Set(mask)).toEqual(new Set([0, Math.fround(1 / (1 - rate))]));
    },
  );

  it('drops neighbours, sites, steps and seeds independently', () => {
    const mask = dropped(0.3, 'attention.0', 7);
    for (const lag of [1, 2, 3, 4, 5, 6, 7, 8, 16, 32, 64])
      expect(sigmas(together(mask.subarray(lag), mask), 0.09, n - lag)).toBeLessThan(4);
    for (const other of [
      dropped(0.3, 'attention.1', 7),
      dropped(0.3, 'attention.0', 8),
      dropped(0.3, 7, 7),
      dropped(0.3, 'attention.0', 7, 2),
    ])
      expect(sigmas(together(mask, other), 0.09)).toBeLessThan(4);
  });

  // Drawn before masks were drawn by a kernel: a resumed run must go on with the masks it began with.
  it.each([
    [0.1, 1, 'dropout.encoder.0.attention', 7, '1010110110111111111110111110111111111101111111111110111111010111'],
    [0.5, 2 ** 40 + 3, 'x', 0, '1110100111111001011000011011011110110010111001010111001100111000'],
    [0.05, -9, 12, 123456, '1011111111111111111111111111111011101111110111011111111111110111'],
  ])('at rate %f with seed %i, site %s and step %i keeps what it always kept', (rate, seed, site, step, kept) => {
    const mask = new Float32Array(64);
    fillDropoutMask(mask, rate, seed, site, step);
    expect(Array.from(mask, (v) => (v === 0 ? '0' : '1')).join('')).toBe(kept);
  });

  it('is the same in the arrays of dropoutMasks', () => {
    const masks = dropoutMasks([
      { name: 'a', length: 1001 },
      { name: 'b', length: 64 },
    ]);
    for (const [name, mask] of Object.entries(masks)) {
      fillDropoutMask(mask, 0.2, 1, name, 3);
      expect(mask).toEqual(dropped(0.2, name, 3).slice(0, mask.length));
    }
    expect(masks['a']).toHaveLength(1001);
    expect(masks['b']).toHaveLength(64);
  });

  it('is a function of seed, site and step alone, whatever the length', () => {
    const whole = dropped(0.2, 'x', 3);
    for (const length of [0, 1, 2, 3, 4, 5, 1001]) {
      const part = new Float32Array(length + 2).subarray(1, length + 1);
      fillDropoutMask(part, 0.2, 1, 'x', 3);
      expect(part).toEqual(whole.slice(0, length));
    }
  });

  it('keeps everything at rate 0 and refuses rate 1', () => {
    expect(zeros(dropped(0, 'a', 0))).toBe(0);
    expect(zeros(dropped(half / 2, 'a', 0))).toBe(0);
    expect(zeros(dropped(1 - half / 2, 'a', 0))).toBe(n);
    expect(() => dropped(1, 'a', 0)).toThrow('A dropout rate is in [0, 1), got 1.');
  });
});
