/** Labels as a table has them: numbers, or names of classes; and those that are missing. */
import { NdArray, toNumbers } from '../../formats/bytes/array.ts';
import { FormatError, quoted } from '../../files/error.ts';
import { numeric, texts } from '../tables/table.ts';

/** The different labels, if they are texts: sorted, they are the classes. */
export function classNames(labels: readonly unknown[]): readonly string[] | undefined {
  const found = labels.flatMap((column) => (column === undefined || numeric(column) ? [] : (texts(column) ?? [])));
  const names = new Set(found.filter((name) => name !== ''));
  return names.size > 0 ? [...names].sort() : undefined;
}

/** Whether a sample's label is missing: not a number, or an empty text; of several labels, whether all of them are. */
export function missingLabels(labels: unknown, { several }: { readonly several: boolean }): readonly boolean[] {
  const array = numeric(labels);
  if (!array) return (texts(labels) ?? []).map((name) => name === '');
  const numbers = toNumbers(array.data);
  const width = numbers.length / array.shape[0]!;
  return Array.from({ length: array.shape[0]! }, (_, n) => {
    const own = numbers.slice(n * width, (n + 1) * width);
    return several ? own.every(Number.isNaN) : own.some(Number.isNaN);
  });
}

/** Labels that are class names as their indices, NaN for those that are missing; numbers as they are. */
export function withIndices(labels: unknown, classes: readonly string[], file: string): unknown {
  if (numeric(labels)) return labels;
  const indices = texts(labels)!.map((name, row) => {
    const index = name === '' ? Number.NaN : classes.indexOf(name);
    if (index < 0)
      throw new FormatError(file, `row ${row}: the label ${quoted(name)} is none of ${classes.join(', ')}.`);
    return index;
  });
  return new NdArray([indices.length], 'float32', Float32Array.from(indices));
}

/** Whether all numbers of several labels are 0 or 1, those that are missing apart. */
export const areBinary = (labels: unknown): boolean =>
  toNumbers(numeric(labels)?.data ?? new Float32Array()).every((x) => x === 0 || x === 1 || Number.isNaN(x));
