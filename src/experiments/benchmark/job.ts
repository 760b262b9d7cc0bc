/**
 * A job: one model with one seed, or one reference, on one feature file. A process of its own does it, and leaves the
 * result in a folder.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { stageLengths } from '../../runs/record/progress.ts';
import { recordedConfig, type RunConfig } from '../../config/index.ts';
import type { Dataset, Samples, Split } from '../../data/dataset.ts';
import { isMade } from '../../data/datasets/made.ts';
import { foldOf, type FoldedBy } from '../../data/folds.ts';
import { scoredNames } from '../../data/task.ts';
import { evaluate } from '../../metrics/metric.ts';
import { loadRunData } from '../../runs/load.ts';
import { summarise } from '../../metrics/summary.ts';
import { codeDifference, codeSchema, type OwnModel } from '../../runs/own-model/code.ts';
import { loadModelFile } from '../../runs/own-model/load.ts';
import { ensurePredictions } from '../../runs/held-out.ts';
import { joined, linesOf, predictionLines, readPredictions, writePredictions } from '../../runs/record/predictions.ts';
import { prepare } from '../../runs/prepare.ts';
import { runTraining } from '../../runs/training-run.ts';
import { writeFileAtomic } from '../../files/atomic.ts';
import { stagesIn, type StageLength } from '../../train/index.ts';
import { locked } from '../../runs/record/run-lock.ts';
import { foldsFor, type FoldsRequest } from '../folds.ts';
import { loadReferenceData, referenceSplit } from '../references-data.ts';
import { bestModality, lateFusion } from '../references-modalities.ts';
import { majority, ridge, type Reference } from '../references.ts';
import { hashOfData, referenceNames, type BenchmarkData, type ReferenceName } from './entries.ts';

/** Part of a configuration, which is looked at as a whole when it is used; `shape` is what is read of it before. */
const given = <T>(shape: z.ZodType = z.looseObject({})) => z.custom<T>((value) => shape.safeParse(value).success);

/** What a job does, but for its seed and fold. */
export const taskSchema = z.object({
  source: z.string().min(1),
  /** The hash of the data when the job was planned (`hashOfData`). */
  hash: z.string().optional(),
  data: given<RunConfig['data']>(),
  text: given<RunConfig['text']>(z.looseObject({ bert: z.looseObject({}) })),
  /** The configuration of a model; its `data` and `text` are the ones above. */
  config: given<RunConfig>(
    z.looseObject({ model: z.looseObject({ name: z.string() }), train: z.looseObject({ epochs: z.int() }) }),
  ).optional(),
  /** The file of a model of one's own, and the code that the benchmark was started with. */
  own: z.object({ file: z.string(), code: codeSchema }).optional(),
  reference: z.enum(referenceNames).optional(),
});

export interface Job extends z.output<typeof taskSchema> {
  readonly directory: string;
  readonly seed: number;
  /** Only a fold of the data, by index, where it is cross-validated. */
  readonly fold?: { readonly of: FoldsRequest; readonly index: number };
  /** Its number in an experiment that was planned. */
  readonly number?: number;
}

const metricValues = z.record(z.string(), z.number());
const resultSchema = z.object({
  format: z.literal('decalign benchmark 1'),
  seed: z.int(),
  best_epoch: z.int().nullable(),
  epochs: z.int().nullable(),
  /** The stages before the usual epochs, which the numbers above count too; absent where there are none. */
  stages: stageLengths.optional(),
  valid: metricValues,
  test: metricValues,
  parameters: z.int(),
  /** The median time of a step; null where this process trained none. */
  seconds_per_step: z.number().nullable(),
  peak_bytes: z.number(),
  seconds: z.number(),
});
/** The contents of `job.json`, the presence of which marks the job as finished. */
export type JobResult = z.output<typeof resultSchema>;

const resultFile = (directory: string): string => path.join(directory, 'job.json');

/** The result of a finished job; undefined where it has not finished, another version wrote it, or its file is damaged. */
export function finished(directory: string): JobResult | undefined {
  const file = resultFile(directory);
  if (!existsSync(file)) return undefined;
  try {
    return resultSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return undefined;
    throw error;
  }
}

export interface EpochDone {
  readonly epoch: number;
  readonly epochs: number;
  readonly stages?: readonly StageLength[] | undefined;
}

interface Work {
  readonly seed: number;
  readonly bestEpoch: number | null;
  readonly epochs: number | null;
  readonly stages?: readonly StageLength[] | undefined;
  readonly valid: Readonly<Record<string, number>>;
  readonly parameters: number;
  readonly secondsPerStep: number | null;
}

export interface JobOptions {
  readonly signal?: AbortSignal;
  readonly onEpoch?: (event: EpochDone) => void;
  /** Is told that a process on another machine may be at the job, for which it waits. */
  readonly onWait?: (message: string) => void;
}

/**
 * Does a job, from where an earlier process left it, into its directory. Undefined if aborted. Throws an InUseError where
 * another process is at it.
 */
export async function runJob(job: Job, options: JobOptions = {}): Promise<JobResult | undefined> {
  const started = performance.now();
  const own = job.own && (await ownModel(job.own));
  const config =
    job.config && recordedConfig({ ...job.config }, `The configuration of job ${job.number ?? ''}`, own?.model);
  if (!isMade(job.source) && !existsSync(job.source))
    throw new Error(
      `${job.source} is not there: start the job in the folder where it was planned, or where that is the path of the data.`,
    );
  const load = job.reference === undefined ? loadRunData : loadReferenceData;
  const whole = await load(job.source, { ...job, train: config?.train ?? {} });
  const folds = job.fold && foldsFor(whole, job.fold.of, job.data.group);
  const dataset = job.fold && folds ? foldOf(whole, folds, job.fold.index) : whole;
  const { reference, directory } = job;
  if (config && job.hash !== undefined && hashOfData(whole, folds) !== job.hash)
    throw new Error(
      `${job.source} has not the samples that it had when the job was planned; put it back as it was, or plan anew.`,
    );
  const test = dataset.splits.test;
  if (!test?.labels) throw new Error(`${job.source}: a benchmark needs a test split with labels.`);
  const trainedWork = config && (await trained({ ...job, folds }, { config, own }, dataset, options));
  if (config && !trainedWork) return undefined;
  // A second process is to write nothing meanwhile; it may have been faster, too.
  const lock = await locked(directory, options);
  try {
    const known = finished(directory);
    if (known) return known;
    const work = trainedWork ?? fittedReference(reference!, job, dataset);
    const classes = scoredNames(dataset.task);
    const { values, labels } = readPredictions(directory, { classes });
    const result: JobResult = {
      format: 'decalign benchmark 1',
      seed: work.seed,
      best_epoch: work.bestEpoch,
      epochs: work.epochs,
      ...(work.stages && { stages: work.stages }),
      valid: work.valid,
      test: evaluate(dataset.metrics, values, labels, classes),
      parameters: work.parameters,
      seconds_per_step: work.secondsPerStep,
      peak_bytes: process.resourceUsage().maxRSS * 1024,
      seconds: (performance.now() - started) / 1000,
    };
    writeFileAtomic(resultFile(directory), `${JSON.stringify(result, null, 2)}\n`);
    return result;
  } finally {
    lock.release();
  }
}

async function trained(
  { directory, source, seed, fold, folds }: Job & { readonly folds: FoldedBy | undefined },
  { config, own }: { readonly config: RunConfig; readonly own: OwnModel | undefined },
  dataset: Dataset,
  { signal, onEpoch, onWait }: JobOptions,
): Promise<Work | undefined> {
  const prepared = prepare(config, dataset, {
    source,
    own,
    ...(fold && { fold: { request: fold.of, index: fold.index, by: folds?.by, groups: folds?.groups } }),
  });
  const times: number[] = [];
  let [epochs, before] = [0, NaN];
  const stages = stagesIn(prepared.network);
  for await (const event of runTraining(prepared, {
    seed,
    directory,
    resume: 'if started',
    ...(signal && { signal }),
  })) {
    if (event.type === 'waiting') onWait?.(event.message);
    if (event.type === 'start') epochs = event.epochs;
    if (event.type === 'step' && !Number.isNaN(before)) times.push(performance.now() - before);
    // The time between epochs is that of evaluation, which is no part of a step.
    before = event.type === 'step' ? performance.now() : NaN;
    if (event.type === 'epoch') onEpoch?.({ epoch: event.epoch, epochs, stages });
    // Steps of a stage before the usual ones are of another kind.
    if (event.type === 'epoch' && event.stage !== undefined) times.length = 0;
    if (event.type !== 'result') continue;
    await ensurePredictions(directory, dataset, { own, fold: fold && fold.index + 1 });
    return {
      seed,
      bestEpoch: event.result.best_epoch,
      epochs: event.result.epochs,
      stages,
      valid: event.result.valid,
      parameters: [...prepared.parameters.values()].reduce((n, { shape }) => n + shape.reduce((a, b) => a * b, 1), 0),
      secondsPerStep: times.length > 0 ? median(times) / 1000 : null,
    };
  }
  return undefined;
}

/** A model of one's own from its file, which must be as it was when the benchmark was started. */
async function ownModel({ file, code }: NonNullable<Job['own']>): Promise<OwnModel> {
  const own = await loadModelFile(file);
  const difference = codeDifference(code, own.code);
  if (difference === undefined) return own;
  throw new Error(
    `${file} is not as it was when the benchmark was started: ${difference}; start it again with --resume.`,
  );
}

const references: Readonly<
  Record<ReferenceName, (train: Samples, valid: Samples, task: Dataset['task']) => Reference>
> = {
  majority: (train, _, task) => majority(train, task),
  ridge,
  'best-modality': bestModality,
  'late-fusion': lateFusion,
};

function fittedReference(name: ReferenceName, job: Job, dataset: Dataset): Work {
  const { directory, fold, seed } = job;
  const split = (which: Split): Samples => referenceSplit(dataset, job, which);
  const [valid, test] = [split('valid'), split('test')];
  const fitted = references[name](split('train'), valid, dataset.task);
  const predicted = [
    { split: 'valid', samples: valid, prediction: fitted.predict(valid) },
    { split: 'test', samples: test, prediction: fitted.predict(test) },
  ] as const;
  writePredictions(
    directory,
    predicted.flatMap((each) => predictionLines(dataset.task, { ...each, scores: true, fold: fold && fold.index + 1 })),
  );
  const classes = scoredNames(dataset.task);
  return {
    seed,
    bestEpoch: null,
    epochs: null,
    valid: evaluate(dataset.metrics, predicted[0].prediction, valid.labels!, classes),
    parameters: fitted.parameters,
    secondsPerStep: null,
  };
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

/** The folds of one seed, all finished, as one job that is: every sample predicted where it was tested. */
export function poolFolds(directory: string, folds: readonly string[], data: BenchmarkData): JobResult {
  const results = folds.map((fold) => finished(fold)!);
  const { classes } = data;
  const { labels, values } = joined(folds.map((fold) => readPredictions(fold, { classes })));
  const steps = results.flatMap(({ seconds_per_step: seconds }) => seconds ?? []);
  const result: JobResult = {
    ...results[0]!,
    best_epoch: null,
    epochs: null,
    valid: summarise(results.map(({ valid }) => valid)).mean,
    test: evaluate(data.metrics, values, labels, classes),
    seconds_per_step: steps.length > 0 ? median(steps) : null,
    peak_bytes: Math.max(...results.map(({ peak_bytes: bytes }) => bytes)),
    seconds: results.reduce((sum, { seconds }) => sum + seconds, 0),
  };
  writePredictions(
    directory,
    folds.flatMap((fold) => linesOf(fold, 'test')),
  );
  writeFileAtomic(resultFile(directory), `${JSON.stringify(result, null, 2)}\n`);
  return result;
}
