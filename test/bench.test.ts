/** What the lines of `npm run bench` are made of. */
import { describe, expect, test } from 'vitest';
import { profileLines, type ProfileEvent } from '../bench/profile.ts';
import { exponent, median, percentile } from '../bench/statistics.ts';

describe('statistics', () => {
  test('percentiles lie between neighbours', () => {
    expect(percentile([4, 1, 3, 2], 0)).toBe(1);
    expect(percentile([4, 1, 3, 2], 1)).toBe(4);
    expect(percentile([4, 1, 3, 2], 0.5)).toBe(2.5);
    expect(median([7, 1, 2])).toBe(2);
    expect(() => median([])).toThrow(/at least one value/);
  });

  test('the exponent of a power law is found', () => {
    const xs = [1, 2, 4, 8];
    expect(
      exponent(
        xs,
        xs.map((x) => 3 * x ** 1.5),
      ),
    ).toBeCloseTo(1.5, 12);
  });
});

describe('profileLines', () => {
  const run = (ts: number, dur: number): ProfileEvent => ({ cat: 'Session', name: 'model_run', ts, dur });
  const node = (op: string, ts: number, dur: number, shape: number[] = [2]): ProfileEvent => ({
    ...{ cat: 'Node', name: `n_kernel_time`, ts, dur },
    args: { op_name: op, input_type_shape: [{ float: shape }] },
  });

  test('leaves the first run out, averages the others, and counts what is inside a loop once', () => {
    const lines = profileLines([
      ...[node('Add', 0, 5000), run(0, 6000)],
      ...[node('Add', 10_000, 1000), node('Loop', 11_000, 4000), node('MatMul', 12_000, 3000), run(10_000, 6000)],
      ...[node('Add', 20_000, 3000), run(20_000, 4000)],
    ]);
    expect(lines.filter((line) => !('shapes' in line))).toEqual([
      { profile: 'Add', count: 1, ms: 2, share: 0.5 },
      { profile: 'MatMul', count: 0.5, ms: 1.5, share: 0.375 },
      { profile: 'Loop', count: 0.5, ms: 0.5, share: 0.125 },
    ]);
  });

  test('tells shapes apart', () => {
    const lines = profileLines([run(0, 1), node('Add', 2, 100, [2, 3]), node('Add', 200, 300, [4]), run(2, 600)]);
    expect(lines.filter((line) => 'shapes' in line).map(({ shapes }) => shapes)).toEqual(['[4]', '[2,3]']);
  });
});
