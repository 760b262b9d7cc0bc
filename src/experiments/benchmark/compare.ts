/** From finished jobs to the rows of a table: means over seeds, and how sure their differences are. */
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
import { summarise } from '../../metrics/summary.ts';
import { notesOf, placeOf, titleOf } from '../../models/index.ts';
import { reportedFor } from '../reported.ts';
import { referenceNames, type BenchmarkData, type Entry } from './entries.ts';
import { readPredictions, type Predictions } from '../../runs/record/predictions.ts';
import type { RowDecoupling } from './decoupling.ts';
import type { JobResult } from './job.ts';

/** The results of all seeds of an entry. */
export interface EntryOutcome {
  readonly entry: Entry;
  readonly runs: readonly { readonly directory: string; readonly result: JobResult }[];
  readonly failures: readonly { readonly what: string; readonly reason: string }[];
  /** The trial that random search chose; absent without a search. */
  readonly tuned?: Tuned;
}

export interface Tuned {
  readonly trials: number;
  readonly chosen: number;
  readonly settings: readonly string[];
  readonly valid: number;
}

export interface Row {
  readonly id: string;
  readonly title: string;
  /** `partial`: some seeds failed, and the means are of the others. */
  readonly status: 'done' | 'partial' | 'failed';
  /** Seeds whose runs finished; none for a reference, which has nothing random. */
  readonly seeds: readonly number[];
  readonly failures: EntryOutcome['failures'];
  readonly runs: EntryOutcome['runs'];
  readonly test?: ReturnType<typeof summarise>;
  readonly valid?: ReturnType<typeof summarise>;
  /** Tests of DecAlign's figures less those of this row; absent for DecAlign itself, and where it did not finish. */
  readonly against?: Against;
  readonly parameters?: number;
  readonly secondsPerStep?: number;
  readonly peakBytes?: number;
  /** By metric, in the paper's units. */
  readonly reported?: Readonly<Record<string, number>>;
  /** How its figures are to be read, as the model says. */
  readonly notes?: readonly string[];
  readonly tuned?: Tuned;
  /** D over seeds; absent where it was not asked for, and for models without parts. */
  readonly decoupling?: RowDecoupling;
}

export interface Against {
  /** Paired bootstrap of every metric of the table, by groups and seeds. */
  readonly bootstrap: Readonly<Record<string, Difference>>;
  /** Wilcoxon's test of the mean errors by group, averaged over seeds. */
  readonly wilcoxon: SignedRank;
  /** The p-values of the first metric and of Wilcoxon's test, corrected over the rows of the table as Holm has it. */
  readonly corrected: { readonly bootstrap: number; readonly wilcoxon: number };
  /** DecAlign against the row by the first metric, where the corrected p-value of the bootstrap is below `level`. */
  readonly verdict: 'wins' | 'ties' | 'loses';
}

/** Below this, a corrected p-value tells a difference from luck. */
export const level = 0.05;

/**
 * The metrics that the paper's tables have, in their order, each two-class score by both conventions; the first is that of the
 * errors by sample.
 */
export const tableMetrics: Readonly<Record<MetricKind, readonly [MetricName, ...MetricName[]]>> = {
  mosi: ['mae', 'corr', 'acc2', 'acc2_nonneg', 'acc7', 'f1', 'f1_nonneg'],
  sims: ['mae', 'f1'],
  regression: ['mae', 'corr', 'rmse', 'r2'],
  classification: ['wacc', 'waf1'],
  multilabel: ['map', 'macro_f1', 'micro_f1'],
  multitarget: ['mae', 'corr', 'r2'],
  'mosei-emotions': ['wacc', 'waf1', 'auc'],
};

/** Resamples of the test split, by groups; the same for all rows, which is what pairs them. */
const resamples = 2000;

const referenceTitles = {
  majority: 'Majority / median',
  ridge: 'Ridge',
  'best-modality': 'Best single modality (ridge)',
  'late-fusion': 'Late fusion (ridge)',
} as const;

/** Rows in table order: references, then models as in the paper, DecAlign last. */
export function compare(data: BenchmarkData, outcomes: readonly EntryOutcome[]): Row[] {
  const base = decalignOf(outcomes);
  const others = outcomes.filter((outcome) => outcome !== base && outcome.runs.length > 0);
  const { classes } = data;
  const contender = ({ entry, runs }: EntryOutcome): Contender => ({
    id: entry.id,
    seeds: runs.map(({ directory }) => readPredictions(directory, { classes })),
  });
  const tests = base && base.runs.length > 0 ? pairedTests(data, contender(base), others.map(contender)) : [];
  return outcomes
    .toSorted((a, b) => place(a.entry) - place(b.entry))
    .map((outcome) => {
      const own = tests[others.indexOf(outcome)];
      return { ...rowOf(data, outcome), ...(own && { against: own }) };
    });
}

/** DecAlign by its default recipe, else the first of its recipes. */
const decalignOf = (outcomes: readonly EntryOutcome[]): EntryOutcome | undefined =>
  outcomes.find(({ entry }) => entry.id === 'decalign') ??
  outcomes.find(({ entry }) => entry.reference === undefined && entry.model === 'decalign');

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
  // Where all samples are of one group every resample is the same, and its p-value is no evidence.
  const { groups } = data;
  const isOneGroup = groups !== undefined && new Set(base.seeds[0]!.ids.map((id) => groups.get(id))).size === 1;
  return tests.map((each, i) => {
    const isBetter = each.bootstrap[main]!.value < 0 === (metrics[main].better === 'lower');
    const verdict = isOneGroup || bootstrap[i]! >= level ? 'ties' : isBetter ? 'wins' : 'loses';
    return { ...each, corrected: { bootstrap: bootstrap[i]!, wilcoxon: signedRank[i]! }, verdict };
  });
}

const place = (entry: Entry): number =>
  entry.reference === undefined
    ? placeOf(entry.model) - (entry.recipe === undefined ? 0 : 0.25)
    : referenceNames.indexOf(entry.reference) - referenceNames.length;

function rowOf({ dataset }: BenchmarkData, { entry, runs, failures, tuned }: EntryOutcome): Row {
  const results = runs.map(({ result }) => result);
  const name = entry.reference === undefined ? entry.model : '';
  const own = entry.reference === undefined ? entry.own?.model : undefined;
  const title =
    entry.reference === undefined
      ? `${titleOf(name, own)}${entry.recipe === undefined ? '' : ` (${entry.recipe})`}`
      : referenceTitles[entry.reference];
  const reported = reportedFor(dataset, name);
  const notes = notesOf(name, own);
  const base = {
    id: entry.id,
    title,
    failures,
    runs,
    seeds: entry.reference === undefined ? results.map(({ seed }) => seed) : [],
    ...(reported && { reported }),
    ...(notes.length > 0 && { notes }),
    ...(tuned && { tuned }),
  };
  if (results.length === 0) return { ...base, status: 'failed' };
  const steps = results.flatMap(({ seconds_per_step }) => seconds_per_step ?? []).sort((a, b) => a - b);
  return {
    ...base,
    status: failures.length > 0 ? 'partial' : 'done',
    test: summarise(results.map(({ test }) => test)),
    valid: summarise(results.map(({ valid }) => valid)),
    parameters: results[0]!.parameters,
    peakBytes: Math.max(...results.map(({ peak_bytes }) => peak_bytes)),
    ...(steps.length > 0 && { secondsPerStep: steps[Math.floor((steps.length - 1) / 2)]! }),
  };
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

  against(contender: Contender): Pick<Against, 'bootstrap' | 'wilcoxon'> {
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
  const drawn = (all: readonly number[], size: number): ArrayLike<number> =>
    rows
      ? Float64Array.from(
          { length: rows.length * size },
          (_, i) => all[rows[Math.floor(i / size)]! * size + (i % size)]!,
        )
      : all;
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
