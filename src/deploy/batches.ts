/** A file that takes just so many samples at once is run for any number of them, so many at a time. */
import { quoted } from '../files/error.ts';
import { listed } from './checks.ts';
import type { ExportDescription, ValueDescription } from './description.ts';
import type { TensorValues, Tensors } from './inputs.ts';
import type { Session } from './session.ts';

/** Runs a session on inputs `[batch, ...]` of any number of samples. Throws a RangeError for other inputs than those of the model. */
export function inBatches({ inputs }: ExportDescription, session: Session): (given: Tensors) => Promise<Tensors> {
  const [size] = inputs[0]!.shape;
  return async (given) => {
    const count = countIn(inputs, given);
    if (typeof size === 'string' || count === size) return session.run(given);
    const parts: Tensors[] = [];
    for (let from = 0; from < count; from += size) parts.push(await session.run(rowsOf(given, from, size)));
    return joined(parts, count);
  };
}

/** The number of samples, which all inputs must have. */
function countIn(inputs: readonly ValueDescription[], given: Tensors): number {
  const names = Object.keys(given);
  if (names.length !== inputs.length || !inputs.every(({ name }) => Object.hasOwn(given, name)))
    throw new RangeError(
      `The model takes ${listed(inputs.map(({ name }) => name))}, and is given ${listed(names) || 'nothing'}.`,
    );
  const count = given[inputs[0]!.name]!.shape[0] ?? 0;
  if (count < 1) throw new RangeError('The model needs at least one sample.');
  for (const { name, dtype, shape } of inputs) {
    const { shape: own, data } = given[name]!;
    const expected = [count, ...shape.slice(1)];
    const type = data instanceof Float32Array ? 'float32' : 'int64';
    const isShaped = own.length === expected.length && own.every((length, axis) => length === expected[axis]);
    const numbers = own.reduce((product, length) => product * length, 1);
    if (!isShaped || type !== dtype || data.length !== numbers)
      throw new RangeError(
        `${quoted(name)} must be ${dtype} [${expected.join(', ')}], and is ${type} [${own.join(', ')}] of ${data.length} numbers.`,
      );
  }
  return count;
}

/** `size` rows from one on; those that there are not, as the last one is. */
const rowsOf = (tensors: Tensors, from: number, size: number): Tensors =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, { shape, data }]): [string, TensorValues] => {
      const [count = 0, ...rest] = shape;
      const width = rest.reduce((product, length) => product * length, 1);
      const rows = data instanceof Float32Array ? new Float32Array(size * width) : new BigInt64Array(size * width);
      for (let n = 0; n < size; n++) {
        const row = Math.min(from + n, count - 1);
        copy(data, row * width, (row + 1) * width, rows, n * width);
      }
      return [name, { shape: [size, ...rest], data: rows }];
    }),
  );

/** The first `count` rows of all parts together. */
function joined(parts: readonly Tensors[], count: number): Tensors {
  return Object.fromEntries(
    Object.entries(parts[0]!).map(([name, first]): [string, TensorValues] => {
      const [, ...rest] = first.shape;
      const length = count * rest.reduce((product, each) => product * each, 1);
      const data = first.data instanceof Float32Array ? new Float32Array(length) : new BigInt64Array(length);
      let at = 0;
      for (const part of parts) {
        const own = part[name]!.data;
        const kept = Math.min(own.length, length - at);
        copy(own, 0, kept, data, at);
        at += kept;
      }
      return [name, { shape: [count, ...rest], data }];
    }),
  );
}

function copy(from: TensorValues['data'], start: number, end: number, into: TensorValues['data'], at: number): void {
  if (from instanceof Float32Array && into instanceof Float32Array) into.set(from.subarray(start, end), at);
  else if (from instanceof BigInt64Array && into instanceof BigInt64Array) into.set(from.subarray(start, end), at);
}
