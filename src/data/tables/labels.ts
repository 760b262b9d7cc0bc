/** The labels in a dataset's tables, and the task that they make. */
import { toNumbers } from '../../formats/bytes/array.ts';
import { FormatError, quoted } from '../../files/error.ts';
import type { Split, Task } from '../dataset.ts';
import { isSeveral, type SeveralLabels } from '../task.ts';
import { type ClassLabel, classesIn, classNumbering } from './classes.ts';
import type { Known } from './known.ts';
import { extent, type LabelOptions, type Labels, type SplitLabels } from './read-labels.ts';
import { readSeveralLabels } from './several-labels.ts';
import { lackingLabels, type SplitTable, texts } from './table.ts';

/**
 * All labels of a dataset with these modalities. What is known of a published dataset is used only where the labels are
 * like its own. Throws a `FormatError` for a label that does not fit the task.
 */
export function readLabels(
  tables: readonly SplitTable[],
  modalities: readonly string[],
  options: LabelOptions,
): Labels {
  const { task: asked = options.known.task } = options;
  if (asked !== undefined && isSeveral(asked)) return readSeveralLabels(tables, asked, options);
  const found = columnsOf(tables, modalities, options);
  const { title, task } = options.known;
  const contrary = title === undefined ? undefined : contradiction(found, options.known);
  if (contrary === undefined) return labelsOf(tables, found, options);
  // Four classes in a file that is called IEMOCAP's are classes still; numbers with fractions are not.
  const known = task && !isSeveral(task) && areOf(task, found) ? { task } : {};
  return {
    ...readLabels(tables, modalities, { ...options, known }),
    note: `The labels are not those of ${title!} (${contrary}): its names, range and metrics are not used.`,
  };
}

interface LabelColumn {
  readonly table: SplitTable;
  readonly key: string;
  /** Of which modality alone these are labels. */
  readonly modality?: string;
  /** `[N]`, NaN or an empty text where one is missing. */
  readonly values: readonly ClassLabel[];
}

/** A task whose labels are one of a sample. */
type Kind = Exclude<Task['kind'], SeveralLabels['kind']>;

interface FoundLabels {
  readonly kind: Kind;
  readonly key: string;
  readonly columns: readonly LabelColumn[];
}

function columnsOf(tables: readonly SplitTable[], modalities: readonly string[], options: LabelOptions): FoundLabels {
  const { kind, key } = columnOf(tables, options);
  const { required, described } = options;
  const columns = tables.flatMap((table): LabelColumn[] => {
    const values = valuesOf(table, key, { kind, required, described });
    const own = ownColumns(table, key, modalities).map(([modality, column]): LabelColumn => {
      return { table, key: column, modality, values: valuesOf(table, column, { kind, required: true, described })! };
    });
    return [...(values ? [{ table, key, values }] : []), ...own];
  });
  return { kind, key, columns };
}

const areOf = (task: Kind, { columns }: FoundLabels): boolean =>
  columns.every(({ values }) =>
    values.every((value) =>
      task === 'regression'
        ? typeof value === 'number'
        : typeof value === 'string' || isMissing(value) || Number.isInteger(value),
    ),
  );

/** How labels differ from those of the published dataset that is known; undefined where they do not. */
function contradiction({ kind, columns }: FoundLabels, { range, classes = [] }: Known): string | undefined {
  const values = columns.flatMap((column) => column.values.filter((value) => !isMissing(value)));
  if (kind === 'regression') {
    const outside = values.find((value) => range && !(Number(value) >= range[0] && Number(value) <= range[1]));
    return outside === undefined
      ? undefined
      : `${Number(Number(outside).toPrecision(6))} is outside ${range![0]}..${range![1]}`;
  }
  const isOne = (value: ClassLabel): boolean =>
    typeof value === 'string'
      ? classes.includes(value)
      : Number.isInteger(value) && value >= 0 && value < classes.length;
  const other = values.find((value) => !isOne(value));
  if (other !== undefined)
    return `${typeof other === 'string' ? quoted(other) : other} is none of its ${classes.length} classes`;
  // A split that is read alone need not have every class.
  const count = new Set(values).size;
  const whole = columns.some(({ table }) => table.split === 'train');
  return whole && count < classes.length ? `they have ${count} classes, not ${classes.length}` : undefined;
}

const isMissing = (value: ClassLabel): boolean => value === '' || Number.isNaN(value);

/** The labels of columns, each value checked against the task; one may be missing unless labels are required. */
function labelsOf(
  tables: readonly SplitTable[],
  { kind, key, columns }: FoundLabels,
  { known, required }: LabelOptions,
): Labels {
  const values = columns.flatMap((column) => column.values);
  const classes = kind === 'regression' ? undefined : (known.classes ?? classesIn(values));
  const indexOf = classes && classNumbering(values, classes);
  const rule = indexOf ? ruleOfClasses(classes, indexOf) : ruleOfValues(known.range);
  for (const { table, key: name, modality, ...column } of columns)
    for (const [row, value] of column.values.entries()) {
      if (isMissing(value) && !required && modality === undefined) continue;
      const broken = rule(value);
      if (broken !== undefined)
        throw new FormatError(
          table.file,
          `split "${table.split}", row ${row}: label ${typeof value === 'string' ? quoted(value) : value} of ${quoted(name)} ${broken}; correct the file, or name its dataset.`,
        );
    }
  const numbered = columns.map((column) => ({
    ...column,
    labels: Float32Array.from(column.values, indexOf ?? Number),
  }));
  const bySplit = tables.map(({ split }): [Split, SplitLabels] => {
    const all = numbered.filter(({ table }) => table.split === split);
    const shared = all.find(({ modality }) => modality === undefined);
    const own = all.flatMap(({ modality, labels }) => (modality === undefined ? [] : [[modality, labels] as const]));
    return [
      split,
      {
        ...(shared && { labels: shared.labels }),
        ...(own.length > 0 && { ownLabels: Object.fromEntries(own) }),
        keys: all.map((column) => column.key),
      },
    ];
  });
  const all = numbered.filter(({ modality }) => modality === undefined);
  const training = all.find(({ table }) => table.split === 'train') ?? all[0];
  const task: Task = classes
    ? { kind: 'classification', classes }
    : { kind: 'regression', range: known.range ?? extent(training?.labels) };
  return { task, key, bySplit: new Map(bySplit), known };
}

/** Says what is wrong with a label; undefined where nothing is. */
type Rule = (value: ClassLabel) => string | undefined;

const ruleOfValues =
  (range: Known['range']): Rule =>
  (value) => {
    if (!Number.isFinite(value)) return 'is no finite number';
    return range && (Number(value) < range[0] || Number(value) > range[1])
      ? `is outside ${range[0]}..${range[1]}`
      : undefined;
  };

const ruleOfClasses =
  (classes: readonly string[], indexOf: (label: ClassLabel) => number): Rule =>
  (value) => {
    if (typeof value === 'number' && !Number.isInteger(value)) return 'is no class index';
    if (Number.isNaN(indexOf(value)))
      return typeof value === 'string' ? `is none of ${classes.join(', ')}` : `is outside 0..${classes.length - 1}`;
    return classes.length > mostClasses ? `is of one of more than ${mostClasses} classes` : undefined;
  };

// A column of ids or hashes taken for classes would build a head of that many outputs.
const mostClasses = 10_000;

/** The column of the labels, and its task: as asked, else as is known of the dataset, else by the columns there are. */
function columnOf(
  tables: readonly SplitTable[],
  { task, key, known }: LabelOptions,
): { readonly kind: Kind; readonly key: string } {
  const has = (name: string): boolean => tables.some(({ columns }) => columns.has(name));
  const keys = { regression: 'regression_labels', classification: 'classification_labels' } as const;
  const other = { regression: 'classification', classification: 'regression' } as const;
  const [asked, expected] = [task, known.task].map(singleKind);
  const preferred = asked ?? expected ?? 'regression';
  const isText = (name: string): boolean => tables.some((table) => namesIn(table, name) !== undefined);
  const kindOf = (name: string): Kind => (asked === undefined && isText(name) ? 'classification' : preferred);
  if (key !== undefined) return { kind: kindOf(key), key };
  if (has(keys[preferred])) return { kind: preferred, key: keys[preferred] };
  if (asked === undefined && has(keys[other[preferred]]))
    return { kind: other[preferred], key: keys[other[preferred]] };
  return has('labels') ? { kind: kindOf('labels'), key: 'labels' } : { kind: preferred, key: keys[preferred] };
}

const singleKind = (kind: Task['kind'] | undefined): Kind | undefined =>
  kind === undefined || isSeveral(kind) ? undefined : kind;

/** Columns with labels of single modalities, by modality: MMSA ends their names in its first letter. */
const ownColumns = ({ columns }: SplitTable, key: string, names: readonly string[]): [string, string][] =>
  names.flatMap((name): [string, string][] => {
    const found = [`${key}_${name}`, `${key}_${name.charAt(0).toUpperCase()}`].find((each) => columns.has(each));
    return found === undefined ? [] : [[name, found]];
  });

/** A column of labels `[N]`: values, or classes (by index, from one-hot rows); undefined where a split has none. */
function valuesOf(
  table: SplitTable,
  key: string,
  { kind, required, described }: { readonly kind: Kind } & Pick<LabelOptions, 'required' | 'described'>,
): readonly ClassLabel[] | undefined {
  const { file, split, columns, numbers } = table;
  if (!columns.has(key)) {
    if (!required) return undefined;
    throw lackingLabels(table, { key, described });
  }
  const names = kind === 'classification' ? namesIn(table, key) : undefined;
  if (names) return !required && names.every((name) => name === '') ? undefined : names;
  const array = numbers.get(key);
  const rows = array?.shape[0] ?? 0;
  const values = array === undefined ? [] : toNumbers(array.data);
  // A file to predict on may have a column of labels without a number in it.
  if (!required && values.every(Number.isNaN)) return undefined;
  if (kind === 'classification' && rows > 0 && values.length > rows)
    return fromOneHot(values, rows, { file, split, key });
  if (values.length === 0 || values.length !== rows)
    throw new FormatError(file, `split "${split}": ${quoted(key)} is not one number per sample; save numbers [N].`);
  return values;
}

/** A column of texts; undefined where it holds numbers, or anything else. */
const namesIn = ({ columns, numbers }: SplitTable, key: string): readonly string[] | undefined =>
  numbers.has(key) ? undefined : texts(columns.get(key));

function fromOneHot(
  values: readonly number[],
  rows: number,
  { file, split, key }: { readonly file: string; readonly split: Split; readonly key: string },
): number[] {
  const classes = values.length / rows;
  return Array.from({ length: rows }, (_, row) => {
    const hot = values.slice(row * classes, (row + 1) * classes);
    if (hot.filter((v) => v === 1).length !== 1 || hot.some((v) => v !== 0 && v !== 1))
      throw new FormatError(file, `split "${split}", row ${row}: ${quoted(key)} is neither an index nor one-hot.`);
    return hot.indexOf(1);
  });
}
