/** A dataset from the tables of its splits, whatever format they came in. */
import {
  type ColumnEncodings,
  type Dataset,
  type Modality,
  type ModalitySources,
  type Samples,
  type Split,
  splits as allSplits,
  type Task,
} from '../dataset.ts';
import { conventions, type MetricKind } from '../../metrics/metric.ts';
import { type FoundFeatures, type OnRead, readFeatures } from './features.ts';
import type { Known } from './known.ts';
import { readLabels } from './labels.ts';
import type { Labels } from './read-labels.ts';
import { withLacking } from './lacking.ts';
import { lengthColumn, modalitiesOf } from './modalities.ts';
import { movedText } from './moved.ts';
import type { Padding } from './padding.ts';
import {
  absentKey,
  emptyKey,
  groupsOf,
  idsOf,
  lengthKey,
  nameVideos,
  otherSplits,
  sampleCountOf,
  type SplitTable,
  splitTables,
  unevenKey,
  withIds,
} from './table.ts';
import { asTrained } from './as-trained.ts';
import { columnOf } from '../columns/numbers.ts';
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
  /** Whether fractions of a description keep together what ids such as `video$_$clip` tell of groups. Default: true. */
  readonly groupsByIds?: boolean;
  /** Reads the modality `text` as tokens, not as features. Default: as features. */
  readonly tokens?: TokenOptions;
  /** How columns become the features of a modality, as a run learnt it; default: as the description says. */
  readonly columns?: ColumnEncodings;
  /** Where modalities stood when a model was trained, that they be found again in files without a description. */
  readonly sources?: ModalitySources;
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
   * With `stored`, spares going through features whose lengths are given: nothing is counted in them then, and this is
   * called with what was found in a modality whenever some of its samples are read.
   */
  readonly onRead?: OnRead;
  /**
   * How padding is read. Default: `found`, wherever it stands; numbers beyond lengths that are given are an error. `end`, as
   * releases before did: what stands beyond a length is padding, and zeros in front are time steps.
   */
  readonly padding?: Padding;
  /** What the column of ids may be called; in files that have none of these it is `id`. Default: `id` alone. */
  readonly idKeys?: readonly string[];
  /** Modalities whose padding stood in front in training, so that it does in new samples without lengths. Default: none. */
  readonly front?: readonly string[];
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
  const named = splitTables(splits, options.splits ?? allSplits, file).map((table) =>
    withIds(table, options.idKeys ?? []),
  );
  const split = withLacking(named);
  const told = new Set(notes);
  const found = split.map((table) =>
    asTrained(table, { ...options, isDescribed: described }, (text) => told.add(`${file}: ${text}`)),
  );
  const { tokens, ifAny } = options;
  const hasText = tokens && !(ifAny && found.every(({ columns }) => !columns.has(tokens.from)));
  const tables = hasText ? withTokens(found, tokens) : found;
  const modalities = modalitiesOf(tables, {
    ...{ names: options.modalities, ifAny: options.ifAny ?? false },
    ...{ described, tokens: hasText ?? false },
  });
  const names = modalities.map(({ name }) => name);
  const labels = readLabels(tables, names, {
    ...{ task: options.task, key: options.labelKey, required: options.requireLabels ?? true, described, known: given },
  });
  const { known, note } = labels;
  if (note !== undefined) told.add(note);
  const group = options.group ?? (options.groupIfAny && nameVideos(tables) ? 'video' : undefined);
  const counts = tables.map((table) => sampleCountOf(table, columnsReadOf(table, modalities, labels)));
  const { stored = false, onRead, padding = 'found', front = [] } = options;
  const unread = otherSplits(splits, tables);
  const others = (): SplitTable[] => splitTables(splits, unread, file);
  const features = await readFeatures(tables, modalities, { stored, onRead, padding, front, others });
  const samples = tables.map((table, s) => [
    table.split,
    samplesOf(table, { count: counts[s]!, features: features.get(table.split)!, labels, group, unnamed, padding }),
  ]);
  const read = modalities.map((modality) => withFound(modality, [...features.values()]));
  const count = counts.reduce((sum, each) => sum + each, 0);
  for (const modality of read) {
    const text = movedText(modality, count);
    if (text !== undefined) told.add(text);
  }
  const used = new Set([...names, ...modalities.map(lengthColumn), labels.key, group, 'id']);
  for (const { keys } of labels.bySplit.values()) for (const key of keys) used.add(key);
  for (const name of names) for (const keyOf of [absentKey, emptyKey, unevenKey, lengthKey]) used.add(keyOf(name));
  for (const encodings of Object.values(options.columns ?? {})) for (const each of encodings) used.add(columnOf(each));
  return {
    name: known.name ?? file.replace(/^.*[\\/]/, '').replace(/\.[^.]*$/, ''),
    task: labels.task,
    metrics: metricKindOf(labels.task, known.metrics),
    modalities: read,
    ignored: [...new Set(tables.flatMap(({ columns }) => [...columns.keys()]))]
      .filter((key) => !used.has(key))
      .concat(unused),
    ...(told.size > 0 && { notes: [...told] }),
    ...(options.columns && { columns: options.columns }),
    ...(unread.length > 0 && { otherSplits: unread }),
    splits: Object.fromEntries(samples) as Dataset['splits'],
  };
}

/** A modality with what was found in its samples, split by split. */
function withFound(modality: Modality, splits: readonly ReadonlyMap<string, FoundFeatures>[]): Modality {
  const found = splits.map((split) => split.get(modality.name)!);
  const cleaned = found.reduce((sum, each) => sum + each.cleaned, 0);
  const moved = found.reduce((sum, each) => sum + each.moved, 0);
  return {
    ...{ ...modality, cleaned },
    ...(moved > 0 && { moved }),
    ...(moved > 0 && found.some(({ isFront }) => isFront) && { lengthSource: { kind: 'leading-zeros' } }),
  };
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
    padding,
  }: {
    readonly count: number;
    readonly features: ReadonlyMap<string, FoundFeatures>;
    readonly labels: Labels;
    readonly group: string | undefined;
    readonly unnamed: string | undefined;
    readonly padding: Padding;
  },
): Samples {
  const ids = idsOf(table, count, unnamed);
  const { labels, ownLabels } = bySplit.get(table.split)!;
  const byName = <T>(of: (found: FoundFeatures) => T): Record<string, T> =>
    Object.fromEntries([...features].map(([name, found]) => [name, of(found)]));
  return {
    ...{ ids, features: byName((found) => found.features), lengths: lengthsOf(table, features, padding) },
    ...(labels && { labels }),
    ...(group !== undefined && { groups: groupsOf(table, group, ids) }),
    ...(ownLabels && { ownLabels }),
  };
}

/** The true lengths by modality; 0 for a sample that lacks it. */
const lengthsOf = (
  { numbers }: SplitTable,
  features: ReadonlyMap<string, FoundFeatures>,
  padding: Padding,
): Readonly<Record<string, Int32Array>> =>
  Object.fromEntries(
    [...features].map(([name, { lengths }]) => {
      // Releases that took all padding to be at the end knew of empty rows only where every split had some.
      const absent = [absentKey(name), ...(padding === 'end' ? [] : [emptyKey(name), unevenKey(name)])].map(
        (key) => numbers.get(key)?.data,
      );
      return [name, lengths.map((length, n) => (absent.some((each) => each?.[n]) ? 0 : length))];
    }),
  );

function metricKindOf({ kind }: Task, known: MetricKind | undefined): MetricKind {
  if (kind === 'multilabel' && known === 'mosei-emotions') return known;
  if (kind !== 'regression') return kind;
  return known !== undefined && conventions.some((each) => each === known) ? known : 'regression';
}
