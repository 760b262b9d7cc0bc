/** Cross-validation: a run per fold, each sample predicted once by a model that never saw it. */
import path from 'node:path';
import type { RunConfig } from '../config/index.ts';
import type { Dataset, Samples } from '../data/dataset.ts';
import { foldOf, type FoldedBy } from '../data/folds.ts';
import { scoredNames } from '../data/task.ts';
import { evaluate } from '../metrics/metric.ts';
import { summarise } from '../metrics/summary.ts';
import { ensurePredictions } from '../runs/held-out.ts';
import type { OwnModel } from '../runs/own-model/code.ts';
import type { CheckpointEvery } from '../runs/record/run-directory.ts';
import { joined, linesOf, readPredictions, writePredictions } from '../runs/record/predictions.ts';
import { severalRunDirectory } from '../runs/record/several-runs.ts';
import type { Prepared } from '../runs/prepare.ts';
import { runTraining, type RunEvent, type RunResult } from '../runs/training-run.ts';
import { writeFileAtomic } from '../files/atomic.ts';
import type { Ranks } from '../parallel/ranks.ts';
import type { Metrics } from '../train/index.ts';
import { fittedReferences, loadReferenceData, referenceSplit, type ReferenceFigures } from './references-data.ts';
import type { FoldsFound } from './folds.ts';
import { checkSeveral, isAborted, type Spread } from './seeds.ts';

export interface CrossValidation {
  readonly dataset: Dataset;
  readonly folds: FoldsFound;
  /** Lines on what the folds share, which is trained on and tested on; for the record. */
  readonly warnings: readonly string[];
  /** The samples, standardised by the fold's own training split. */
  readonly prepare: (data: Dataset, fold: number) => Prepared;
  /** The model, where it is one's own. */
  readonly own?: OwnModel | undefined;
  readonly seed: number;
  readonly directory: string;
  /** Go on with what the directory holds: finished folds are kept, a stopped one continues. */
  readonly resume: boolean;
  /** Each fold that has begun with another number of epochs is extended to that of the configuration. */
  readonly extend?: boolean;
  readonly checkpointEvery?: CheckpointEvery;
  readonly signal?: AbortSignal;
  /** The processes that train each fold together. Default: this one by itself. */
  readonly ranks?: Ranks;
}

export type FoldsEvent =
  { readonly type: 'fold'; readonly fold: number; readonly count: number; readonly directory: string } | RunEvent;

export interface FoldsResult extends Spread {
  readonly folds: FoldedBy & { readonly count: number };
  readonly warnings: readonly string[];
  readonly runs: readonly RunResult[];
  /** Metrics of all samples together, each predicted in the fold where it was tested. */
  readonly pooled: Metrics;
}

/** The run that is tested on `fold`, which is counted from 0. */
const foldDirectory = (directory: string, fold: number): string => severalRunDirectory(directory, 'fold', fold + 1);

/** Trains on each fold in turn; each yields its own events, the last of which is its result. */
export async function* runFolds(validation: CrossValidation): AsyncGenerator<FoldsEvent> {
  const {
    dataset,
    folds,
    prepare,
    seed,
    directory,
    resume,
    extend = false,
    checkpointEvery,
    signal,
    ranks,
  } = validation;
  // Labels that are missing are reported before the first fold is trained, not after it.
  const each = Array.from({ length: folds.count }, (_, fold) => foldOf(dataset, folds, fold));
  if (!ranks?.rank) checkSeveral(directory, { resume, kind: 'fold' });
  for (const [fold, data] of each.entries()) {
    const own = foldDirectory(directory, fold);
    yield { type: 'fold', fold, count: folds.count, directory: own };
    let aborted = false;
    const events = runTraining(prepare(data, fold), {
      seed,
      directory: own,
      resume: resume && 'if started',
      extend,
      ...(checkpointEvery && { checkpointEvery }),
      ...(signal && { signal }),
      ...(ranks && { ranks }),
    });
    for await (const event of events) {
      yield event;
      aborted ||= isAborted(event);
    }
    if (aborted || signal?.aborted) return;
  }
}

/** Means and deviations over finished folds and metrics of all samples together, written beside the folds. */
export async function summariseFolds(
  { dataset, folds, warnings, directory, own }: CrossValidation,
  runs: readonly RunResult[],
): Promise<FoldsResult> {
  const directories = Array.from({ length: folds.count }, (_, fold) => foldDirectory(directory, fold));
  for (const [fold, each] of directories.entries())
    await ensurePredictions(each, foldOf(dataset, folds, fold), { own, fold: fold + 1 });
  const classes = scoredNames(dataset.task);
  const { values, labels } = joined(directories.map((each) => readPredictions(each, { classes })));
  const [valid, test] = [summarise(runs.map((run) => run.valid)), summarise(runs.map((run) => run.test!))];
  const { count, by, groups } = folds;
  const result: FoldsResult = {
    ...{ folds: { count, by, groups }, warnings },
    runs,
    mean: { valid: valid.mean, test: test.mean },
    std: { valid: valid.std, test: test.std },
    pooled: evaluate(dataset.metrics, values, labels, classes),
  };
  writePredictions(
    directory,
    directories.flatMap((each) => linesOf(each, 'test')),
  );
  writeFileAtomic(path.join(directory, 'result.json'), `${JSON.stringify(result, null, 2)}\n`);
  return result;
}

/**
 * The metrics that a constant and ridge regression reach on the same folds: the mean of their validation, and all samples
 * together, each predicted where it was tested.
 */
export async function foldReferences(
  { dataset, folds }: Pick<CrossValidation, 'dataset' | 'folds'>,
  { source, config }: { readonly source: string; readonly config: RunConfig },
): Promise<readonly ReferenceFigures[]> {
  const tokens = dataset.modalities.some((modality) => modality.tokens);
  const whole = tokens ? await loadReferenceData(source, config) : dataset;
  const { task, metrics: kind } = dataset;
  const fitted = Array.from({ length: folds.count }, (_, index) => {
    const fold = foldOf(whole, folds, index);
    const [train, valid, test] = (['train', 'valid', 'test'] as const).map((split) =>
      referenceSplit(fold, config, split),
    ) as [Samples, Samples, Samples];
    return { valid, test, references: fittedReferences(train, valid, task) };
  });
  const labels = fitted.flatMap(({ test }) => [...test.labels!]);
  const classes = scoredNames(task);
  return fitted[0]!.references.map(({ name, describe }, r) => {
    const predicted = fitted.flatMap(({ test, references }) => [...references[r]!.predict(test)]);
    const chosen = fitted.map(({ valid, references }) =>
      evaluate(kind, references[r]!.predict(valid), valid.labels!, classes),
    );
    return { name, describe, valid: summarise(chosen).mean, test: evaluate(kind, predicted, labels, classes) };
  });
}
