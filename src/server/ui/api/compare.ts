/** What the pages that set runs side by side show: routes.ts has the routes. */
import type { Figures, MetricAbout, RunRow } from './routes.ts';

/** Runs by group: those that differ in nothing but seed and fold are one. */
export interface ComparisonView {
  /** In the order in which their first runs were named; each other is compared with the first. */
  readonly groups: readonly ComparedGroup[];
  readonly metrics: readonly ComparedMetric[];
  /** Test samples that all predict, and of how many groups they are; absent where nothing was compared. */
  readonly samples?: number;
  readonly units?: number;
  /** The keys in which some group differs from the first, with the value of each group; null where it has none. */
  readonly configuration: readonly {
    readonly key: string;
    readonly values: readonly unknown[];
    readonly help?: string;
  }[];
  readonly notes: readonly string[];
  /** Why there are no intervals: runs that are not finished, or of different data. Metrics are then as the runs have them. */
  readonly problem?: string;
}

export interface ComparedGroup {
  /** What tells it from the others: its model, and where that is not enough the keys that differ or its folder. */
  readonly name: string;
  readonly title: string;
  readonly data: string;
  readonly runs: readonly Pick<RunRow, 'id' | 'seed' | 'fold' | 'status'>[];
  /** By the first metric, with p corrected after Holm: absent for the first, and where nothing was compared. */
  readonly verdict?: 'better' | 'ties' | 'worse';
  readonly p?: number;
}

export interface ComparedMetric extends MetricAbout {
  readonly split: 'test' | 'valid';
  /** By group, in their order; null where a group lacks it. */
  readonly values: readonly (ComparedFigure | null)[];
}

export interface ComparedFigure {
  /** A mean over seeds and their sample standard deviation; absent where there is one. */
  readonly mean: number;
  readonly deviation?: number;
  readonly best?: true;
  /** Its figure less that of the first, with the paired 95 % interval; bounds are null where all samples are of one group. */
  readonly difference?: { readonly value: number; readonly low: number | null; readonly high: number | null };
}

/** A benchmark, an ablation or a sweep. */
export interface BenchmarkView {
  readonly id: string;
  readonly kind: 'benchmark' | 'ablation' | 'sweep';
  readonly finished: boolean;
  /** One for each dataset. */
  readonly tables: readonly BenchmarkTable[];
  /** Why a table is not there yet, or cannot be read. */
  readonly problem?: string;
}

export interface BenchmarkTable {
  readonly data: string;
  readonly samples: number;
  readonly units?: number;
  readonly seeds: readonly number[];
  /** A sweep shows `valid` alone. */
  readonly split: 'test' | 'valid';
  readonly metrics: readonly MetricAbout[];
  /** Of a sweep, the keys that were varied. */
  readonly keys?: readonly string[];
  /** The row that others are tested against, by its title. */
  readonly base?: string;
  readonly rows: readonly BenchmarkRow[];
}

export interface BenchmarkRow {
  readonly model: string;
  readonly title: string;
  /** Of a sweep, by key. */
  readonly values?: Readonly<Record<string, unknown>>;
  readonly mean?: Figures;
  readonly deviation?: Figures;
  /** The names of the metrics in which it is the best of the table. */
  readonly best: readonly string[];
  /** By metric, the base's figure less this one's, with its 95 % interval. */
  readonly differences?: Readonly<
    Record<string, { readonly value: number; readonly low: number | null; readonly high: number | null }>
  >;
  /** Of the base against this row, by the first metric, and its corrected p-value. */
  readonly verdict?: 'wins' | 'ties' | 'loses';
  readonly p?: number | null;
  /** The runs behind the row's cells. Of cross-validation, all folds of a seed. A reference has none. */
  readonly runs: readonly {
    readonly id: string;
    readonly seed: number;
    readonly fold?: number;
    readonly test?: Figures;
  }[];
}
