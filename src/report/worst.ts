/** The test samples that a run errs on most. */
import { fitLabels } from '../data/label-statistics.ts';
import { groupsKnown } from '../data/samples.ts';
import { labelColumn } from '../data/task.ts';
import type { MetricKind } from '../metrics/metric.ts';
import type { Predictions } from '../runs/record/predictions.ts';

export interface WorstSample {
  readonly id: string;
  /** Absent where nothing tells groups. */
  readonly group?: string;
  /** The label, and what is predicted: a mean over seeds, or what most of them predict. */
  readonly label: string;
  readonly prediction: string;
  /** A mean over seeds, in the unit of `WorstSamples.unit`. */
  readonly error: number;
}

export interface WorstSamples {
  /** Says how errors are measured. */
  readonly unit: string;
  /** The largest error first. */
  readonly samples: readonly WorstSample[];
}

/** How an error is measured and told; `row` holds the numbers of one sample. */
interface Judge {
  readonly unit: string;
  /** The numbers of a label, and of a prediction. */
  readonly widths: readonly [number, number];
  readonly error: (label: readonly number[], values: readonly number[]) => number;
  readonly labelText: (label: readonly number[]) => string;
  readonly predictionText: (seeds: readonly (readonly number[])[]) => string;
}

/** The samples of the largest errors, means over the seeds of a run, which all predict the same samples. */
export function worstSamples(
  { metrics, classes }: { readonly metrics: MetricKind; readonly classes: readonly string[] },
  seeds: readonly Predictions[],
  most = 20,
): WorstSamples {
  const [first] = seeds as readonly [Predictions];
  const { unit, widths, error, labelText, predictionText } = judgeOf(metrics, classes, first);
  const [labelWidth, width] = widths;
  const rowOf = (all: readonly number[], n: number, size: number): readonly number[] =>
    all.slice(n * size, (n + 1) * size);
  const places = seeds.map(({ ids }) => placesOf(ids));
  const groups = groupsKnown(first);
  const keys = keysOf(first.ids);
  const samples = first.ids.flatMap((id, n) => {
    const label = rowOf(first.labels, n, labelWidth);
    if (label.every(Number.isNaN)) return [];
    const predicted = seeds.flatMap(({ values }, s) => {
      const place = places[s]!.get(keys[n]!);
      return place === undefined ? [] : [rowOf(values, place, width)];
    });
    const mean = predicted.reduce((sum, values) => sum + error(label, values), 0) / predicted.length;
    const about = {
      id,
      ...(groups && { group: groups[n]! }),
      label: labelText(label),
      prediction: predictionText(predicted),
    };
    return Number.isFinite(mean) ? [{ ...about, error: mean }] : [];
  });
  return { unit, samples: samples.toSorted((a, b) => b.error - a.error).slice(0, most) };
}

/** An id with how many of it there were before: some files use one more than once. */
function keysOf(ids: readonly string[]): readonly string[] {
  const seen = new Map<string, number>();
  return ids.map((id) => {
    const before = seen.get(id) ?? 0;
    seen.set(id, before + 1);
    return JSON.stringify([id, before]);
  });
}

const placesOf = (ids: readonly string[]): ReadonlyMap<string, number> =>
  new Map(keysOf(ids).map((key, n) => [key, n]));

function judgeOf(kind: MetricKind, classes: readonly string[], predictions: Predictions): Judge {
  switch (kind) {
    case 'classification':
      return classJudge(classes);
    case 'multilabel':
    case 'mosei-emotions':
      return labelsJudge(classes);
    case 'multitarget':
      return targetsJudge(classes, predictions.labels);
    case 'mosi':
    case 'sims':
    case 'regression':
      return {
        unit: 'distance of the prediction from the label',
        widths: [1, 1],
        error: ([label], [value]) => Math.abs(value! - label!),
        labelText: ([label]) => numberText(label!),
        predictionText: (seeds) => numberText(meanOf(seeds.map(([value]) => value!))),
      };
  }
}

/** A number of few digits; labels such as 1.8 are stored as the nearest single precision. */
const numberText = (x: number): string => String(Number(x.toFixed(3)));
const meanOf = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length;
const largest = (values: readonly number[]): number => values.indexOf(Math.max(...values));

function classJudge(classes: readonly string[]): Judge {
  return {
    unit: '1 less the probability of the true class',
    widths: [1, classes.length],
    error: ([label], values) => 1 - sharesOf(values)[label!]!,
    labelText: ([label]) => classes[label!]!,
    predictionText: (seeds) => {
      const means = classes.map((_, c) => meanOf(seeds.map((values) => sharesOf(values)[c]!)));
      const predicted = largest(means);
      return `${classes[predicted]!} (${means[predicted]!.toFixed(2)})`;
    },
  };
}

/** Probabilities of classes: as they are where they are some, and by softmax of logits. */
function sharesOf(values: readonly number[]): readonly number[] {
  const total = values.reduce((sum, x) => sum + x, 0);
  if (values.every((x) => x >= 0 && x <= 1) && Math.abs(total - 1) < 0.01) return values;
  const most = Math.max(...values);
  const powers = values.map((x) => Math.exp(x - most));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((x) => x / sum);
}

/** Several labels, each of which a sample has or has not: values are above 0 where one is predicted. */
function labelsJudge(classes: readonly string[]): Judge {
  const named = (has: (l: number) => boolean): string => classes.filter((_, l) => has(l)).join(', ') || 'none';
  return {
    unit: 'share of labels that are wrong',
    widths: [classes.length, classes.length],
    error: (labels, values) => {
      const known = [...labels.keys()].filter((l) => !Number.isNaN(labels[l]!));
      return meanOf(known.map((l) => Number(labels[l]! !== Number(values[l]! > 0))));
    },
    labelText: (labels) => named((l) => labels[l] === 1),
    predictionText: (seeds) => named((l) => 2 * seeds.filter((values) => values[l]! > 0).length > seeds.length),
  };
}

function targetsJudge(classes: readonly string[], labels: readonly number[]): Judge {
  const all = Float32Array.from(labels);
  const units = classes.map((_, l) => fitLabels(labelColumn(all, classes.length, l)).deviation);
  const named = (values: readonly number[]): string =>
    classes.flatMap((name, l) => (Number.isNaN(values[l]!) ? [] : [`${name} ${numberText(values[l]!)}`])).join(', ');
  return {
    unit: 'mean distance over the targets, each in standard deviations of its labels',
    widths: [classes.length, classes.length],
    error: (label, values) => {
      const known = [...label.keys()].filter((l) => !Number.isNaN(label[l]!) && units[l]! > 0);
      return meanOf(known.map((l) => Math.abs(values[l]! - label[l]!) / units[l]!));
    },
    labelText: named,
    predictionText: (seeds) => named(classes.map((_, l) => meanOf(seeds.map((values) => values[l]!)))),
  };
}
