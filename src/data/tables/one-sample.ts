/** A file of one sample alone: an array of steps per modality, without an axis of samples. */
import { NdArray } from '../../formats/bytes/array.ts';
import { type Columns, numeric } from './table.ts';

/**
 * Arrays `[T, D]`, one per modality, as those of one sample, `[1, T, D]`; anything else in the file, such as an id or a
 * label, as a column of one. Undefined where they may be rows of several samples: where two have as many steps, or one of
 * the others has a row for each step.
 */
export function asOneSample(value: ReadonlyMap<unknown, unknown>): Columns | undefined {
  const entries = [...value].filter((entry): entry is [string, unknown] => typeof entry[0] === 'string');
  const steps = entries.flatMap(([, item]) => {
    const array = numeric(item);
    return array?.shape.length === 2 ? [array.shape[0]!] : [];
  });
  if (steps.length < 2 || new Set(steps).size !== steps.length) return undefined;
  const columns = entries.map(([name, item]) => [name, columnOfOne(item)] as const);
  if (columns.some(([, column]) => column === undefined)) return undefined;
  return new Map(columns);
}

function columnOfOne(item: unknown): unknown {
  if (typeof item === 'string' || typeof item === 'number') return [item];
  if (item instanceof NdArray && item.shape.length < 2 && item.elements instanceof Object) {
    const { length } = item.data;
    return length === 1 ? new NdArray([1], item.dtype, item.data) : undefined;
  }
  const array = numeric(item);
  if (array?.shape.length === 2) return new NdArray([1, ...array.shape], array.dtype, array.elements);
  return Array.isArray(item) && item.length === 1 ? item : undefined;
}
