/** What a model makes of each sample of a split, and of which samples it can be taken. */
import type { Matrix } from './matrix.ts';

/** A representation `[N, D]` of each sample of a split. */
export interface Part extends Matrix {
  /** `[N]`: 1 for a sample that has the modality and whose numbers are all finite, else 0. */
  readonly known: Uint8Array;
}

/** A representation of the samples to fit on, to choose on, and to score on. */
export interface SplitPart {
  readonly train: Part;
  /** Absent where the data has no such split. */
  readonly valid?: Part;
  readonly test: Part;
}

/** What a model keeps apart in one modality. */
export interface ModalityParts {
  readonly modality: string;
  /** u_m, what the modality alone has. */
  readonly unique: SplitPart;
  /** c_m, what it shares with the others. */
  readonly common: SplitPart;
}

/** A part of rows `[N, D]` in row-major order; `present` `[N]` is above 0 for the samples that have the modality (default: all). */
export function partOf(rows: number, values: ArrayLike<number>, present?: ArrayLike<number>): Part {
  const columns = rows === 0 ? 0 : values.length / rows;
  if (!Number.isInteger(columns)) throw new RangeError(`${values.length} numbers are no ${rows} rows of one width.`);
  const data = Float64Array.from(values);
  const known = Uint8Array.from({ length: rows }, (_, n) =>
    Number(
      (present === undefined || present[n]! > 0) &&
        data.subarray(n * columns, (n + 1) * columns).every(Number.isFinite),
    ),
  );
  return { rows, columns, data, known };
}

/** The rows that are known in all of the parts, in their order. Throws a RangeError for parts of different samples. */
export function knownRows(parts: readonly Part[]): Int32Array {
  const [first] = parts;
  if (first === undefined) return new Int32Array(0);
  const other = parts.find(({ rows }) => rows !== first.rows);
  if (other) throw new RangeError(`Parts are of ${first.rows} and of ${other.rows} samples; they must be of the same.`);
  return Int32Array.from(first.known.keys()).filter((n) => parts.every(({ known }) => known[n] === 1));
}

/** Some rows of a matrix, in that order. */
export function rowsOf({ columns, data }: Matrix, rows: Int32Array): Matrix {
  const picked = new Float64Array(rows.length * columns);
  for (const [i, row] of rows.entries()) picked.set(data.subarray(row * columns, (row + 1) * columns), i * columns);
  return { rows: rows.length, columns, data: picked };
}

/** At most so many of the rows, from first to last in even steps. */
export const evenly = (rows: Int32Array, most: number): Int32Array =>
  rows.length <= most ? rows : Int32Array.from({ length: most }, (_, i) => rows[Math.floor((i * rows.length) / most)]!);

/** Two representations of the same samples side by side, known where both are. */
export function beside(a: SplitPart, b: SplitPart): SplitPart {
  const valid = a.valid && b.valid && joined(a.valid, b.valid);
  return { train: joined(a.train, b.train), test: joined(a.test, b.test), ...(valid && { valid }) };
}

function joined(a: Part, b: Part): Part {
  const columns = a.columns + b.columns;
  const data = new Float64Array(a.rows * columns);
  for (let n = 0; n < a.rows; n++) {
    data.set(a.data.subarray(n * a.columns, (n + 1) * a.columns), n * columns);
    data.set(b.data.subarray(n * b.columns, (n + 1) * b.columns), n * columns + a.columns);
  }
  const known = new Uint8Array(a.rows);
  for (const n of knownRows([a, b])) known[n] = 1;
  return { rows: a.rows, columns, data, known };
}
