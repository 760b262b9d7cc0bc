import {
  type Dataset,
  type LengthSource,
  type Modality,
  type Samples,
  type Split,
  splits as allSplits,
  type Task,
} from '../dataset.ts';
import type { FeatureArray } from '../features.ts';
import { FormatError, quoted } from '../../files/error.ts';
import { checkRows, type Columns, groupsOf, numeric, texts } from './columns.ts';
import {
  checkFeatures,
  featureNames,
  featureShape,
  type OnCleaned,
  readFeatures,
  sharedArrays,
  storedModality,
  timeSteps,
} from './features.ts';
import { ownLabelKeys, planLabels, readLabels, taskOf } from './labels.ts';
import { givenLengths, lengthKey, lengthSource } from './lengths.ts';
import { detectPreset, type Preset, type PresetName, presets } from '../published/presets.ts';
import { validateOnTest } from '../published/protocol.ts';
import { tokenCountKey, type TokenOptions, withTokens } from './tokens.ts';

export interface MmsaOptions {
  /** Which modalities, in which order. Default: all, with text, audio and vision first. */
  readonly modalities?: readonly string[];
  readonly task?: Task['kind'];
  /** What is known of the dataset. Default: told from the file name. */
  readonly preset?: PresetName | 'none';
  /** What its description says of a dataset; then there is no preset. */
  readonly known?: Known;
  /** Default: `regression_labels` or `classification_labels`, as the task has it. */
  readonly labelKey?: string;
  /** Whether a split without labels is an error. Default: true. */
  readonly requireLabels?: boolean;
  /** The splits to read, each of which must be there; or those that are there. Default: all three. */
  readonly splits?: readonly Split[] | 'present';
  /** `paper_count`: train on train and valid together, validate on test, as the authors count IEMOCAP's samples. */
  readonly protocol?: 'session_valid' | 'paper_count';
  /** A column, such as `video`, whose equal values say that samples belong together; it becomes `Samples.groups`. */
  readonly group?: string;
  /** Reads the modality `text` as tokens, not as features. Default: as features. */
  readonly tokens?: TokenOptions;
  /** Leaves features in their file, from which samples are read when they are asked for. Default: reads them all. */
  readonly stored?: boolean;
  /**
   * With `stored`, spares going through features whose lengths are given: `cleaned` is 0 then, and this is told how many
   * values of a modality became 0 whenever some are read.
   */
  readonly onCleaned?: OnCleaned;
}

export interface Known {
  readonly name: string;
  readonly metrics: Dataset['metrics'];
  readonly range?: readonly [number, number];
  readonly classes?: readonly string[];
}

/**
 * A dataset from what an MMSA-layout pickle holds: a dict of splits, each a dict of parallel arrays. A numeric array
 * `[N, T, D]` or `[N, D]` whose key is not known to be something else is a modality. Takes over the arrays of `value`.
 */
export async function readMmsa(
  value: unknown,
  { file, ...options }: MmsaOptions & { readonly file: string },
): Promise<Dataset> {
  const wanted = options.protocol === 'paper_count' ? allSplits : (options.splits ?? allSplits);
  const found = readTables(value, wanted, file);
  const tables = options.tokens ? withTokens(found, options.tokens, file) : found;
  const columns = tables.map(([, table]) => table);
  const presetName = options.known || options.preset === 'none' ? undefined : (options.preset ?? detectPreset(file));
  const preset: (Partial<Preset> & Omit<Known, 'name'>) | undefined =
    options.known ?? (presetName === undefined ? undefined : presets[presetName]);

  const names = options.modalities ?? featureNames(tables);
  checkFeatures(names, tables, file, { described: options.known !== undefined });
  const plan = planLabels(columns, { task: options.task, key: options.labelKey }, preset?.task);
  const labels = Object.fromEntries(
    tables.map(([split, table]) => [
      split,
      readLabels(table, plan, { file, split, required: options.requireLabels ?? true }),
    ]),
  );
  const modalities = names.map((name): Modality => {
    const width = featureShape(columns[0]!, name)[2];
    const time = Math.max(...columns.map((table) => timeSteps(table, name)));
    if (options.tokens && name === 'text')
      return { name, time, width, lengthSource: { kind: 'key', key: tokenCountKey }, cleaned: 0, tokens: true };
    return { name, time, width, lengthSource: lengthSource(name, columns, timeSteps), cleaned: 0 };
  });
  const cleaned = new Map<string, number>();
  const shared = sharedArrays(names, tables);
  const samples: [Split, Samples][] = [];
  const ownLabelColumns = new Set<string>();
  for (const [split, table] of tables) {
    const keys = [...names, ...modalities.flatMap(({ lengthSource: source }) => sourceKey(source) ?? [])];
    if (labels[split] !== undefined) keys.push(plan.key);
    const ownKeys = ownLabelKeys(table, plan, names);
    keys.push(...ownKeys.map(([, key]) => key));
    if (table.has('id')) keys.push('id');
    const rows = checkRows(table, keys, { file, split });
    const features: [string, FeatureArray][] = [];
    const lengths: [string, Int32Array][] = [];
    for (const { name, time, lengthSource: source } of modalities) {
      const key = sourceKey(source);
      const given =
        key !== undefined
          ? givenLengths(table, key, timeSteps(table, name), { file, split })
          : source.kind === 'single-step'
            ? new Int32Array(rows).fill(1)
            : undefined;
      const reading = { file, time, lengths: given };
      const found =
        (options.stored ? storedModality(table, name, { ...reading, onCleaned: options.onCleaned }) : undefined) ??
        (await readFeatures(table, name, { ...reading, shared }));
      cleaned.set(name, (cleaned.get(name) ?? 0) + found.cleaned);
      features.push([name, found.features]);
      lengths.push([name, found.lengths]);
    }
    const ids = texts(table.get('id')) ?? Array.from({ length: rows }, (_, n) => `${split}-${n}`);
    const ownLabels = ownKeys.map(([name, key]): [string, Float32Array] => {
      const values = readLabels(table, { kind: plan.kind, key }, { file, split, required: true })!;
      taskOf({ [split]: values }, { kind: plan.kind, key }, preset ?? {}, file);
      ownLabelColumns.add(key);
      return [name, values];
    });
    samples.push([
      split,
      {
        ...{ ids, features: Object.fromEntries(features), lengths: Object.fromEntries(lengths) },
        ...(labels[split] && { labels: labels[split] }),
        ...(options.group !== undefined && { groups: groupsOf(table, options.group, ids, { file, split }) }),
        ...(ownLabels.length > 0 && { ownLabels: Object.fromEntries(ownLabels) }),
      },
    ]);
  }

  const task = taskOf(labels, plan, preset ?? {}, file);
  const lengthColumns = modalities.map(({ lengthSource: source }) => sourceKey(source));
  const read = new Set([...names, ...lengthColumns, plan.key, ...ownLabelColumns, options.group, 'id']);
  const splits = Object.fromEntries(samples) as Dataset['splits'];
  return {
    name: options.known?.name ?? presetName ?? file.replace(/^.*[\\/]/, '').replace(/\.[^.]*$/, ''),
    task,
    metrics: metricsOf(task, preset?.metrics),
    modalities: modalities.map((modality) => ({ ...modality, cleaned: cleaned.get(modality.name) ?? 0 })),
    ignored: [...new Set(columns.flatMap((table) => [...table.keys()]))].filter((key) => !read.has(key)),
    splits: options.protocol === 'paper_count' ? validateOnTest(splits) : splits,
  };
}

/** The splits asked for, with every column that holds numbers as an array of them. */
function readTables(value: unknown, wanted: readonly Split[] | 'present', file: string): (readonly [Split, Columns])[] {
  const keys = value instanceof Map ? [...value.keys()].filter((key) => typeof key === 'string') : [];
  const present = allSplits.filter((split) => keys.includes(split));
  if (!(value instanceof Map) || present.length === 0) {
    const held = value instanceof Map ? `a dict of ${keys.slice(0, 8).map(quoted).join(', ') || 'nothing'}` : 'no dict';
    throw new FormatError(
      file,
      `has no splits: it holds ${held}, not "train", "valid" and "test" of arrays, nor a column "split"; ` +
        'say what is where in a dataset.yaml (decalign init-data).',
    );
  }
  return (wanted === 'present' ? present : wanted).map((split) => {
    const table: unknown = value.get(split);
    if (table === undefined)
      throw new FormatError(file, `has no split "${split}"; it has ${present.map(quoted).join(', ')}.`);
    if (!(table instanceof Map)) throw new FormatError(file, `split "${split}" is no dict of arrays.`);
    const columns = [...(table as Map<unknown, unknown>)].filter(
      (entry): entry is [string, unknown] => typeof entry[0] === 'string',
    );
    return [split, new Map(columns.map(([key, column]) => [key, numeric(column) ?? column]))];
  });
}

const sourceKey = (source: LengthSource): string | undefined =>
  source.kind === 'key' ? source.key : source.kind === 'modality' ? lengthKey(source.modality) : undefined;

function metricsOf(task: Task, known: Dataset['metrics'] | undefined): Dataset['metrics'] {
  if (task.kind === 'classification') return 'classification';
  return known === undefined || known === 'classification' ? 'regression' : known;
}
