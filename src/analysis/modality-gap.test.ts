import { describe, expect, test } from 'vitest';
import { modalityGap, type GapOptions, type ModalityGap } from './modality-gap.ts';
import { partOf, type SplitPart } from './part.ts';
import { mapped, normals } from './testing.ts';

const gapOf = (common: readonly SplitPart[], options: GapOptions = {}): ModalityGap =>
  modalityGap(
    common.map((part, m) => ({ modality: String(m), unique: part, common: part })),
    options,
  )!;
const a = normals('first', 3);
const b = normals('second', 3);
const names = ['centroids', 'moments', 'mmd'] as const;

describe('the gap between modalities', () => {
  test.each(names)('of one distribution lies where dealing anew puts it, but for about one in twenty: %s', (name) => {
    const inside = Array.from({ length: 40 }, (_, i) => {
      const { value, noise } = gapOf([normals(`a${i}`, 3, 40), normals(`b${i}`, 3, 40)])[name];
      return Number(value >= noise.low && value <= noise.high);
    }).reduce((sum, is) => sum + is, 0);
    expect(inside).toBeGreaterThanOrEqual(34);
  });

  test('of shifted features is the shift over the spread', () => {
    const { centroids, moments, mmd } = gapOf([a, mapped(b, ([x, y, z]) => [x! + 3, y!, z!])]);
    expect(Math.abs(centroids.value / Math.sqrt(3) - 1)).toBeLessThan(0.06);
    for (const { value, noise } of [centroids, moments, mmd]) expect(value).toBeGreaterThan(2 * noise.high);
  });

  test('of another shape is seen by moments and MMD, while centroids are where they were', () => {
    const { centroids, moments, mmd } = gapOf([a, mapped(b, ([x, y, z]) => [x!, 0.9 * x! + 0.4 * y!, z!])]);
    expect(centroids.value).toBeLessThan(centroids.noise.high);
    for (const { value, noise } of [moments, mmd]) expect(value).toBeGreaterThan(noise.high);
  });

  test('of three modalities is a mean over pairs', () => {
    const far = mapped(b, ([x, y, z]) => [x! + 3, y!, z!]);
    const mmd = (...common: readonly SplitPart[]): number => gapOf(common, { splits: 2 }).mmd.value;
    expect(mmd(a, b, far)).toBeCloseTo((mmd(a, b) + mmd(a, far) + mmd(b, far)) / 3, 12);
  });
});

test('by hand: two samples each, one feature', () => {
  const split = (values: number[]): SplitPart => ({ train: partOf(4, values), test: partOf(4, values) });
  // Centroids 0 and 1, squared distances to them 1 and 1 in the mean.
  expect(gapOf([split([-1, 1, -1, 1]), split([0, 2, 0, 2])]).centroids.value).toBeCloseTo(1, 12);
});

test('features that are constant or of another width have no gap', () => {
  const still = mapped(a, () => [1, 1, 1]);
  expect(gapOf([still, still])).toBeUndefined();
  expect(gapOf([a, normals('wide', 4)])).toBeUndefined();
});
