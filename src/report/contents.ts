/** All that a report says of one source of runs, as data. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Split } from '../data/dataset.ts';
import { differencesOf, type RunComparison } from '../experiments/compare-runs.ts';
import type { FinishedRuns } from '../experiments/finished-runs.ts';
import { metricIntervals, type MetricIntervals } from '../experiments/metric-intervals.ts';
import { mainAmong, predictionsBySeed, type Shown, type Source } from '../figures/source.ts';
import { evaluate, metrics as known, metricsOf, type MetricKind } from '../metrics/metric.ts';
import { summarise, type Summary } from '../metrics/summary.ts';
import { titleOf } from '../models/index.ts';
import { recordedStages, type RecordedStage } from '../runs/record/epochs.ts';
import { hasPredictions, readPredictions, type Predictions } from '../runs/record/predictions.ts';
import { readModel } from '../runs/trained-model.ts';
import {
  recordedCommands,
  recordedData,
  recordedEnvironments,
  recordedReferences,
  recordedResult,
  recordedWarnings,
  type RecordedEnvironment,
} from './recorded.ts';
import { behindIn, type Behind } from './ridge.ts';
import { worstOf, type WorstErrors } from './worst-inputs.ts';

/** What a report says of the runs on one dataset. */
export interface Contents {
  readonly runs: readonly ReportedRun[];
  /** The name of the run that the report is about above all: the first that was named, in a benchmark or an ablation DecAlign, in a sweep the best. */
  readonly main?: string | undefined;
  readonly configuration: RunComparison['configuration'];
  readonly worst: readonly WorstErrors[];
  /** Warnings, each with the runs that gave it. */
  readonly warnings: readonly { readonly message: string; readonly runs: readonly string[] }[];
  readonly environments: readonly ReportedEnvironment[];
}

export type ReportedEnvironment = Omit<RecordedEnvironment, 'command'> & { readonly run: string };

/** A run, or the runs of several seeds; or a simple reference. */
export interface ReportedRun {
  readonly name: string;
  /** The model as its paper writes it. */
  readonly title: string;
  /** Of a reference, how it predicts; absent for what was trained. */
  readonly describe?: string;
  readonly metrics: MetricKind;
  readonly data: { readonly name: string; readonly source: string; readonly hash: string };
  /** Samples that were held out, as far as the run kept predictions of them. */
  readonly samples: { readonly valid?: number; readonly test?: number };
  /** Absent where the model's file is not there, and of a reference. */
  readonly modalities?: readonly { readonly name: string; readonly time: number; readonly width: number }[];
  /** How many numbers were learnt. */
  readonly parameters?: number;
  readonly seeds: number;
  /** One for each directory: each seed, or each fold. None of a reference. */
  readonly results: readonly RunResult[];
  /** Means over the results. */
  readonly valid?: Summary;
  /** Means over seeds; in cross-validation each seed's is of the samples of all folds together. */
  readonly test?: Summary;
  /** Absent where it beats ridge regression on validation, or there is none beside it. */
  readonly behind?: Behind;
  /** Absent where all test samples are of one group, and where no predictions were kept. */
  readonly intervals?: MetricIntervals;
  /** The commands that started it, once each. */
  readonly commands: readonly string[];
  /** A line for each seed that was left out. */
  readonly notes: readonly string[];
}

/** The result of a run directory. */
export interface RunResult {
  readonly seed: number;
  /** From 1, in cross-validation. */
  readonly fold?: number;
  /** From 1, of the usual epochs: those of stages before them, such as pretraining, are counted by themselves. */
  readonly bestEpoch: number;
  readonly epochs?: number;
  readonly stages: readonly RecordedStage[];
  /** Samples that it was trained on; absent in runs of before that were not recorded. */
  readonly trainedOn?: number;
  readonly valid: Readonly<Record<string, number>>;
  readonly test?: Readonly<Record<string, number>>;
  /** D, of the samples that were tested (docs/decoupling.md); absent where the model keeps no parts, or it was not measured. */
  readonly decoupling?: number;
}

/** Reads all that a report says of a source. Throws an Error for a run that is damaged. */
export async function contentsOf(source: Source, { texts }: { readonly texts: boolean }): Promise<Contents> {
  const trained = source.shown.flatMap((each) => (each.finished ? [{ ...each, finished: each.finished }] : []));
  const main = mainOf(source, trained);
  const runs: ReportedRun[] = [];
  const worst: WorstErrors[] = [];
  for (const each of source.shown) {
    const predictions = await predictionsIfAny(each, source);
    // What was not trained has no record: in a benchmark it predicts what the models do.
    const run = withBehind(each, reportedRun(each, dataOf(each.finished ?? trained[0]?.finished), predictions), source);
    // A sweep chooses on validation: the best of many on test would be chosen by it.
    runs.push(source.kind === 'sweep' && source.data === undefined ? onValidation(run) : run);
    // A table of errors is kept free for the main run.
    const isShown = each.name === main?.name || worst.filter(({ run }) => run !== main?.name).length < mostWorst - 1;
    if (predictions && each.finished && isShown)
      worst.push(await worstOf(each, predictions, { data: source.data, texts }));
  }
  const beside = source.table || source.data !== undefined ? [] : trained.flatMap(referencesBeside);
  return {
    runs: [...runs, ...beside.filter((one, n) => beside.findIndex((other) => isSame(one, other)) === n)],
    main: main?.name,
    worst: worst.toSorted((a, b) => Number(b.run === main?.name) - Number(a.run === main?.name)),
    configuration: differencesOf(trained.map(({ finished }) => finished.settings)),
    warnings: warningsOf(trained),
    environments: trained.map(environmentOf).filter((each) => each !== undefined),
  };
}

/** DecAlign, or the whole of it in an ablation; of a sweep the best on validation. */
function mainOf({ kind, table }: Source, trained: readonly Trained[]): Trained | undefined {
  if (!table || trained.length === 0) return trained[0];
  const metric = metricsOf(table.data.metrics).find((name) => name === table.metric);
  if (kind !== 'sweep' || metric === undefined)
    return trained.find(({ row }) => row?.model === 'decalign') ?? mainAmong(trained, trained.length + 1)[0];
  const sign = known[metric].better === 'lower' ? 1 : -1;
  const valueOf = ({ row }: Trained): number => sign * (row?.mean?.valid[metric] ?? sign * Infinity);
  return trained.reduce((best, each) => (valueOf(each) < valueOf(best) ? each : best));
}

/** Errors of more runs would be as many tables. */
const mostWorst = 4;

type Trained = Shown & { readonly finished: FinishedRuns };

/** The predictions of the test split by seed; undefined where a run kept none, or its data has no such split. */
async function predictionsIfAny(each: Shown, source: Source): Promise<readonly Predictions[] | undefined> {
  const directories = each.seeds.flatMap((seed) => seed.directories);
  if (source.kind === 'sweep' && source.data === undefined) return undefined;
  if (source.data === undefined && directories.some((one) => countIn(one, each, 'test') === 0)) return undefined;
  return predictionsBySeed(each, source);
}

/** How many samples of a split a run kept predictions of. */
const countIn = (directory: string, { classes }: Shown, split: Split): number =>
  hasPredictions(directory) ? readPredictions(directory, { classes, split }).ids.length : 0;

function reportedRun(
  each: Shown,
  data: ReportedRun['data'],
  predictions: readonly Predictions[] | undefined,
): ReportedRun {
  const { name, model, metrics, classes, finished, seeds } = each;
  const places = finished ? seeds.flatMap(({ seed, directories }) => directories.map((one) => ({ seed, one }))) : [];
  const results = places.map(resultOf);
  const scores = predictions
    ? predictions.map(({ values, labels }) => evaluate(metrics, values, labels, classes))
    : results.flatMap(({ test }) => (test ? [test] : []));
  const intervals = predictions && metricIntervals({ metrics, classes }, predictions);
  const [first] = places;
  return {
    ...{ name, title: titleOf(model), metrics, data, results, seeds: seeds.length },
    samples: {
      ...(first && { valid: countIn(first.one, each, 'valid') }),
      ...(predictions && { test: predictions[0]!.ids.length }),
    },
    ...(first && modelIn(first.one)),
    ...(results.length > 0 && { valid: summarise(results.map(({ valid }) => valid)) }),
    ...(scores.length > 0 && { test: summarise(scores) }),
    ...(intervals && { intervals }),
    commands: [...new Set(places.flatMap(({ one }) => recordedCommands(one)))],
    notes: finished?.notes ?? [],
  };
}

/** A run with what tells that ridge regression, in its benchmark or beside it, is as good. */
function withBehind({ finished }: Shown, run: ReportedRun, { table }: Source): ReportedRun {
  if (!finished) return run;
  const ridge = table
    ? table.rows.find(({ model }) => model === 'ridge')?.mean?.valid
    : recordedReferences(finished.run)['ridge']?.valid;
  const behind = behindIn(finished, run.results, ridge);
  return behind ? { ...run, behind } : run;
}

/** A run without its figures of the test split. */
function onValidation(run: ReportedRun): ReportedRun {
  const { test, ...rest } = { ...run, results: run.results.map(withoutTest) };
  return test ? rest : run;
}

function withoutTest(result: RunResult): RunResult {
  const { test, decoupling, ...rest } = result;
  return test || decoupling !== undefined ? rest : result;
}

function resultOf({ seed, one }: { readonly seed: number; readonly one: string }): RunResult {
  const { best_epoch: bestEpoch, epochs, samples, valid, test, decoupling } = recordedResult(one);
  const stages = recordedStages(one);
  const before = stages.reduce((sum, stage) => sum + stage.epochs, 0);
  const fold = /^fold-(\d+)$/.exec(path.basename(one))?.[1];
  return {
    ...{ seed, bestEpoch: bestEpoch - before, stages, valid },
    ...(fold !== undefined && { fold: Number(fold) }),
    ...(epochs !== undefined && { epochs: epochs - before }),
    ...(samples?.train !== undefined && { trainedOn: samples.train }),
    ...(test && { test }),
    ...(decoupling?.score !== undefined && { decoupling: decoupling.score }),
  };
}

function dataOf(finished: FinishedRuns | undefined): ReportedRun['data'] {
  if (!finished) return { name: '', source: '', hash: '' };
  const { source, hash, name } = recordedData(finished.seeds[0]!.directories[0]!);
  return { name: name ?? path.parse(source).name, source, hash };
}

/** What the file of a run's best epoch tells; nothing where it is not there. */
export function modelIn(directory: string): Pick<ReportedRun, 'modalities' | 'parameters'> {
  const file = path.join(directory, 'best.safetensors');
  if (!existsSync(file)) return {};
  const { data, parameters } = readModel(file);
  return {
    modalities: data.features.map(({ name, time, width }) => ({ name, time, width })),
    parameters: Object.values(parameters).reduce((sum, { length }) => sum + length, 0),
  };
}

/** The simple references that were fitted beside a run. */
const referencesBeside = ({ metrics, finished }: Trained): ReportedRun[] =>
  Object.entries(recordedReferences(finished.run)).map(([name, { describe, valid, test }]) => ({
    ...{ name, title: name, metrics, describe, results: [], seeds: 1, samples: {}, commands: [], notes: [] },
    data: dataOf(finished),
    valid: summarise([valid]),
    ...(test && { test: summarise([test]) }),
  }));

const isSame = (one: ReportedRun, other: ReportedRun): boolean =>
  one.name === other.name && one.data.hash === other.data.hash;

function warningsOf(trained: readonly Trained[]): Contents['warnings'] {
  const runs = new Map<string, Set<string>>();
  for (const { name, seeds } of trained)
    for (const message of seeds.flatMap(({ directories }) => directories.flatMap(recordedWarnings)))
      runs.set(message, (runs.get(message) ?? new Set()).add(name));
  return [...runs].map(([message, names]) => ({ message, runs: [...names] }));
}

/** Where a run was started first. */
function environmentOf({ name, seeds }: Trained): ReportedEnvironment | undefined {
  const [first] = recordedEnvironments(seeds[0]!.directories[0]!);
  return first && { run: name, ...first };
}
