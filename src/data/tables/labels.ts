/** The labels in a dataset's tables, and the task that they make. */
import { toNumbers } from '../../formats/bytes/array.ts';
import { FormatError, quoted } from '../../files/error.ts';
import type { Split, Task } from '../dataset.ts';
import type { SplitTable } from './table.ts';

export interface LabelOptions {
  readonly task: Task['kind'] | undefined;
  /** The column. Default: `regression_labels` or `classification_labels`, as the task has it, or `labels`. */
  readonly key: string | undefined;
  /** Whether a split without labels is an error. */
  readonly required: boolean;
  /** Facts about the dataset that its tables do not tell. */
  readonly known: {
    readonly task?: Task['kind'];
    readonly range?: readonly [number, number];
    readonly classes?: readonly string[];
  };
}

export interface Labels {
  readonly task: Task;
  /** The column of the labels, in the splits that have some. */
  readonly key: string;
  readonly bySplit: ReadonlyMap<Split, SplitLabels>;
}

interface SplitLabels {
  /** `[N]`: values, or class indices. */
  readonly labels?: Float32Array;
  /** `[N]` by modality. */
  readonly ownLabels?: Readonly<Record<string, Float32Array>>;
  /** The columns that these were read from. */
  readonly keys: readonly string[];
}

/** All labels of a dataset with these modalities. Throws a `FormatError` for one that does not fit the task. */
export function readLabels(
  tables: readonly SplitTable[],
  modalities: readonly string[],
  options: LabelOptions,
): Labels {
  const { kind, key } = columnOf(tables, options);
  const { known, required } = options;
  const facts = { ...known, required };
  const labels = tables.map((table) => valuesOf(table, key, { kind, required }));
  const bySplit = new Map<Split, SplitLabels>();
  for (const [s, table] of tables.entries()) {
    const own = ownColumns(table, key, modalities).map(([modality, column]) => {
      const values = valuesOf(table, column, { kind, required: true })!;
      taskOf(kind, [{ table, key: column, values }], { ...facts, required: true });
      return { modality, column, values };
    });
    bySplit.set(table.split, {
      ...(labels[s] && { labels: labels[s] }),
      ...(own.length > 0 && { ownLabels: Object.fromEntries(own.map(({ modality, values }) => [modality, values])) }),
      keys: [...(labels[s] ? [key] : []), ...own.map(({ column }) => column)],
    });
  }
  const present = tables.flatMap((table, s) => (labels[s] ? [{ table, key, values: labels[s] }] : []));
  return { task: taskOf(kind, present, facts), key, bySplit };
}

/** The column of the labels, and its task: as asked, else as is known of the dataset, else by the columns there are. */
function columnOf(
  tables: readonly SplitTable[],
  { task: asked, key, known }: LabelOptions,
): { readonly kind: Task['kind']; readonly key: string } {
  const has = (name: string): boolean => tables.some(({ columns }) => columns.has(name));
  const keys = { regression: 'regression_labels', classification: 'classification_labels' } as const;
  const other = { regression: 'classification', classification: 'regression' } as const;
  const preferred = asked ?? known.task ?? 'regression';
  if (key !== undefined) return { kind: preferred, key };
  if (has(keys[preferred])) return { kind: preferred, key: keys[preferred] };
  if (asked === undefined && has(keys[other[preferred]]))
    return { kind: other[preferred], key: keys[other[preferred]] };
  return { kind: preferred, key: has('labels') ? 'labels' : keys[preferred] };
}

/** Columns with labels of single modalities, by modality: MMSA ends their names in its first letter. */
const ownColumns = ({ columns }: SplitTable, key: string, names: readonly string[]): [string, string][] =>
  names.flatMap((name): [string, string][] => {
    const found = [`${key}_${name}`, `${key}_${name.charAt(0).toUpperCase()}`].find((each) => columns.has(each));
    return found === undefined ? [] : [[name, found]];
  });

/** A column of labels `[N]`: values, or class indices (from one-hot rows too); undefined where a split has none. */
function valuesOf(
  { file, split, columns, numbers }: SplitTable,
  key: string,
  { kind, required }: { readonly kind: Task['kind']; readonly required: boolean },
): Float32Array | undefined {
  if (!columns.has(key)) {
    if (!required) return undefined;
    throw new FormatError(
      file,
      `split "${split}" has no ${quoted(key)}; it has ${[...columns.keys()].map(quoted).join(', ')}.`,
    );
  }
  const array = numbers.get(key);
  const rows = array?.shape[0] ?? 0;
  const values = array === undefined ? [] : toNumbers(array.data);
  // A file to predict on may have a column of labels without a number in it.
  if (!required && values.every(Number.isNaN)) return undefined;
  if (kind === 'classification' && rows > 0 && values.length > rows)
    return fromOneHot(values, rows, { file, split, key });
  if (values.length === 0 || values.length !== rows)
    throw new FormatError(file, `split "${split}": ${quoted(key)} is not one number per sample; save numbers [N].`);
  return Float32Array.from(values);
}

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

interface LabelColumn {
  readonly table: SplitTable;
  readonly key: string;
  readonly values: Float32Array;
}

/** The task that columns of labels make, each value checked against it; one may be missing unless it is required. */
function taskOf(
  kind: Task['kind'],
  labels: readonly LabelColumn[],
  { required, ...known }: LabelOptions['known'] & Pick<LabelOptions, 'required'>,
): Task {
  const check = (ruleBrokenBy: (value: number) => string | undefined): void => {
    for (const { table, key, values } of labels)
      for (const [row, value] of values.entries()) {
        if (!required && Number.isNaN(value)) continue;
        const rule = ruleBrokenBy(value);
        if (rule !== undefined)
          throw new FormatError(
            table.file,
            `split "${table.split}", row ${row}: label ${value} of ${quoted(key)} ${rule}; correct the file, or name its dataset.`,
          );
      }
  };
  if (kind === 'regression') {
    const { range } = known;
    check((value) => {
      if (!Number.isFinite(value)) return 'is no finite number';
      return range && (value < range[0] || value > range[1]) ? `is outside ${range[0]}..${range[1]}` : undefined;
    });
    const training = labels.find(({ table }) => table.split === 'train') ?? labels[0];
    return { kind, range: range ?? extent(training?.values) };
  }
  let count = known.classes?.length ?? 1;
  check((value) => {
    if (!Number.isInteger(value) || value < 0) return 'is no class index';
    if (known.classes !== undefined && value >= count) return `is outside 0..${count - 1}`;
    if (value >= mostClasses) return `is outside 0..${mostClasses - 1}`;
    count = Math.max(count, value + 1);
    return undefined;
  });
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
    if (Number.isNaN(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return [low, high];
}
