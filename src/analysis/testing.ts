/** Made parts that tests of measures share. */
import { random } from '../data/random.ts';
import { partOf, type Part, type SplitPart } from './part.ts';

/** Independent standard normal features `[samples, columns]` of a train, a validation and a test split. */
export function normals(name: string, columns: number, samples = 400): SplitPart {
  const split = (of: string): Part => {
    const stream = random(1, name, of);
    return partOf(
      samples,
      Float64Array.from({ length: samples * columns }, () => stream.normal()),
    );
  };
  return { train: split('train'), valid: split('valid'), test: split('test') };
}

/** Each row of a part changed. */
export function mapped(part: SplitPart, change: (row: Float64Array) => readonly number[]): SplitPart {
  const of = ({ rows, columns, data }: Part): Part =>
    partOf(rows, Array.from({ length: rows }, (_, n) => change(data.subarray(n * columns, (n + 1) * columns))).flat());
  return { train: of(part.train), ...(part.valid && { valid: of(part.valid) }), test: of(part.test) };
}
