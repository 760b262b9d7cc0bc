/** References on the data of a run: on features as models get them, and on the encoder's hidden states where text is tokens. */
import path from 'node:path';
import { sampleCount, type Dataset, type Samples, type Split } from '../data/dataset.ts';
import { scoredNames } from '../data/task.ts';
import { applyStandardisation } from '../data/standardise.ts';
import { writeFileAtomic } from '../files/atomic.ts';
import { evaluate } from '../metrics/metric.ts';
import { loadRunData } from '../runs/load.ts';
import type { TextConfig } from '../runs/text/text-encoder.ts';
import { standardisationOf, type Prepared } from '../runs/prepare.ts';
import type { Metrics } from '../train/index.ts';
import { affordable, evenly } from './probes.ts';
import { majority, ridge, type Reference } from './references.ts';

/** The dataset that references see: a reference trains no encoder, so the one that reads tokens is taken as it comes. */
export const loadReferenceData = (
  source: string,
  config: Parameters<typeof loadRunData>[1],
): ReturnType<typeof loadRunData> =>
  loadRunData(source, { ...config, text: { bert: { ...config.text.bert, freeze: 'all' } } });

/** A split, scaled by the training split as a model's input is. */
export function referenceSplit({ splits, name }: Dataset, { data }: TextConfig, split: Split): Samples {
  const { train, [split]: samples } = splits;
  if (!train || !samples) throw new Error(`${name} has no split "${train ? split : 'train'}".`);
  return applyStandardisation(samples, standardisationOf(train, Object.keys(train.features), data));
}

/** The figures of a reference beside those of a training. */
export interface ReferenceFigures {
  readonly name: string;
  /** How it predicts, in a few words. */
  readonly describe: string;
  readonly valid: Metrics;
  /** Absent where the dataset has no test split. */
  readonly test?: Metrics;
}

/** Numbers that ridge regression may hold at once beside a training, some 600 MB with copies. */
const roomy = 2e7;

/**
 * A constant and ridge regression, fitted. Where there are so many and so wide samples that this would take longer than some
 * seconds, ridge regression is fitted on fewer of them, evenly chosen, and says so.
 */
export function fittedReferences(train: Samples, valid: Samples, task: Dataset['task']): readonly Reference[] {
  const all = sampleCount(train);
  const width = Object.values(train.features).reduce((sum, { shape }) => sum + shape[2]!, 0);
  const some = evenly(train, affordable(all, width, roomy));
  const linear = ridge(some, valid, task);
  const fitted = sampleCount(some);
  const on = fitted < all ? `, fitted on ${fitted} of ${all} samples` : '';
  return [majority(train, task), { ...linear, describe: `${linear.describe}${on}` }];
}

/** The metrics that a constant and ridge regression reach on the validation and test splits of a run's data. */
export async function runReferences({ data, config, source, ...held }: Prepared): Promise<readonly ReferenceFigures[]> {
  const classes = scoredNames(data.task);
  const dataset = data.encoder ? await loadReferenceData(source, config) : held.dataset;
  const split = (name: Split): Samples => referenceSplit(dataset, config, name);
  const [train, valid] = [split('train'), split('valid')];
  const test = dataset.splits.test && split('test');
  const figures = (reference: Reference, on: Samples): Metrics =>
    evaluate(data.metrics, reference.predict(on), on.labels!, classes);
  return fittedReferences(train, valid, dataset.task).map((reference) => ({
    ...{ name: reference.name, describe: reference.describe, valid: figures(reference, valid) },
    ...(test && { test: figures(reference, test) }),
  }));
}

/** Writes references beside the run, or the several runs, that they are to be compared with. */
export function writeReferences(directory: string, references: readonly ReferenceFigures[]): void {
  const named = Object.fromEntries(references.map(({ name, ...figures }) => [name, figures]));
  writeFileAtomic(path.join(directory, 'references.json'), `${JSON.stringify(named, null, 2)}\n`);
}
