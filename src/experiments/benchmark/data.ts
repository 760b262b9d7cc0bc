/** The files that a benchmark compares on: each is read once before it begins, to say at once what is wrong with it. */
import { foldOf, allSamples } from '../../data/folds.ts';
import { groupsKnown } from '../../data/samples.ts';
import { foldFindings, leakageFindings } from '../../data/report/findings.ts';
import { ConfigError } from '../../config/index.ts';
import type { Dataset } from '../../data/dataset.ts';
import type { Standardisation } from '../../data/standardise.ts';
import { prepare } from '../../runs/prepare.ts';
import { scoredNames } from '../../data/task.ts';
import { loadRunData } from '../../runs/load.ts';
import { foldsFor, type FoldsRequest } from '../folds.ts';
import {
  benchmarkText,
  configOf,
  dataConfig,
  dataNames,
  hashOfData,
  whyNot,
  type BenchmarkData,
  type Entry,
  type Given,
} from './entries.ts';

export interface DataOptions {
  readonly given: Given;
  /** The folder of the benchmark, where outputs of a frozen encoder of text are kept. */
  readonly directory: string;
  /** Where every file is cross-validated. */
  readonly folds?: FoldsRequest;
  /** Who is to take part on a file, to be checked while it is in memory. */
  readonly entries: (data: BenchmarkData) => readonly Entry[];
}

/** Throws an Error for a file that lacks a split or its labels, and where a model refuses it, its configuration or both. */
export async function benchmarkData(sources: readonly string[], options: DataOptions): Promise<BenchmarkData[]> {
  const names = dataNames(sources);
  const data: BenchmarkData[] = [];
  // One after the other, so that no two are in memory at once.
  for (const [i, source] of sources.entries()) data.push(await readData(source, names[i]!, options));
  return data;
}

async function readData(
  source: string,
  name: string,
  { given, directory, folds: request, entries }: DataOptions,
): Promise<BenchmarkData> {
  const config = dataConfig(given);
  const whole = await loadRunData(source, benchmarkText(config, directory));
  const folds = request === undefined ? undefined : foldsFor(whole, request, config.data.group);
  const dataset = folds ? foldOf(whole, folds, 0) : whole;
  const { train, valid, test } = dataset.splits;
  if (!train?.labels || !valid?.labels || !test?.labels)
    throw new Error(`${source}: a benchmark needs the splits train, valid and test, with labels.`);
  const tested = folds ? allSamples(whole) : test;
  const groups = groupsKnown(tested);
  const data: BenchmarkData = {
    source,
    name,
    dataset: dataset.name,
    task: dataset.task.kind,
    metrics: dataset.metrics,
    classes: scoredNames(dataset.task),
    samples: {
      train: train.ids.length,
      valid: valid.ids.length,
      test: tested.ids.length,
    },
    ...(groups && { groups: new Map(tested.ids.map((id, n) => [id, groups[n]!])) }),
    ...(folds && { folds: { of: request!, count: folds.count, by: folds.by, groups: folds.groups } }),
    warnings: folds ? foldFindings(whole, folds) : leakageFindings(whole),
    hash: hashOfData(whole, folds),
  };
  checkEntries(entries(data), { source, dataset, given });
  return data;
}

/** Builds every model as it would be trained, so that one that cannot be is told before others have been. */
function checkEntries(
  entries: readonly Entry[],
  { source, dataset, given }: { readonly source: string; readonly dataset: Dataset; readonly given: Given },
): void {
  let standardisation: Standardisation | undefined;
  for (const entry of entries) {
    // One that takes another number of labels is refused, or left out, for all files together.
    if (entry.reference !== undefined || whyNot(entry, [{ source, task: dataset.task.kind }]) !== undefined) continue;
    const config = configOf(entry, source, given);
    try {
      // Features are read alike for all.
      ({ standardisation } = prepare(config, dataset, { source, own: entry.own, standardisation }));
    } catch (error) {
      const said = `${entry.id} on ${source}: ${(error as Error).message}`;
      throw error instanceof ConfigError ? new ConfigError(said) : new Error(said, { cause: error });
    }
  }
}
