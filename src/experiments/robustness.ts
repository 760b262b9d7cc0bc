/**
 * Robustness of a trained model to modalities that are missing or noisy: metrics over a curve of rates, as MultiBench measures
 * robustness (Liang et al., NeurIPS Datasets and Benchmarks 2021).
 */
import { withNoise, withoutModalities } from '../data/missing.ts';
import { scoredNames } from '../data/task.ts';
import type { Dataset, Samples, Split } from '../data/dataset.ts';
import { evaluate } from '../metrics/metric.ts';
import { openPredictor, type OpenModel } from '../runs/open-model.ts';
import { labelsFor } from '../runs/labels.ts';
import { preparedSplit } from '../runs/network.ts';
import type { Metrics } from '../train/index.ts';

/** One imperfection: `drop` takes the modalities from a share of the samples, `noise` adds some to all of them. */
export interface Imperfection {
  readonly kind: 'drop' | 'noise';
  /** All modalities of the list are missing, or noisy, in the same samples at once. */
  readonly modalities: readonly string[];
  /** Shares of samples from 0 to 1, or deviations of the noise in those of the training split's features. */
  readonly rates: readonly number[];
}

export interface Curve {
  readonly kind: Imperfection['kind'];
  readonly modalities: readonly string[];
  readonly points: readonly { readonly rate: number; readonly metrics: Metrics }[];
  /** Mean of each metric along the curve: its area over the range of rates, by trapezoids. One rate: that metric. */
  readonly mean: Metrics;
}

/** 0, 0.1, … 1. */
export const usualRates: readonly number[] = Array.from({ length: 11 }, (_, i) => i / 10);

/**
 * A curve per imperfection. The draws are the same for every rate and model. Throws a `RangeError` for a modality that
 * the model does not have, or a rate out of range.
 */
export async function robustness(
  model: OpenModel,
  dataset: Dataset,
  imperfections: readonly Imperfection[],
  {
    split = 'test',
    threads,
    seed = 1,
  }: { readonly split?: Split; readonly threads?: number; readonly seed?: number } = {},
): Promise<readonly Curve[]> {
  for (const imperfection of imperfections) check(imperfection, model);
  const { data, thresholds } = model;
  const samples = preparedSplit(dataset, split, model);
  const labels = labelsFor(data, dataset, split);
  if (!labels) throw new Error(`The split "${split}" of ${dataset.name} has no labels to score against.`);
  const classes = scoredNames(data.task);
  const predictor = await openPredictor(model, threads === undefined ? {} : { threads });
  try {
    const curves: Curve[] = [];
    for (const { kind, modalities, rates } of imperfections) {
      const points: { rate: number; metrics: Metrics }[] = [];
      for (const rate of rates.toSorted((a, b) => a - b)) {
        const worse = impaired(samples, { kind, modalities }, rate, seed);
        const { prediction } = await predictor.predict(worse);
        points.push({
          rate,
          metrics: evaluate(data.metrics, prediction, labels, classes, thresholds && { thresholds }),
        });
      }
      curves.push({ kind, modalities, points, mean: meanOf(points) });
    }
    return curves;
  } finally {
    await predictor.dispose();
  }
}

const impaired = (
  samples: Samples,
  { kind, modalities }: Pick<Imperfection, 'kind' | 'modalities'>,
  rate: number,
  seed: number,
): Samples =>
  kind === 'drop'
    ? withoutModalities(samples, modalities, { rate, seed })
    : withNoise(samples, modalities, { deviation: rate, seed });

function check({ kind, modalities, rates }: Imperfection, { data }: OpenModel): void {
  const names = data.features.map(({ name }) => name);
  for (const modality of modalities) {
    const feature = data.features.find(({ name }) => name === modality);
    if (!feature) throw new RangeError(`The model has no modality "${modality}"; it has ${names.join(', ')}.`);
    if (feature.tokens && kind === 'noise')
      throw new RangeError(`The modality "${modality}" holds tokens, to which no noise can be added; drop it instead.`);
  }
  const wrong = rates.find((rate) => !(rate >= 0 && rate < Infinity) || (kind === 'drop' && rate > 1));
  if (wrong !== undefined)
    throw new RangeError(
      kind === 'drop' ? `A share of samples is from 0 to 1, got ${wrong}.` : `A deviation is at least 0, got ${wrong}.`,
    );
}

function meanOf(points: readonly { readonly rate: number; readonly metrics: Metrics }[]): Metrics {
  const [first, last] = [points[0]!, points.at(-1)!];
  const range = last.rate - first.rate;
  if (range === 0) return first.metrics;
  const area = (name: string): number =>
    points.slice(1).reduce((sum, { rate, metrics }, i) => {
      const before = points[i]!;
      return sum + ((rate - before.rate) * (metrics[name]! + before.metrics[name]!)) / 2;
    }, 0);
  return Object.fromEntries(Object.keys(first.metrics).map((name) => [name, area(name) / range]));
}
