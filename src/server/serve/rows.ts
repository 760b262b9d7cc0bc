/** Rows of tensors `[rows, ...]`: the first axis is that of samples. */
import type { Tensors, TensorValues } from '../../deploy/inputs.ts';
import { bytesOf } from '../../formats/bytes/numbers.ts';

/** How many rows tensors have, of which there must be one or more. */
export const rowsOf = (tensors: Tensors): number => Object.values(tensors)[0]!.shape[0]!;

/** The tensors of several, one below the other; those of one are not copied. */
export function joined(parts: readonly Tensors[]): Tensors {
  const [first] = parts;
  if (parts.length === 1) return first!;
  const rows = parts.reduce((sum, part) => sum + rowsOf(part), 0);
  return each(first!, (name, { shape, data }) => {
    const whole = emptyLike(data, rows * width(shape));
    let at = 0;
    for (const part of parts) {
      copy(part[name]!.data, whole, at);
      at += part[name]!.data.length;
    }
    return { shape: [rows, ...shape.slice(1)], data: whole };
  });
}

/** A copy of the rows from `start` to `end`, without that. */
export const slice = (tensors: Tensors, start: number, end: number): Tensors =>
  each(tensors, (_, { shape, data }) => ({
    shape: [end - start, ...shape.slice(1)],
    data: data.slice(start * width(shape), end * width(shape)),
  }));

type Data = TensorValues['data'];

const each = (tensors: Tensors, make: (name: string, values: TensorValues) => TensorValues): Tensors =>
  Object.fromEntries(Object.entries(tensors).map(([name, values]) => [name, make(name, values)]));

/** The numbers in a row. */
const width = (shape: readonly number[]): number => shape.slice(1).reduce((product, size) => product * size, 1);

const emptyLike = (data: Data, length: number): Data =>
  data instanceof Float32Array ? new Float32Array(length) : new BigInt64Array(length);

/** Sets numbers from the `at`th on; both are of the same kind. */
const copy = (from: Data, to: Data, at: number): void => bytesOf(to).set(bytesOf(from), at * to.BYTES_PER_ELEMENT);
