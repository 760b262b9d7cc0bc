/** Finished runs side by side: their metrics on the samples that all predict, how sure differences are, and how they were set. */
import path from 'node:path';
import { groupsKnown } from '../data/samples.ts';
import { isTree, treeDifferences, type Tree } from '../json/tree.ts';
import { evaluate, type MetricKind } from '../metrics/metric.ts';
import { summarise, type Summary } from '../metrics/summary.ts';
import { hashOfJson } from './benchmark/entries.ts';
import { pairedTests, type Against } from './benchmark/paired-tests.ts';
import { openFinished, predictionsIn, type FinishedRuns, type FinishedOptions } from './finished-runs.ts';
import type { Predictions } from '../runs/record/predictions.ts';

/** A run, or the runs of several seeds, of a comparison. */
export interface ComparedRun {
  /** The directory. */
  readonly run: string;
  readonly model: string;
  readonly seeds: readonly number[];
  /** Metrics of the test split on the shared samples: means over seeds, and sample standard deviations. */
  readonly test: Summary;
  /** Test samples of its own that others do not have, and on which nothing is compared. */
  readonly left: number;
  /** Tests of its figures less those of the first run; absent for that one. */
  readonly against?: ComparedWithFirst;
}

/** How a run compares with the first one. */
export interface ComparedWithFirst extends Omit<Against, 'verdict'> {
  /** By the first metric, where the corrected p-value of the bootstrap is below 0.05. */
  readonly verdict: 'better' | 'ties' | 'worse';
}

export interface RunComparison {
  readonly metrics: MetricKind;
  /** The names of the classes, or of several labels; none of a regression. */
  readonly classes: readonly string[];
  /** How many samples all of the runs predict. */
  readonly samples: number;
  /** How many groups these are of; absent where nothing tells groups. */
  readonly groups?: number;
  /** The first is the one that each other is compared with. */
  readonly runs: readonly ComparedRun[];
  /** The keys of the configurations in which some run differs from the first, with the value of each run. */
  readonly configuration: readonly { readonly key: string; readonly values: readonly unknown[] }[];
  /** What a person should know, a line each: samples and seeds that were left out. */
  readonly notes: readonly string[];
}

/**
 * Compares finished runs on the test samples that all of them predict. Each is a run directory, or a folder of several seeds
 * or folds. The predictions are those that the runs kept; with `data`, they are made anew on the test split of that file.
 *
 * Tests are paired, by groups of samples where they are known (`data.group`, or ids such as `video$_$clip`) and by seeds: the
 * bootstrap of every metric, and Wilcoxon's signed-rank test of the errors, corrected over the runs by Holm's method.
 *
 * Throws an Error for fewer than two runs, one that is not finished or kept no predictions, runs of different tasks, classes or
 * labels, and runs that share no test sample.
 */
export async function compareRuns(runs: readonly string[], options: FinishedOptions = {}): Promise<RunComparison> {
  const twice = runs.find((run, n) => runs.findIndex((other) => path.resolve(other) === path.resolve(run)) < n);
  if (twice !== undefined) throw new Error(`${twice} is given twice; name each run once.`);
  if (runs.length < 2) throw new Error('A comparison needs two runs or more; decalign evaluate RUN DATA is for one.');
  return compareFinished(
    runs.map((run) => openFinished(run)),
    options,
  );
}

/** As `compareRuns`, of two or more that are open. */
export async function compareFinished(
  opened: readonly FinishedRuns[],
  options: FinishedOptions = {},
): Promise<RunComparison> {
  const runs = opened.map(({ run }) => run);
  const [first] = opened as readonly [FinishedRuns, ...FinishedRuns[]];
  for (const other of opened) checkSameTask(first, other);
  const { metrics: kind, classes } = first;
  const predictions: (readonly Predictions[])[] = [];
  for (const each of opened) predictions.push(await predictionsIn(each, classes, options));
  const shared = sharedBy(predictions, runs);
  const seedsOf = predictions.map((seeds) => seeds.map((each) => picked(each, shared)));
  checkSameLabels(seedsOf, runs);
  const { ids } = seedsOf[0]![0]!;
  const groups = groupsKnown(seedsOf[0]![0]!);
  const on = {
    ...{ metrics: kind, classes, hash: hashOfJson(ids) },
    ...(groups && { groups: new Map(ids.map((id, n) => [id, groups[n]!])) }),
  };
  const contenders = seedsOf.map((seeds, n) => ({ id: String(n), seeds }));
  const tests = pairedTests(on, contenders[0]!, contenders.slice(1));
  return {
    ...{ metrics: kind, classes, samples: ids.length },
    ...(groups && { groups: new Set(groups).size }),
    runs: opened.map(({ run, model, seeds }, n) => ({
      ...{ run, model, seeds: seeds.map(({ seed }) => seed) },
      test: summarise(seedsOf[n]!.map(({ values, labels }) => evaluate(kind, values, labels, classes))),
      left: predictions[n]![0]!.ids.length - ids.length,
      ...(n > 0 && { against: reversed(tests[n - 1]!) }),
    })),
    configuration: differencesOf(opened.map(({ settings }) => settings)),
    notes: [
      ...opened.flatMap(({ notes }) => notes),
      ...opened.flatMap(({ run }, n) => leftNote(run, predictions[n]![0]!.ids.length, ids.length)),
    ],
  };
}

function checkSameTask(first: FinishedRuns, other: FinishedRuns): void {
  if (first.metrics !== other.metrics)
    throw new Error(
      `${other.run} is scored as ${other.metrics} data and ${first.run} as ${first.metrics} data: compare runs of one task.`,
    );
  const [ours, theirs] = [first, other].map(({ classes }) => classes.toSorted().join(', ')) as [string, string];
  if (ours !== theirs)
    throw new Error(
      `${other.run} has the ${other.metrics === 'classification' ? 'classes' : 'labels'} ${theirs} and ${first.run} has ${ours}: compare runs of one task.`,
    );
}

/** The id of each sample with how many of that id there were before: some files use an id more than once. */
function keysOf(ids: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return ids.map((id) => {
    const before = seen.get(id) ?? 0;
    seen.set(id, before + 1);
    return JSON.stringify([id, before]);
  });
}

/** The keys of the samples that every run predicts and that have a label, in the order of the first run. */
function sharedBy(predictions: readonly (readonly Predictions[])[], runs: readonly string[]): readonly string[] {
  const first = predictions[0]![0]!;
  const width = first.labels.length / first.ids.length;
  const isLabelled = (n: number): boolean =>
    first.labels.slice(n * width, (n + 1) * width).some((y) => !Number.isNaN(y));
  let shared = keysOf(first.ids).filter((_, n) => isLabelled(n));
  for (const [n, seeds] of predictions.entries())
    for (const { ids } of seeds) {
      const held = new Set(keysOf(ids));
      const left = shared.filter((key) => held.has(key));
      if (left.length === 0)
        throw new Error(`${runs[n]!} shares no labelled test sample with ${runs[0]!}: compare runs on the same data.`);
      shared = left;
    }
  return shared;
}

/** The predictions of some samples, in the order of their keys. */
function picked({ ids, groups, labels, values }: Predictions, keys: readonly string[]): Predictions {
  const rowsOf = (all: readonly number[], row: number): readonly number[] => {
    const width = all.length / ids.length;
    return all.slice(row * width, (row + 1) * width);
  };
  const rowOf = new Map(keysOf(ids).map((key, row) => [key, row]));
  const rows = keys.map((key) => rowOf.get(key)!);
  return {
    ids: rows.map((row) => ids[row]!),
    ...(groups && { groups: rows.map((row) => groups[row]!) }),
    labels: rows.flatMap((row) => rowsOf(labels, row)),
    values: rows.flatMap((row) => rowsOf(values, row)),
  };
}

function checkSameLabels(seedsOf: readonly (readonly Predictions[])[], runs: readonly string[]): void {
  const { ids, labels } = seedsOf[0]![0]!;
  for (const [n, seeds] of seedsOf.entries())
    for (const other of seeds) {
      const at = labels.findIndex((label, i) => {
        const [ours, theirs] = [Math.fround(label), Math.fround(other.labels[i]!)];
        return ours !== theirs && !(Number.isNaN(ours) && Number.isNaN(theirs));
      });
      if (at >= 0)
        throw new Error(
          `${runs[n]!} has another label than ${runs[0]!} for "${ids[Math.floor((at * ids.length) / labels.length)]!}" (${other.labels[at]!}, not ${labels[at]!}): compare runs on the same labels.`,
        );
    }
}

/** Tests of the first run less another as tests of the other less the first. */
function reversed({ bootstrap, verdict, ...rest }: Against): ComparedWithFirst {
  const turned = Object.entries(bootstrap).map(([metric, { value, low, high, p }]) => [
    metric,
    { value: 0 - value, low: negated(high), high: negated(low), p },
  ]);
  return {
    ...rest,
    bootstrap: Object.fromEntries(turned) as Against['bootstrap'],
    verdict: ({ wins: 'worse', ties: 'ties', loses: 'better' } as const)[verdict],
  };
}

const negated = (x: number | null): number | null => (x === null ? null : 0 - x);

const leftNote = (run: string, has: number, shared: number): string[] =>
  has > shared ? [`${run} has ${has} test samples, of which the ${shared} that all runs have are compared`] : [];

/** The dotted keys in which some of several trees differ from the first, each with the value of every tree. */
export function differencesOf(settings: readonly Tree[]): RunComparison['configuration'] {
  const [first, ...others] = settings;
  const keys = new Set(others.flatMap((other) => Array.from(treeDifferences(first, other), ({ key }) => key)));
  const single = [...keys].flatMap((key) => leavesOf(settings, key));
  return [...new Set(single)].map((key) => ({ key, values: settings.map((tree) => valueAt(tree, key)) }));
}

/** A key, or those within it where one of the trees has such: of settings that another leaves out whole. */
function leavesOf(settings: readonly Tree[], key: string): readonly string[] {
  const within = settings.flatMap((tree) => {
    const value = valueAt(tree, key);
    return isTree(value) ? Object.keys(value) : [];
  });
  return within.length === 0 ? [key] : [...new Set(within)].flatMap((name) => leavesOf(settings, `${key}.${name}`));
}

/** The value of a dotted key; null where there is none. */
function valueAt(tree: Tree, key: string): unknown {
  let value: unknown = tree;
  for (const name of key.split('.')) value = isTree(value) ? value[name] : undefined;
  return value ?? null;
}
