/** Who takes part in a benchmark, and under which configuration. */
import { createHash } from 'node:crypto';
import path from 'node:path';
import {
  readPair,
  recipeBefore,
  recordedConfig,
  resolveConfig,
  type ConfigSources,
  type RunConfig,
} from '../../config/index.ts';
import type { Dataset } from '../../data/dataset.ts';
import type { FoldedBy, Folds } from '../../data/folds.ts';
import { isSeveral, type Task } from '../../data/task.ts';
import type { MetricKind } from '../../metrics/metric.ts';
import { merge, type Tree } from '../../json/tree.ts';
import type { FoldsRequest } from '../folds.ts';
import { hashOf } from '../../runs/data-hash.ts';
import type { OwnModel } from '../../runs/own-model/code.ts';
import { modelNamed } from '../../models/index.ts';
import { referenceNames } from '../../models/own.ts';
import type { TextConfig } from '../../runs/text/text-encoder.ts';

export { referenceNames };
export type ReferenceName = (typeof referenceNames)[number];

/** A row of the table: a model by its default or another recipe, or a variant of it, or a reference. */
export type Entry = ModelEntry | { readonly id: ReferenceName; readonly reference: ReferenceName };

export interface ModelEntry {
  /** Names it in tables, folders and settings, alone among the entries. */
  readonly id: string;
  readonly model: string;
  readonly recipe?: string;
  /** Set for a model with settings of its own. */
  readonly variant?: Variant;
  /** A model of one's own: its file, as it was given, and what that holds. */
  readonly own?: Required<OwnModel> & { readonly file: string };
  readonly reference?: never;
}

/** How an entry differs from its model and recipe as they are. */
export interface Variant {
  readonly name: string;
  /** In tables, in the place of the model's title with the name in brackets. */
  readonly title?: string;
  /** Keys of the configuration, stronger than those for all; errors call each by its `name`. */
  readonly settings?: NonNullable<ConfigSources['options']>;
  /** A configuration file: its name, and its keys but for those of data and text. */
  readonly file?: { readonly name: string; readonly values: Tree };
  /** Terms that are left out besides those that all leave out. */
  readonly without?: readonly string[];
}

/** A feature file to compare on. */
export interface BenchmarkData {
  /** The feature file, or the name of a dataset that is made. */
  readonly source: string;
  /** The name of its tables: different for every file of a benchmark. */
  readonly name: string;
  /** The published dataset that the file is of, or the name of the file. */
  readonly dataset: string;
  readonly task: Task['kind'];
  readonly metrics: MetricKind;
  readonly classes: readonly string[];
  readonly samples: Readonly<Record<'train' | 'valid' | 'test', number>>;
  /** Set for cross-validation: every sample is tested once, and `samples` are those of the first fold but for `test`. */
  readonly folds?: FoldedBy & { readonly of: FoldsRequest; readonly count: number };
  /** The group of each test sample by its id, such as the video of a clip; absent where nothing tells groups. */
  readonly groups?: ReadonlyMap<string, string>;
  /** Lines on samples, ids and groups that are in several splits, or folds: figures of such data are too good. */
  readonly warnings: readonly string[];
  /** The hash of all samples, as they were read. */
  readonly hash: string;
}

/** Why an entry cannot take part: its model takes one label of a sample, and some of the data has several. Undefined where it can. */
export function whyNot(entry: Entry, data: readonly Pick<BenchmarkData, 'task' | 'source'>[]): string | undefined {
  if (entry.reference !== undefined) return undefined;
  const { oneLabel } = modelNamed(entry.model, entry.own?.model) ?? {};
  const several = data.find(({ task }) => isSeveral(task));
  return oneLabel !== undefined && several
    ? `${entry.id} takes one label of each sample (${oneLabel}), and ${several.source} has several`
    : undefined;
}

/**
 * The settings that are the same for every model, whatever its recipe says. Hyperparameters are each model's own; how
 * long it may train is not: at most this many epochs, ended by as many without a better validation metric. One thread
 * each, so that results do not depend on how many jobs run beside.
 */
export const commonRule = { train: { epochs: 100, patience: 10, threads: 1 } } as const;

/** Settings that were asked for beyond defaults. */
export interface Given {
  /** `key=value` pairs for all models, or for one entry. */
  readonly set: readonly { readonly entry?: string; readonly pair: string }[];
  readonly options: NonNullable<ConfigSources['options']>;
  /** The version of configurations when the experiment was begun that is gone on with. */
  readonly versionBegun?: number;
}

/** Whether a `key=value` pair says how features are read. */
export const isOfData = (pair: string): boolean => /^(data|text)\b/.test(pair);

/** How features are read, encoded and scaled: alike for all, so that no recipe has a say in it. */
export function dataConfig({ set, options }: Given): TextConfig {
  const pairs = set.flatMap(({ entry, pair }) => (entry === undefined && isOfData(pair) ? [pair] : []));
  const { data, text } = resolveConfig({ set: pairs, options: options.filter(({ key }) => isOfData(key)) });
  return { data, text };
}

/**
 * The configuration of a model on a feature file; `trial` holds further `key=value` pairs. A variant's file is stronger than the
 * common rule, and its settings are stronger than `--set`.
 */
export function configOf(
  { id, model, recipe, own, variant }: ModelEntry,
  source: string,
  given: Given,
  trial: readonly string[] = [],
): RunConfig {
  const { file, settings = [], without } = variant ?? {};
  const config = resolveConfig({
    dataset: source,
    model: own?.model ?? model,
    ...{ ...(recipe !== undefined && { recipe }), recipeBegun: recipeBefore(model, given.versionBegun) },
    ...(file
      ? { file: { name: file.name, text: JSON.stringify(merge(commonRule, file.values)) } }
      : { values: commonRule }),
    set: given.set.flatMap(({ entry, pair }) => (entry === undefined || entry === id ? [pair] : [])),
    options: [
      ...settings,
      ...given.options,
      ...trial.map((pair) => ({ name: `--tune: ${pair}`, ...readPair(pair, '--tune') })),
    ],
  });
  const { data, text } = dataConfig(given);
  // The scale of labels goes with the losses, which are the recipe's.
  const { labelScale, labelClasses } = config.data;
  const whole = { ...config, data: { ...data, labelScale, labelClasses }, text };
  return without ? leavingOut(without, whole, { id, own }) : whole;
}

/** Terms are left out of what there is, weighed or not: a variant that lacks one is no slip, as in a single run. */
function leavingOut(
  terms: readonly string[],
  config: RunConfig,
  { id, own }: { readonly id: string; readonly own: ModelEntry['own'] | undefined },
): RunConfig {
  const already = config.model['without'];
  const without = [...new Set<unknown>([...(Array.isArray(already) ? (already as unknown[]) : []), ...terms])];
  return recordedConfig(merge({ ...config }, { model: { without } }), id, own?.model);
}

/** Names for feature files: without folder and ending, or with as many folders as tell them apart. */
export function dataNames(sources: readonly string[]): readonly string[] {
  const parts = sources.map((source) =>
    path
      .resolve(source)
      .replace(/\.[^./\\]*$/, '')
      .split(path.sep)
      .filter((part) => part !== ''),
  );
  const named = (count: number): string[] =>
    parts.map((part) =>
      part
        .slice(-count)
        .join('-')
        .replaceAll(/[^\w.-]+/g, '_'),
    );
  const longest = Math.max(...parts.map(({ length }) => length));
  for (let count = 1; count < longest; count++) {
    const names = named(count);
    if (new Set(names).size === names.length) return names;
  }
  return named(longest);
}

/** How texts are read in a benchmark: hidden states of a frozen encoder are kept beside the runs, for all of them. */
export const benchmarkText = ({ data, text: { bert } }: TextConfig, directory: string): TextConfig => ({
  data,
  text: { bert: { ...bert, cache: bert.cache ?? path.join(directory, 'text') } },
});

/** The hash of all samples of a dataset, and of their folds where it is cross-validated. */
export const hashOfData = (dataset: Dataset, folds: Pick<Folds, 'byId'> | undefined): string =>
  folds ? hashOfJson([hashOf(dataset), ...folds.byId]) : hashOf(dataset);

/** A short name for whatever JSON can hold. */
export const hashOfJson = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 12);
