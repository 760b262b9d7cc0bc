/** Rows of a parity report: how far a quantity of ours is from the golden one, and how far rounding alone moves it. */
import { random } from '../../src/data/random.ts';

export interface ParityRow {
  readonly quantity: string;
  /** max |a − b| / max(max |b|, 1e-6) over the whole quantity. */
  readonly error: number;
  readonly tolerance: number;
  /**
   * Only where `error` is above `tolerance`: how far, on the same scale, our own result moves when parameters and features
   * change by at most one unit in their last place; the largest of a few such changes.
   */
  readonly rounding?: number;
}

/** What a quantity should be. */
export interface Expected {
  readonly quantity: string;
  readonly golden: Numbers;
  readonly tolerance: number;
  /** Default: `relativeError`. */
  readonly distance?: typeof relativeError;
}

export type Numbers = ArrayLike<number | bigint>;
/** Changes numbers by no more than their rounding. */
export type Nudge = (data: Float32Array) => Float32Array;

/** Golden values have rounding of their own, of the same size as ours but not the same, so some room is left. */
const room = 5;
const probes = 3;

export type Verdict = 'ok' | 'rounding' | 'fail';

/** 'rounding': above tolerance, yet no further off than rounding moves our own result; the check says nothing there. */
export function verdict({ error, tolerance, rounding }: ParityRow): Verdict {
  if (error <= tolerance) return 'ok';
  return Number.isFinite(error) && rounding !== undefined && error <= room * rounding ? 'rounding' : 'fail';
}

/** Compares what `compute` returns with what is expected; only a deviation asks how ill-conditioned the quantity is. */
export async function judge(
  expected: readonly Expected[],
  compute: (nudge: Nudge) => Promise<Readonly<Record<string, Numbers | undefined>>>,
): Promise<ParityRow[]> {
  const ours = await compute((data) => data);
  const distances = expected.map(({ distance }) => distance ?? relativeError);
  const rows = expected.map(({ quantity, golden, tolerance }, i): ParityRow => ({
    quantity,
    error: distances[i]!(ours[quantity], golden),
    tolerance,
  }));
  if (rows.every((row) => verdict(row) === 'ok' || row.error === Infinity)) return rows;
  const rounding = rows.map(() => 0);
  for (let probe = 0; probe < probes; probe++) {
    const moved = await compute(lastPlace(probe));
    expected.forEach(({ quantity, golden }, i) => {
      const reference = ours[quantity];
      if (reference) rounding[i] = Math.max(rounding[i]!, distances[i]!(moved[quantity], reference, golden));
    });
  }
  return rows.map((row, i) => (verdict(row) === 'ok' ? row : { ...row, rounding: rounding[i]! }));
}

/** One unit in the last place up, down, or neither, at random. */
function lastPlace(seed: number): Nudge {
  const source = random(seed, 'parity');
  return (data) => data.map((x) => x * (1 + Math.floor(3 * source.uniform() - 1) * 2 ** -23));
}

/** max |a − b| / max(max |scale|, 1e-6), the scale being b; infinite where a value is missing or not a number. */
export function relativeError(a: Numbers | undefined, b: Numbers, scale: Numbers = b): number {
  if (a?.length !== b.length) return Infinity;
  let difference = 0;
  let largest = 1e-6;
  for (let i = 0; i < b.length; i++) {
    const gap = Math.abs(Number(a[i]) - Number(b[i]));
    if (Number.isNaN(gap)) return Infinity;
    difference = Math.max(difference, gap);
    largest = Math.max(largest, Math.abs(Number(scale[i])));
  }
  return difference / largest;
}

/** The largest relative error of single numbers: for a series that no one scale fits. */
export const errorPerEntry = (a: Numbers | undefined, b: Numbers, scale: Numbers = b): number =>
  a?.length === b.length ? Math.max(0, ...Array.from(b, (x, i) => relativeError([a[i]!], [x], [scale[i]!]))) : Infinity;
