/** A dataset from the tables of its splits, whatever format they came in. */
import {
  type ColumnEncodings,
  type Dataset,
  type Modality,
  type Samples,
  type Split,
  splits as allSplits,
  type Task,
} from '../dataset.ts';
import type { MetricKind } from '../../metrics/metric.ts';
import { type FoundFeatures, type OnCleaned, readFeatures } from './features.ts';
import type { Known } from './known.ts';
import { type Labels, readLabels } from './labels.ts';
import { withLacking } from './lacking.ts';
import { lengthColumn, modalitiesOf } from './modalities.ts';
import {
  absentKey,
  lengthKey,
  groupsOf,
  idsOf,
  nameVideos,
  sampleCountOf,
  splitTable,
  type SplitTable,
  splitTables,
  texts,
} from './table.ts';
import { encoded } from '../columns/encode.ts';
import { columnOf } from '../columns/types.ts';
import { type TokenOptions, withTokens } from './tokens.ts';

export interface TableOptions {
  /** Which modalities, in which order. Default: all, with text, audio and vision first. */
  readonly modalities?: readonly string[];
  /** Leaves out those of `modalities` that the data lacks, unless it lacks all. Default: that is an error. */
  readonly ifAny?: boolean;
  readonly task?: Task['kind'];
  /** Default: `regression_labels` or `classification_labels`, as the task has it. */
  readonly labelKey?: string;
  /** Whether a split without labels is an error. Default: true. */
  readonly requireLabels?: boolean;
  /** The splits to read, each of which must be there; or those that are there. Default: all three. */
  readonly splits?: readonly Split[] | 'present';
  /** A column, such as `video`, whose equal values say that samples belong together; it becomes `Samples.groups`. */
  readonly group?: string;
  /** Without `group`: takes the column that the data itself has for that, if any. Default: false. */
  readonly groupIfAny?: boolean;
  /** Reads the modality `text` as tokens, not as features. Default: as features. */
  readonly tokens?: TokenOptions;
  /** How columns become the features of a modality, as a run learnt it; default: as the description says. */
  readonly columns?: ColumnEncodings;
  /**
   * Puts samples that nothing says a split of in the split `test`, to predict them: those of a file without splits, and those
   * of a description that has none, or divides by fractions what has no labels to be trained on. `all` puts every sample
   * there, whatever its split. Columns of labels, groups and splits may then be missing from files. Default: false.
   */
  readonly unsplit?: boolean | 'all';
  /** How the fractions of a description are met. Default: `exact`, to one sample; `rounded`, as releases before did. */
  readonly fractions?: 'exact' | 'rounded';
  /** Leaves features in their file, from which samples are read when they are asked for. Default: reads them all. */
  readonly stored?: boolean;
  /**
   * With `stored`, spares going through features whose lengths are given: `cleaned` is 0 then, and this is called with how
   * many values of a modality became 0 whenever some are read.
   */
  readonly onCleaned?: OnCleaned;
}

interface Origin {
  /** The path of the file, which errors name. */
  readonly file: string;
  readonly known?: Known;
  /** Whether a person said which columns are modalities, so that any name is one. */
  readonly described?: boolean;
  /** Names in the files that were left aside before there were tables. */
  readonly unused?: readonly string[];
  readonly notes?: readonly string[];
  /** Begins the id of a sample that has none, before the number of its row. Default: the name of the split. */
  readonly unnamed?: string;
}

/**
 * A dataset from a `Map` of splits, each a `Map` of columns: `regression_labels`, `id`, `MODALITY_lengths` and others that
 * are known by their names, as MMSA has them. A numeric array `[N, T, D]` or `[N, D]` whose name is not known is a
 * modality. Takes over the arrays.
 */
export async function datasetOf(
  splits: unknown,
  { file, known: given = {}, described = false, unused = [], notes = [], unnamed, ...options }: TableOptions & Origin,
): Promise<Dataset> {
  const split = withLacking(splitTables(splits, options.splits ?? allSplits, file));
  const found = options.columns ? split.map((table) => withColumns(table, options.columns!)) : split;
  const { tokens, ifAny } = options;
  const hasText = tokens && !(ifAny && found.every(({ columns }) => !columns.has(tokens.from)));
  const tables = hasText ? withTokens(found, tokens) : found;
  const modalities = modalitiesOf(tables, {
    ...{ names: options.modalities, ifAny: options.ifAny ?? false },
    ...{ described, tokens: hasText ?? false },
  });
  const names = modalities.map(({ name }) => name);
  const labels = readLabels(tables, names, {
    ...{ task: options.task, key: options.labelKey, required: options.requireLabels ?? true, known: given },
  });
  const { known, note } = labels;
  const told = note === undefined ? notes : [...notes, note];
  const group = options.group ?? (options.groupIfAny && nameVideos(tables) ? 'video' : undefined);
  const counts = tables.map((table) => sampleCountOf(table, columnsReadOf(table, modalities, labels)));
  const { stored = false, onCleaned } = options;
  const features = await readFeatures(tables, modalities, { stored, onCleaned });
  const samples = tables.map((table, s) => [
    table.split,
    samplesOf(table, { count: counts[s]!, features: features.get(table.split)!, labels, group, unnamed }),
  ]);
  const cleanedOf = (name: string): number =>
    [...features.values()].reduce((sum, found) => sum + found.get(name)!.cleaned, 0);
  const read = new Set([...names, ...modalities.map(lengthColumn), labels.key, group, 'id']);
  for (const { keys } of labels.bySplit.values()) for (const key of keys) read.add(key);
  for (const name of names) read.add(absentKey(name)).add(lengthKey(name));
  for (const encodings of Object.values(options.columns ?? {})) for (const each of encodings) read.add(columnOf(each));
  return {
    name: known.name ?? file.replace(/^.*[\\/]/, '').replace(/\.[^.]*$/, ''),
    task: labels.task,
    metrics: metricKindOf(labels.task, known.metrics),
    modalities: modalities.map((modality) => ({ ...modality, cleaned: cleanedOf(modality.name) })),
    ignored: [...new Set(tables.flatMap(({ columns }) => [...columns.keys()]))]
      .filter((key) => !read.has(key))
      .concat(unused),
    ...(told.length > 0 && { notes: told }),
    ...(options.columns && { columns: options.columns }),
    splits: Object.fromEntries(samples) as Dataset['splits'],
  };
}

/** The table with each modality that is made of columns, unless it is there already. */
function withColumns(table: SplitTable, encodings: ColumnEncodings): SplitTable {
  const { file, split, columns } = table;
  const made = Object.entries(encodings).flatMap(([name, own]): [string, unknown][] =>
    columns.has(name) ? [] : [[name, encoded(columns, own, { file, ids: texts(columns.get('id')) })]],
  );
  return made.length === 0 ? table : splitTable(file, split, new Map([...columns, ...made]));
}

const columnsReadOf = (
  { split, columns }: SplitTable,
  modalities: readonly Modality[],
  { bySplit }: Labels,
): string[] => [
  ...modalities.map(({ name }) => name),
  ...modalities.flatMap((modality) => lengthColumn(modality) ?? []),
  ...bySplit.get(split)!.keys,
  ...(columns.has('id') ? ['id'] : []),
];

function samplesOf(
  table: SplitTable,
  {
    count,
    features,
    labels: { bySplit },
    group,
    unnamed,
  }: {
    readonly count: number;
    readonly features: ReadonlyMap<string, FoundFeatures>;
    readonly labels: Labels;
    readonly group: string | undefined;
    readonly unnamed: string | undefined;
  },
): Samples {
  const ids = idsOf(table, count, unnamed);
  const { labels, ownLabels } = bySplit.get(table.split)!;
  const byName = <T>(of: (found: FoundFeatures) => T): Record<string, T> =>
    Object.fromEntries([...features].map(([name, found]) => [name, of(found)]));
  return {
    ...{ ids, features: byName((found) => found.features), lengths: lengthsOf(table, features) },
    ...(labels && { labels }),
    ...(group !== undefined && { groups: groupsOf(table, group, ids) }),
    ...(ownLabels && { ownLabels }),
  };
}

/** The true lengths by modality; 0 for a sample that lacks it. */
const lengthsOf = (
  { numbers }: SplitTable,
  features: ReadonlyMap<string, FoundFeatures>,
): Readonly<Record<string, Int32Array>> =>
  Object.fromEntries(
    [...features].map(([name, { lengths }]) => {
      const absent = numbers.get(absentKey(name))?.data;
      return [name, absent ? lengths.map((length, n) => (absent[n] ? 0 : length)) : lengths];
    }),
  );

function metricKindOf(task: Task, known: MetricKind | undefined): MetricKind {
  if (task.kind === 'classification') return 'classification';
  return known === undefined || known === 'classification' ? 'regression' : known;
}
