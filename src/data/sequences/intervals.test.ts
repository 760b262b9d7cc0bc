import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { averages } from './averages.ts';
import { overlapping } from './intervals.ts';

// Times on a grid, so that edges meet often; some intervals are empty, backwards or no numbers at all.
const time = fc.integer({ min: 0, max: 20 }).map((n) => n / 10);
const interval = fc.oneof(
  { weight: 9, arbitrary: fc.tuple(time, time) },
  { weight: 1, arbitrary: fc.tuple(time, fc.constantFrom(Number.NaN, Infinity, -Infinity)) },
);
const intervals = fc.array(interval, { maxLength: 30 }).map((all) => Float64Array.from(all.flat()));

const rows = (all: Float64Array): number[] => Array.from({ length: all.length / 2 }, (_, row) => row);
const byStart = (all: Float64Array, chosen: readonly number[]): number[] =>
  chosen.toSorted((a, b) => all[2 * a]! - all[2 * b]! || a - b);

/** Each against each, as the definition has it. */
function bruteForce(reference: Float64Array, others: Float64Array): [number, number[]][] {
  const long = (all: Float64Array, row: number): boolean => all[2 * row + 1]! - all[2 * row]! >= 1e-5;
  return byStart(
    reference,
    rows(reference).filter((row) => long(reference, row)),
  ).map((row) => [
    row,
    byStart(
      others,
      rows(others).filter((other) => {
        const shared =
          Math.min(reference[2 * row + 1]!, others[2 * other + 1]!) - Math.max(reference[2 * row]!, others[2 * other]!);
        return long(others, other) && shared > 1e-5;
      }),
    ),
  ]);
}

const found = (reference: Float64Array, others: Float64Array): [number, readonly number[]][] =>
  Array.from(overlapping(reference, others), ({ row, overlaps }) => [row, overlaps]);

describe('overlapping', () => {
  it('finds what comparing each with each finds', () => {
    fc.assert(
      fc.property(intervals, intervals, (reference, others) => {
        expect(found(reference, others)).toEqual(bruteForce(reference, others));
      }),
      { numRuns: 500 },
    );
  });

  it('is not an overlap to touch', () => {
    expect(found(Float64Array.of(1, 2), Float64Array.of(0, 1, 2, 3, 1.5, 1.5, 0.5, 1.000001))).toEqual([[0, []]]);
  });

  it('finds the long among the many short', () => {
    const short = Array.from({ length: 1000 }, (_, n) => [n, n + 1]).flat();
    const [, [, last]] = found(Float64Array.of(0, 1, 999, 1000), Float64Array.from([...short, 0, 1000])) as [
      unknown,
      [number, number[]],
    ];
    expect(last).toEqual([1000, 999]);
  });
});

describe('averages', () => {
  it('of the middles of intervals lie within the span of what overlaps a word, and of the word if these lie in it', () => {
    fc.assert(
      fc.property(intervals, intervals, (words, frames) => {
        const features = rows(frames).map((row) => (frames[2 * row]! + frames[2 * row + 1]!) / 2);
        const { data } = averages(words, { intervals: frames, features }, 1);
        for (const [word, overlaps] of bruteForce(words, frames)) {
          const own = overlaps.map((row) => features[row]!).filter(Number.isFinite);
          if (own.length === 0) expect(data[word]).toBe(0);
          else {
            expect(data[word]).toBeGreaterThanOrEqual(Math.min(...own) - 1e-6);
            expect(data[word]).toBeLessThanOrEqual(Math.max(...own) + 1e-6);
          }
        }
      }),
    );
  });

  it('are of all frames that overlap, however much of them lies in the word', () => {
    const frames = { intervals: Float64Array.of(0, 1, 1, 2, 2, 3), features: [1, 10, 2, 20, 6, 60] };
    expect(averages(Float64Array.of(0.9, 2.1, 0.5, 1.5, 5, 6), frames, 2).data).toEqual(
      Float32Array.of(3, 30, 1.5, 15, 0, 0),
    );
  });

  it('leave out what is not finite, feature by feature', () => {
    const frames = { intervals: Float64Array.of(0, 1, 1, 2), features: [Number.NaN, 4, 2, -Infinity] };
    expect(averages(Float64Array.of(0, 2, 0, 1), frames, 2)).toEqual({
      data: Float32Array.of(2, 4, 0, 4),
      notFinite: 3,
    });
  });
});
