/** How far the metrics of a run could be from what they are by luck: that of the test samples, and that of its seeds. */
import { middleOf, type Interval } from '../analysis/interval.ts';
import { random } from '../data/random.ts';
import { groupsKnown } from '../data/samples.ts';
import { evaluate, type MetricKind } from '../metrics/metric.ts';
import { resampledRows, rowsByGroup } from '../metrics/significance.ts';
import type { Predictions } from '../runs/record/predictions.ts';

/** The intervals of a run, and what was drawn anew for them. */
export interface MetricIntervals {
  /** By metric, the middle 95 % of its means over seeds. */
  readonly intervals: Readonly<Record<string, Interval>>;
  /** How many groups of samples there are; samples are drawn one by one, as if each were a group, where nothing tells groups. */
  readonly units: number;
  readonly by: 'group' | 'sample';
}

/**
 * The 95 % interval of each metric of the test split, a mean over the seeds of a run: groups of samples, and seeds, are drawn
 * anew with replacement (bootstrap), the same groups for each seed. Undefined where all samples are of one group.
 */
export function metricIntervals(
  { metrics: kind, classes }: { readonly metrics: MetricKind; readonly classes: readonly string[] },
  seeds: readonly Predictions[],
  { resamples = 500 } = {},
): MetricIntervals | undefined {
  const by = seeds.every((each) => groupsKnown(each)) ? 'group' : 'sample';
  const unitsOf = (each: Predictions): readonly string[] => (by === 'group' ? groupsKnown(each)! : each.ids);
  const units = new Set(unitsOf(seeds[0]!)).size;
  if (units < 2) return undefined;
  const bySeed = seeds.map((predictions) => {
    const names = unitsOf(predictions);
    const rows = rowsByGroup(names).toSorted((a, b) => (names[a[0]!]! < names[b[0]!]! ? -1 : 1));
    // A stream of its own for each seed, which begins anew, draws the same groups for all.
    const stream = random(0, 'metric-intervals');
    return resampledRows(rows, resamples, (n) => stream.integer(n)).map((drawn) =>
      evaluate(
        kind,
        picked(predictions.values, drawn, names.length),
        picked(predictions.labels, drawn, names.length),
        classes,
      ),
    );
  });
  const stream = random(0, 'metric-intervals', 'seeds');
  const means = Array.from({ length: resamples }, (_, r) => {
    const drawn = seeds.map(() => bySeed[stream.integer(seeds.length)]![r]!);
    return (metric: string): number => drawn.reduce((sum, scores) => sum + (scores[metric] ?? NaN), 0) / drawn.length;
  });
  const intervals = Object.keys(bySeed[0]![0]!).flatMap((metric) => {
    const interval = middleOf(means.map((mean) => mean(metric)).filter(Number.isFinite));
    return interval ? [[metric, interval] as const] : [];
  });
  return { intervals: Object.fromEntries(intervals), units, by };
}

/** Rows of values `[N, width]`. */
function picked(values: readonly number[], rows: Int32Array, count: number): Float64Array {
  const width = values.length / count;
  return Float64Array.from(
    { length: rows.length * width },
    (_, i) => values[rows[Math.floor(i / width)]! * width + (i % width)]!,
  );
}
