/** From finished jobs to the rows of a table: means over seeds, and how sure their differences are. */
import { random } from '../../data/random.ts';
import { predictedClasses } from '../../metrics/classification.ts';
import { evaluate, type MetricKind, type MetricName } from '../../metrics/metric.ts';
import {
  bootstrapDifference,
  resampledRows,
  wilcoxon,
  type Difference,
  type SignedRank,
} from '../../metrics/significance.ts';
import { summarise } from '../../metrics/summary.ts';
import { notesOf, placeOf, titleOf } from '../../models/index.ts';
import { reportedFor } from '../reported.ts';
import { referenceNames, type BenchmarkData, type Entry } from './entries.ts';
import { readPredictions, type JobResult, type Predictions } from './job.ts';

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
}

export interface Against {
  /** Paired bootstrap of every metric of the table. */
  readonly bootstrap: Readonly<Record<string, Difference>>;
  /** Wilcoxon's test of the errors by sample, averaged over seeds. */
  readonly wilcoxon: SignedRank;
}

/** The metrics that the paper's tables have, in their order; the first is that of the errors by sample. */
export const tableMetrics: Readonly<Record<MetricKind, readonly [MetricName, ...MetricName[]]>> = {
  mosi: ['mae', 'corr', 'acc2', 'acc7', 'f1'],
  sims: ['mae', 'f1'],
  regression: ['mae', 'corr', 'rmse', 'r2'],
  classification: ['wacc', 'waf1'],
};

/** Resamples of the test split; the same for all rows, which is what pairs them. */
const resamples = 2000;

const referenceTitles = {
  majority: 'Majority / median',
  ridge: 'Ridge',
  'best-modality': 'Best single modality (ridge)',
  'late-fusion': 'Late fusion (ridge)',
} as const;

/** Rows in table order: references, then models as in the paper, DecAlign last. */
export function compare(data: BenchmarkData, outcomes: readonly EntryOutcome[]): Row[] {
  const base =
    outcomes.find(({ entry }) => entry.id === 'decalign') ??
    outcomes.find(({ entry }) => entry.reference === undefined && entry.model === 'decalign');
  const judge = base && base.runs.length > 0 ? new Judge(data, base) : undefined;
  return outcomes
    .toSorted((a, b) => place(a.entry) - place(b.entry))
    .map((outcome) => {
      const against = judge && outcome !== base && outcome.runs.length > 0 ? judge.against(outcome) : undefined;
      return { ...rowOf(data, outcome), ...(against && { against }) };
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

/** Tests others against one entry, on the same resamples. */
class Judge {
  private readonly rows: readonly Int32Array[];
  private readonly own: Scored;

  constructor(
    private readonly data: BenchmarkData,
    base: EntryOutcome,
  ) {
    const source = random(0, 'benchmark', data.hash);
    this.rows = resampledRows(data.samples.test, resamples, (n) => source.integer(n));
    this.own = this.scored(base);
  }

  against(outcome: EntryOutcome): Against {
    const other = this.scored(outcome);
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

  private scored({ runs }: EntryOutcome): Scored {
    const all = runs.map(({ directory }) => readPredictions(directory));
    const metrics = (rows?: Int32Array): number[] =>
      meanOf(all.map((predictions) => metricsOn(this.data, predictions, rows)));
    return {
      values: metrics(),
      replicates: this.rows.map(metrics),
      errors: meanOf(all.map((predictions) => sampleErrors(this.data, predictions))),
    };
  }
}

interface Scored {
  /** The table's metrics on the test split, and on each resample; means over seeds. */
  readonly values: readonly number[];
  readonly replicates: readonly (readonly number[])[];
  readonly errors: readonly number[];
}

const meanOf = (each: readonly (readonly number[])[]): number[] =>
  each[0]!.map((_, i) => each.reduce((sum, values) => sum + values[i]!, 0) / each.length);

function metricsOn({ metrics: kind, classes }: BenchmarkData, predictions: Predictions, rows?: Int32Array): number[] {
  const { labels, values } = predictions;
  const width = kind === 'classification' ? classes.length : 1;
  const truth = rows ? Float64Array.from(rows, (row) => labels[row]!) : labels;
  const predicted = rows
    ? Float64Array.from(
        { length: rows.length * width },
        (_, i) => values[rows[Math.floor(i / width)]! * width + (i % width)]!,
      )
    : values;
  const found = evaluate(kind, predicted, truth, classes);
  return tableMetrics[kind].map((metric) => found[metric]!);
}

/** The errors by sample, whose mean is the first metric of the table: absolute errors, or 1 for a wrong class. */
function sampleErrors({ metrics: kind, classes }: BenchmarkData, { labels, values }: Predictions): number[] {
  if (kind === 'classification') {
    const predicted = predictedClasses(values, classes.length);
    return labels.map((label, n) => Number(predicted[n] !== label));
  }
  // CH-SIMS is scored on values within −1..1.
  const within = (x: number): number => (kind === 'sims' ? Math.min(Math.max(x, -1), 1) : x);
  return labels.map((label, n) => Math.abs(within(values[n]!) - within(label)));
}
