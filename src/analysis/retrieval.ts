/**
 * Retrieval across modalities: of all test samples, how often is the one whose common features in modality j are nearest to
 * those of sample n in modality i, by their cosine, sample n itself?
 */
import { knownRows, rowsOf, type ModalityParts, type Part } from './part.ts';
import { timesTransposed, type Matrix } from './matrix.ts';
import { meanOf } from './determination.ts';

/** Shares of the samples, means over ordered pairs of modalities. */
export interface Retrieval {
  /** The sample itself is the nearest. */
  readonly at1: number;
  /** The sample itself is among the ten nearest. */
  readonly at10: number;
  /** Where neighbours are drawn by lot. */
  readonly chanceAt1: number;
  readonly chanceAt10: number;
}

interface Ranks {
  /** `[n]`: the test rows that were asked for. */
  readonly rows: Int32Array;
  /** `[n]` each: how many candidates are nearer than the sample itself, and how many as near, itself among them. */
  readonly nearer: Float64Array;
  readonly asNear: Float64Array;
}

/**
 * Ranks all samples once; the result averages over them, each as often as `weights` `[N]` say (default: once), while the
 * candidates stay all test samples. Undefined for pairs of modalities of different widths or without samples that have both.
 */
export function retrievalOf(parts: readonly ModalityParts[]): (weights?: ArrayLike<number>) => Retrieval | undefined {
  const ranked = parts.flatMap((a, i) =>
    parts.flatMap((b, j) => (i === j ? [] : (ranks(a.common.test, b.common.test) ?? []))),
  );
  return (weights) => {
    const share = (k: number): number | undefined =>
      meanOf(
        ranked.map(({ rows, nearer, asNear }) => {
          // Of candidates that are as near, the place is drawn by lot: constant features are found as often as by chance.
          const isFound = (n: number): number => Math.min(1, Math.max(0, (k - nearer[n]!) / asNear[n]!));
          const weight = (row: number): number => (weights === undefined ? 1 : weights[row]!);
          const total = rows.reduce((sum, row) => sum + weight(row), 0);
          const found = rows.reduce((sum, row, n) => sum + isFound(n) * weight(row), 0);
          return total > 0 ? found / total : undefined;
        }),
      );
    const chance = (k: number): number => meanOf(ranked.map(({ rows }) => Math.min(1, k / rows.length)))!;
    const [at1, at10] = [share(1), share(10)];
    if (at1 === undefined || at10 === undefined) return undefined;
    return { at1, at10, chanceAt1: chance(1), chanceAt10: chance(10) };
  };
}

function ranks(a: Part, b: Part): Ranks | undefined {
  const rows = knownRows([a, b]);
  if (a.columns !== b.columns || rows.length === 0) return undefined;
  const alike = timesTransposed(unitRows(rowsOf(a, rows)), unitRows(rowsOf(b, rows)));
  const { length } = rows;
  const [nearer, asNear] = [new Float64Array(length), new Float64Array(length)];
  for (let n = 0; n < length; n++) {
    const own = alike.data[n * length + n]!;
    for (let m = 0; m < length; m++) {
      const other = alike.data[n * length + m]!;
      if (other > own) nearer[n]!++;
      if (other === own) asNear[n]!++;
    }
  }
  return { rows, nearer, asNear };
}

/** Rows of length 1; one of zeros stays. */
function unitRows({ rows, columns, data }: Matrix): Matrix {
  const unit = data.slice();
  for (let n = 0; n < rows; n++) {
    const row = unit.subarray(n * columns, (n + 1) * columns);
    const length = Math.hypot(...row);
    if (length > 0) for (let d = 0; d < columns; d++) row[d]! /= length;
  }
  return { rows, columns, data: unit };
}
