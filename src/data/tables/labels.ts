import type { Split, Task } from '../dataset.ts';
import { toNumbers } from '../../formats/bytes/array.ts';
import { FormatError, quoted } from '../../files/error.ts';
import { type Columns, numeric } from './columns.ts';

export interface LabelPlan {
  readonly kind: Task['kind'];
  readonly key: string;
}

/** Which column is the label, and what task it makes: as asked, else as the dataset is known, else as the file has. */
export function planLabels(
  splits: readonly Columns[],
  asked: { readonly task: Task['kind'] | undefined; readonly key: string | undefined },
  known: Task['kind'] | undefined,
): LabelPlan {
  const has = (key: string): boolean => splits.some((columns) => columns.has(key));
  const keys = { regression: 'regression_labels', classification: 'classification_labels' } as const;
  const other = { regression: 'classification', classification: 'regression' } as const;
  const preferred = asked.task ?? known ?? 'regression';
  if (asked.key !== undefined) return { kind: preferred, key: asked.key };
  if (has(keys[preferred])) return { kind: preferred, key: keys[preferred] };
  if (asked.task === undefined && has(keys[other[preferred]]))
    return { kind: other[preferred], key: keys[other[preferred]] };
  return { kind: preferred, key: has('labels') ? 'labels' : keys[preferred] };
}

/** Labels `[N]` of a split: values, or class indices (from one-hot rows too); undefined where it has none. */
export function readLabels(
  columns: Columns,
  { kind, key }: LabelPlan,
  { file, split, required }: { readonly file: string; readonly split: Split; readonly required: boolean },
): Float32Array | undefined {
  if (!columns.has(key)) {
    if (!required) return undefined;
    throw new FormatError(
      file,
      `split "${split}" has no ${quoted(key)}; it has ${[...columns.keys()].map(quoted).join(', ')}.`,
    );
  }
  const array = numeric(columns.get(key));
  const rows = array?.shape[0] ?? 0;
  const values = array === undefined ? [] : toNumbers(array.data);
  // A file to predict on may carry the key and nothing in it.
  if (!required && values.every(Number.isNaN)) return undefined;
  if (kind === 'classification' && rows > 0 && values.length > rows)
    return fromOneHot(values, rows, { file, split, key });
  if (values.length === 0 || values.length !== rows)
    throw new FormatError(file, `split "${split}": ${quoted(key)} is not one number per sample; save numbers [N].`);
  return Float32Array.from(values);
}

/** Columns with labels of single modalities, by modality: MMSA ends their names in its first letter. */
export const ownLabelKeys = (columns: Columns, { key }: LabelPlan, names: readonly string[]): [string, string][] =>
  names.flatMap((name): [string, string][] => {
    const found = [`${key}_${name}`, `${key}_${name.charAt(0).toUpperCase()}`].find((each) => columns.has(each));
    return found === undefined ? [] : [[name, found]];
  });

function fromOneHot(
  values: readonly number[],
  rows: number,
  { file, split, key }: { readonly file: string; readonly split: Split; readonly key: string },
): Float32Array {
  const classes = values.length / rows;
  return Float32Array.from({ length: rows }, (_, row) => {
    const hot = values.slice(row * classes, (row + 1) * classes);
    if (hot.filter((v) => v === 1).length !== 1 || hot.some((v) => v !== 0 && v !== 1))
      throw new FormatError(file, `split "${split}", row ${row}: ${quoted(key)} is neither an index nor one-hot.`);
    return hot.indexOf(1);
  });
}

/** The task that the labels make, each of them checked against it. */
export function taskOf(
  labels: Readonly<Partial<Record<Split, Float32Array | undefined>>>,
  { kind, key }: LabelPlan,
  known: { readonly range?: readonly [number, number]; readonly classes?: readonly string[] },
  file: string,
): Task {
  const wrong = (split: string, row: number, value: number, rule: string): FormatError =>
    new FormatError(
      file,
      `split "${split}", row ${row}: label ${value} of ${quoted(key)} ${rule}; correct the file, or name its dataset.`,
    );
  const present = Object.entries(labels).filter((entry): entry is [Split, Float32Array] => entry[1] !== undefined);
  if (kind === 'regression') {
    for (const [split, values] of present)
      for (const [row, value] of values.entries()) {
        if (!Number.isFinite(value)) throw wrong(split, row, value, 'is no finite number');
        if (known.range !== undefined && (value < known.range[0] || value > known.range[1]))
          throw wrong(split, row, value, `is outside ${known.range[0]}..${known.range[1]}`);
      }
    return { kind, range: known.range ?? extent(labels.train ?? present[0]?.[1]) };
  }
  let count = known.classes?.length ?? 1;
  for (const [split, values] of present)
    for (const [row, value] of values.entries()) {
      if (!Number.isInteger(value) || value < 0) throw wrong(split, row, value, 'is no class index');
      if (known.classes !== undefined && value >= count) throw wrong(split, row, value, `is outside 0..${count - 1}`);
      if (value >= mostClasses) throw wrong(split, row, value, `is outside 0..${mostClasses - 1}`);
      count = Math.max(count, value + 1);
    }
  return { kind, classes: known.classes ?? Array.from({ length: count }, (_, index) => String(index)) };
}

// A column of ids or hashes taken for classes would build a head of that many outputs.
const mostClasses = 10_000;

/** Without labels nothing is known; the widest range in use does no harm. */
function extent(values: Float32Array | undefined): readonly [number, number] {
  if (values === undefined) return [-3, 3];
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return [low, high];
}
