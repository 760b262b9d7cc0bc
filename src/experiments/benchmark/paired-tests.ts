/** How sure the differences of models are on the same samples: tests that draw groups and seeds, corrected for how many there are. */
import { fitLabels } from '../../data/label-statistics.ts';
import { random } from '../../data/random.ts';
import { labelColumn } from '../../data/task.ts';
import { predictedClasses } from '../../metrics/classification.ts';
import { evaluate, metrics, type MetricKind, type MetricName } from '../../metrics/metric.ts';
import {
  bootstrapDifference,
  holm,
  resampledRows,
  rowsByGroup,
  wilcoxon,
  type Difference,
  type SignedRank,
} from '../../metrics/significance.ts';
import type { Predictions } from '../../runs/record/predictions.ts';
import type { BenchmarkData } from './entries.ts';

/** A test whose outcome is null where all samples are of one group: every resample is the same then, and there is one pair. */
type Tested<Test, Outcome extends keyof Test> = Omit<Test, Outcome> & {
  readonly [name in Outcome]: Test[name] | null;
};

export interface Against {
  /** Paired bootstrap of every metric of the table, by groups and seeds. */
  readonly bootstrap: Readonly<Record<string, Tested<Difference, 'low' | 'high' | 'p'>>>;
  /** Wilcoxon's test of the mean errors by group, averaged over seeds. */
  readonly wilcoxon: Tested<SignedRank, 'p'>;
  /**
   * The p-values of the first metric and of Wilcoxon's test, corrected over the rows of the table as Holm has it; null where
   * all samples are of one group.
   */
  readonly corrected: { readonly bootstrap: number | null; readonly wilcoxon: number | null };
  /** DecAlign against the row by the first metric, where the corrected p-value of the bootstrap is below `level`. */
  readonly verdict: 'wins' | 'ties' | 'loses';
}

/** Below this, a corrected p-value tells a difference from luck. */
export const level = 0.05;

/**
 * The metrics that the paper's tables have, in their order, each two-class score by both conventions. The first decides who
 * wins; of several targets that is the mean R², since the mean of their MAEs is that of the target with the widest range.
 */
export const tableMetrics: Readonly<Record<MetricKind, readonly [MetricName, ...MetricName[]]>> = {
  mosi: ['mae', 'corr', 'acc2', 'acc2_nonneg', 'acc7', 'f1', 'f1_nonneg'],
  sims: ['mae', 'f1'],
  regression: ['mae', 'corr', 'rmse', 'r2'],
  classification: ['wacc', 'waf1'],
  multilabel: ['map', 'macro_f1', 'micro_f1'],
  multitarget: ['r2', 'corr', 'mae'],
  'mosei-emotions': ['wacc', 'waf1', 'auc'],
};

/** Resamples of the test split, by groups; the same for all rows, which is what pairs them. */
const resamples = 2000;

/** The predictions of all seeds of one model, of the same samples in the same order. */
export interface Contender {
  readonly id: string;
  readonly seeds: readonly Predictions[];
}

/** Samples that are compared on: how they are scored, and the group of each by its id, where groups are known. */
export type ComparedOn = Pick<BenchmarkData, 'metrics' | 'classes' | 'groups' | 'hash'>;

/** Tests of one contender's figures less those of each of the others, corrected for how many there are. */
export function pairedTests(data: ComparedOn, base: Contender, others: readonly Contender[]): Against[] {
  const [main] = tableMetrics[data.metrics];
  const judge = new Judge(data, base);
  const tests = others.map((other) => judge.against(other));
  const bootstrap = holm(tests.map((each) => each.bootstrap[main]!.p));
  const signedRank = holm(tests.map((each) => each.wilcoxon.p));
  const { groups } = data;
  if (isOneGroup(groups && base.seeds[0]!.ids.map((id) => groups.get(id)))) return tests.map(untested);
  return tests.map((each, i) => {
    const isBetter = each.bootstrap[main]!.value < 0 === (metrics[main].better === 'lower');
    const verdict = bootstrap[i]! >= level ? 'ties' : isBetter ? 'wins' : 'loses';
    return { ...each, corrected: { bootstrap: bootstrap[i]!, wilcoxon: signedRank[i]! }, verdict };
  });
}

/** Whether samples are all of one group, given that of each: every resample is the same then, and no p-value is evidence. */
export const isOneGroup = (groups: Iterable<unknown> | undefined): boolean =>
  groups !== undefined && new Set(groups).size === 1;

/** Why there are no p-values, as notes of tables and of comparisons have it. */
export const oneGroupNote = 'All test samples are of one group, so that no p-value tells a difference from luck.';

/** What no p-value says, as notes of tables and of comparisons have it. */
export const sizeNote =
  'Small p-values say that a difference is no luck, not that it is large: one that most samples share is found however small.';

/** Why the two p-values of one difference may disagree; of one seed neither has a spread of seeds. */
export const spreadNote = 'The signed-rank test has no spread of seeds in it, so that the two p may disagree.';

/** Differences without what resamples of one group would say of them. */
function untested({ bootstrap, wilcoxon: signedRank }: PairedTest): Against {
  const differences = Object.entries(bootstrap).map(([metric, { value }]) => [
    metric,
    { value, low: null, high: null, p: null },
  ]);
  return {
    bootstrap: Object.fromEntries(differences) as Against['bootstrap'],
    wilcoxon: { ...signedRank, p: null },
    corrected: { bootstrap: null, wilcoxon: null },
    verdict: 'ties',
  };
}

interface PairedTest {
  readonly bootstrap: Readonly<Record<string, Difference>>;
  readonly wilcoxon: SignedRank;
}

/** Tests others against one contender, on the same resamples. */
class Judge {
  /** The rows of each group; every sample is one of its own where nothing tells groups. */
  private readonly groups: readonly (readonly number[])[];
  private readonly rows: readonly Int32Array[];
  private readonly own: Scored;

  constructor(
    private readonly data: ComparedOn,
    base: Contender,
  ) {
    const source = random(0, 'benchmark', data.hash);
    const { ids } = base.seeds[0]!;
    this.groups = rowsByGroup(data.groups ? ids.map((id) => data.groups!.get(id) ?? id) : ids);
    this.rows = resampledRows(this.groups, resamples, (n) => source.integer(n));
    this.own = this.scored(base);
  }

  against(contender: Contender): PairedTest {
    const other = this.scored(contender);
    const less = (a: readonly number[], b: readonly number[]): number[] => a.map((x, i) => x - b[i]!);
    const value = less(this.own.values, other.values);
    const replicates = this.own.replicates.map((own, r) => less(own, other.replicates[r]!));
    const bootstrap = tableMetrics[this.data.metrics].map((metric, m): [string, Difference] => [
      metric,
      bootstrapDifference(
        value[m]!,
        replicates.map((each) => each[m]!),
      ),
    ]);
    return { bootstrap: Object.fromEntries(bootstrap), wilcoxon: wilcoxon(this.own.errors, other.errors) };
  }

  private scored({ id, seeds: all }: Contender): Scored {
    const bySeed = (rows?: Int32Array): number[][] => all.map((predictions) => metricsOn(this.data, predictions, rows));
    // Seeds of one model have nothing to do with those of another: each model's are drawn by themselves.
    const source = random(0, 'benchmark seeds', this.data.hash, id);
    const ofDrawn = (seeds: readonly number[][]): number[] =>
      meanOf(seeds.map(() => seeds[source.integer(seeds.length)]!));
    const errors = meanOf(all.map((predictions) => sampleErrors(this.data, predictions)));
    return {
      values: meanOf(bySeed()),
      replicates: this.rows.map((rows) => ofDrawn(bySeed(rows))),
      errors: this.groups.map((rows) => rows.reduce((sum, row) => sum + errors[row]!, 0) / rows.length),
    };
  }
}

interface Scored {
  /** The table's metrics on the test split, means over seeds; and on each resample, over seeds drawn with replacement. */
  readonly values: readonly number[];
  readonly replicates: readonly (readonly number[])[];
  /** The mean error of each group. */
  readonly errors: readonly number[];
}

const meanOf = (each: readonly (readonly number[])[]): number[] =>
  each[0]!.map((_, i) => each.reduce((sum, values) => sum + values[i]!, 0) / each.length);

function metricsOn({ metrics: kind, classes }: ComparedOn, predictions: Predictions, rows?: Int32Array): number[] {
  const { labels, values } = predictions;
  const width = Math.max(classes.length, 1);
  const labelWidth = kind === 'classification' ? 1 : width;
  const drawn = (all: readonly number[], size: number): ArrayLike<number> => {
    if (!rows) return all;
    const picked = new Float64Array(rows.length * size);
    for (const [n, row] of rows.entries()) for (let i = 0; i < size; i++) picked[n * size + i] = all[row * size + i]!;
    return picked;
  };
  const found = evaluate(kind, drawn(values, width), drawn(labels, labelWidth), classes);
  return tableMetrics[kind].map((metric) => found[metric]!);
}

/**
 * The errors by sample: absolute errors or 1 for a wrong class, whose mean is the first metric of the table; of several
 * labels the share of those that are wrong, of several targets the mean absolute error, each in deviations of its labels.
 */
function sampleErrors({ metrics: kind, classes }: ComparedOn, { labels, values }: Predictions): number[] {
  if (kind === 'multilabel' || kind === 'mosei-emotions')
    return meansByRow(
      labels.map((label, i) => (Number.isNaN(label) ? Number.NaN : Number(label !== Number(values[i]! > 0)))),
      classes.length,
    );
  if (kind === 'multitarget') {
    const units = classes.map((_, l) => fitLabels(labelColumn(Float32Array.from(labels), classes.length, l)).deviation);
    return meansByRow(
      labels.map((label, i) => Math.abs(values[i]! - label) / units[i % classes.length]!),
      classes.length,
    );
  }
  if (kind === 'classification') {
    const predicted = predictedClasses(values, classes.length);
    return labels.map((label, n) => Number(predicted[n] !== label));
  }
  // CH-SIMS is scored on values within −1..1.
  const within = (x: number): number => (kind === 'sims' ? Math.min(Math.max(x, -1), 1) : x);
  return labels.map((label, n) => Math.abs(within(values[n]!) - within(label)));
}

/** The mean of each row of `[N, width]` over what is a number; 0 for a row that has none. */
const meansByRow = (values: readonly number[], width: number): number[] =>
  Array.from({ length: values.length / width }, (_, n) => {
    const known = values.slice(n * width, (n + 1) * width).filter((value) => !Number.isNaN(value));
    return known.length === 0 ? 0 : known.reduce((sum, value) => sum + value, 0) / known.length;
  });
