import { describe, expect, it } from 'vitest';
import { errorPerEntry, judge, relativeError, verdict, type Nudge } from './rows.ts';

describe('relativeError', () => {
  it('is on the scale of the whole quantity, at least 1e-6', () => {
    expect(relativeError([1, 9], [2, 10])).toBe(0.1);
    expect(relativeError([1e-9], [0])).toBeCloseTo(1e-3);
    expect(errorPerEntry([1, 9], [2, 10])).toBe(0.5);
  });

  it('is infinite where there is nothing to compare', () => {
    for (const ours of [undefined, [1], [1, NaN]]) expect(relativeError(ours, [1, 2])).toBe(Infinity);
    expect(errorPerEntry([1], [1, 2])).toBe(Infinity);
  });
});

describe('judge', () => {
  const big = 2 ** 20 + 1 / 8;
  const expected = [
    { quantity: 'sum', golden: [1.5], tolerance: 1e-4 },
    { quantity: 'cancelled', golden: [0.25], tolerance: 1e-4 },
  ];
  // A difference of large numbers, of which float32 keeps an eighth.
  const compute = (nudge: Nudge, sum = 1.5) => {
    const [x] = nudge(Float32Array.of(big));
    return Promise.resolve({ sum: nudge(Float32Array.of(sum)), cancelled: [x! - 2 ** 20] });
  };

  it('tells a deviation that rounding explains from one that it does not', async () => {
    const [sum, cancelled] = await judge(expected, (nudge) => compute(nudge));
    expect(sum).toEqual({ quantity: 'sum', error: 0, tolerance: 1e-4 });
    expect(verdict(cancelled!)).toBe('rounding');
    const [wrong] = await judge(expected, (nudge) => compute(nudge, 1.51));
    expect(verdict(wrong!)).toBe('fail');
    expect(wrong!.rounding).toBeLessThan(1e-6);
  });

  it('never explains what is missing or not a number', async () => {
    const rows = await judge(expected, () => Promise.resolve({ sum: [NaN] }));
    expect(rows.map(verdict)).toEqual(['fail', 'fail']);
  });
});
