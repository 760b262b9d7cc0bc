/** Probes: how well each modality predicts the label by itself, by a linear regression that takes seconds. */
import { type Dataset, sampleCount, type Samples } from '../data/dataset.ts';
import { labelWidth, rowsWithoutLabel, scoredNames, type Task } from '../data/task.ts';
import { pickSamples } from '../data/samples.ts';
import { applyStandardisation, fitStandardisation } from '../data/standardise.ts';
import { defaultSelection, evaluate, type MetricName } from '../metrics/metric.ts';
import { timeAverages } from '../data/time-averages.ts';
import { majority, ridge, type Reference } from './references.ts';
import { only } from './references-modalities.ts';

/** Every metric of the dataset's kind, on the validation split. */
type Scores = Readonly<Record<string, number>>;

export interface Strength {
  /** The metric that the penalty was chosen by. */
  readonly metric: MetricName;
  /** Scores of the best constant prediction, for comparison. */
  readonly constant: Scores;
  readonly modalities: readonly {
    readonly name: string;
    readonly scores: Scores;
    /** Training samples that the probe was fitted on: fewer than there are, evenly chosen, where features are very wide. */
    readonly fitted: number;
  }[];
}

/**
 * A ridge regression on each modality alone, standardised and averaged over its true steps, with the penalty that is best
 * on validation; scored there too, which flatters it a little. Undefined without labels for training and validation.
 */
export function probeModalities({ splits, task, metrics, modalities }: Dataset): Strength | undefined {
  const [train, valid] = [labelled(splits.train, task), labelled(splits.valid, task)];
  if (!train?.labels?.length || !valid?.labels?.length) return undefined;
  const truth = valid.labels;
  const classes = scoredNames(task);
  const scores = (reference: Reference, samples: Samples): Scores =>
    evaluate(metrics, reference.predict(samples), truth, classes);
  return {
    metric: defaultSelection(task.kind),
    constant: scores(majority(train, task), valid),
    modalities: modalities.map(({ name, width }) => {
      const statistics = fitStandardisation(only(train, name));
      const fitted = averaged(evenly(train, affordable(sampleCount(train), width)), name);
      const held = applyStandardisation(averaged(valid, name), statistics);
      const reference = ridge(applyStandardisation(fitted, statistics), held, task);
      return { name, scores: scores(reference, held), fitted: sampleCount(fitted) };
    }),
  };
}

/** The samples that have a label: of data that is only looked at, not all need one. */
function labelled(samples: Samples | undefined, task: Task): Samples | undefined {
  if (!samples?.labels) return samples;
  const without = new Set(rowsWithoutLabel(samples.labels, labelWidth(task)));
  if (without.size === 0) return samples;
  return pickSamples(
    samples,
    [...samples.ids.keys()].filter((n) => !without.has(n)),
  );
}

/** Multiplications that a regression may take, a matter of seconds, and numbers that it may hold at once, some 120 MB with copies. */
const budget = 1e10;
const roomy = 4e6;

/** Samples that can be fitted quickly: one product of features with themselves, and a solution per penalty. */
export function affordable(samples: number, width: number, most = roomy): number {
  const cost = (rows: number): number => {
    const side = Math.min(rows, width);
    return (rows * width * side) / 2 + 6 * side ** 3;
  };
  let rows = samples;
  while (rows > 1 && (cost(rows) > budget || rows * width > most)) rows = Math.floor(rows * 0.9);
  return rows;
}

/** One modality averaged over its true steps: scaled afterwards it is what it would be scaled before, in far less memory. */
function averaged(samples: Samples, name: string): Samples {
  const { rows, columns, data } = timeAverages(samples, [name]);
  return {
    ...samples,
    features: { [name]: { shape: [rows, 1, columns], data: Float32Array.from(data) } },
    lengths: { [name]: samples.lengths[name]!.map((length) => Math.min(length, 1)) },
  };
}

/** So many of the samples, from first to last in even steps. */
export function evenly(samples: Samples, count: number): Samples {
  const all = sampleCount(samples);
  if (count === all) return samples;
  return pickSamples(
    samples,
    Array.from({ length: count }, (_, i) => Math.floor((i * all) / count)),
  );
}
