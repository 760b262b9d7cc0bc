/**
 * The numbers of a tensor, from JSON or from bytes straight into the array that the model takes. Nothing is allocated for a
 * shape before as many numbers are there.
 */
import { shown } from '../../../deploy/checks.ts';
import type { ValueDescription } from '../../../deploy/description.ts';
import type { TensorValues } from '../../../deploy/inputs.ts';
import { bytesOf } from '../../../formats/bytes/numbers.ts';
import { Refusal } from '../refusal.ts';

/** A tensor that a request declares: an input of the model, with a shape that fits it. */
export interface Declared {
  readonly input: ValueDescription;
  readonly shape: readonly number[];
  /** Of whole numbers, the largest that may be; the smallest is 0. */
  readonly most: number;
}

type Data = TensorValues['data'];

/** Numbers as JSON has them, flat or nested as the shape is; null is a number that is missing. Throws a Refusal for others. */
export function fromJson(given: unknown, declared: Declared): Data {
  const { input, shape } = declared;
  const count = product(shape);
  if (!Array.isArray(given)) throw wrong(declared, 'has no list "data"');
  const values: readonly unknown[] = given;
  const data = (fill: (set: (value: unknown, at: number) => void) => void): Data => {
    if (input.dtype === 'float32') {
      const floats = new Float32Array(count);
      fill((value, at) => (floats[at] = floatOf(value, at, declared)));
      return floats;
    }
    const integers = new BigInt64Array(count);
    fill((value, at) => (integers[at] = BigInt(integerOf(value, at, declared))));
    return integers;
  };
  if (shape.length === 1 || !Array.isArray(values[0])) {
    if (values.length !== count)
      throw wrong(declared, `has ${values.length} numbers in "data", and its shape [${shape.join(', ')}] is ${count}`);
    return data((set) => values.forEach(set));
  }
  const rows = rowsIn(values, declared);
  const width = shape.at(-1)!;
  return data((set) => rows.forEach((row, n) => row.forEach((value, i) => set(value, n * width + i))));
}

/** Numbers as they lie in memory, little-endian. Throws a Refusal for numbers that are none of the input's. */
export function fromBytes(bytes: Uint8Array, declared: Declared): Data {
  const { input, shape } = declared;
  const count = product(shape);
  const size = input.dtype === 'float32' ? 4 : 8;
  if (bytes.length !== count * size)
    throw wrong(
      declared,
      `has ${bytes.length} bytes, and its shape [${shape.join(', ')}] of ${size} bytes each is ${count * size}`,
    );
  if (input.dtype === 'float32') {
    const data = new Float32Array(count);
    bytesOf(data).set(bytes);
    const infinite = data.findIndex((value) => value === Infinity || value === -Infinity);
    if (infinite >= 0) throw notFinite(infinite, declared);
    return data;
  }
  const data = new BigInt64Array(count);
  bytesOf(data).set(bytes);
  data.forEach((value, at) => void integerOf(Number(value), at, declared));
  return data;
}

export const product = (shape: readonly number[]): number => shape.reduce((size, axis) => size * axis, 1);

/** The lists of the last axis, one after another, once all of them are known to have its size. */
function rowsIn(values: readonly unknown[], declared: Declared): readonly (readonly unknown[])[] {
  let lists: readonly (readonly unknown[])[] = [values];
  declared.shape.forEach((size, axis) => {
    const before = declared.shape.slice(0, axis);
    lists.forEach((list, n) => {
      if (list.length !== size)
        throw wrong(declared, `has ${list.length} where its shape says ${size}`, indexOf(n, before));
    });
    if (axis === declared.shape.length - 1) return;
    const within = declared.shape.slice(0, axis + 1);
    lists = lists.flatMap((list, n) =>
      list.map((inner, i): readonly unknown[] => {
        if (!Array.isArray(inner)) throw wrong(declared, 'is no list', indexOf(n * size + i, within));
        return inner;
      }),
    );
  });
  return lists;
}

function floatOf(value: unknown, at: number, declared: Declared): number {
  if (value === null) return NaN;
  if (typeof value !== 'number') throw wrong(declared, `is ${shown(value)}, no number`, indexOf(at, declared.shape));
  const rounded = Math.fround(value);
  if (!Number.isFinite(rounded)) throw notFinite(at, declared);
  return rounded;
}

function integerOf(value: unknown, at: number, declared: Declared): number {
  const { most, shape } = declared;
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0 || value > most)
    throw wrong(declared, `is ${shown(value)}, no whole number of 0 to ${most}`, indexOf(at, shape));
  return value;
}

const notFinite = (at: number, declared: Declared): Refusal =>
  wrong(
    declared,
    'is beyond the numbers of 32 bits; null, or NaN in bytes, is one that is missing',
    indexOf(at, declared.shape),
  );

/** The place of the `at`th number in a shape. */
export function indexOf(at: number, shape: readonly number[]): readonly number[] {
  const index: number[] = [];
  for (const size of shape.toReversed()) {
    index.unshift(at % size);
    at = Math.floor(at / size);
  }
  return index;
}

const wrong = ({ input }: Pick<Declared, 'input'>, problem: string, index?: readonly number[]): Refusal =>
  new Refusal(400, `Input ${JSON.stringify(input.name)}${index ? ` at [${index.join(', ')}]` : ''} ${problem}.`);
