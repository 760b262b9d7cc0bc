import { describe, expect, test } from 'vitest';
import { dependence } from './dependence.ts';
import { mapped, normals } from './testing.ts';
import { partOf } from './part.ts';

const u = normals('u', 2).test;
const other = normals('c', 3).test;

describe('normalised HSIC', () => {
  test('of independent features lies where permutations put it, but for about one in twenty', () => {
    const inside = Array.from({ length: 40 }, (_, i) => {
      const { hsic, chance } = dependence(normals(`u${i}`, 2, 60).test, normals(`c${i}`, 3, 60).test)!;
      expect(chance.low).toBeGreaterThan(0);
      return Number(hsic >= chance.low && hsic <= chance.high);
    }).reduce((sum, is) => sum + is, 0);
    expect(inside).toBeGreaterThanOrEqual(34);
  });

  test('of a copy is 1, in whatever unit each feature is', () => {
    const scaled = mapped(normals('u', 2), ([a, b]) => [a! * 1000, b! - 7]).test;
    expect(dependence(u, scaled)!.hsic).toBeCloseTo(1, 9);
  });

  test('sees a dependence that is not linear', () => {
    const bent = mapped(normals('u', 2), ([a, b]) => [a! ** 2, a! * b!]).test;
    const { hsic, chance } = dependence(u, bent)!;
    expect(hsic).toBeGreaterThan(3 * chance.high);
  });

  test('is the same each time, and is bounded to some of the samples', () => {
    expect(dependence(u, other, { most: 50 })).toEqual(dependence(u, other, { most: 50 }));
    expect(dependence(u, other, { most: 50 })!.hsic).toBeGreaterThan(dependence(u, other)!.hsic);
  });

  test('is absent where there is nothing to go by', () => {
    expect(dependence(partOf(400, new Float64Array(400).fill(3)), u)).toBeUndefined();
    expect(dependence(partOf(3, [1, 2, 3]), partOf(3, [1, 2, 3]))).toBeUndefined();
  });
});
