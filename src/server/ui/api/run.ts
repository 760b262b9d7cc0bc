/** What the page of one run shows: routes.ts has the routes. */
import type { Figures, MetricAbout, RunRow } from './routes.ts';

export interface RunDetail {
  readonly row: RunRow;
  /** All runs of its group, itself too, by seed and fold. */
  readonly siblings: readonly Pick<RunRow, 'id' | 'seed' | 'fold' | 'status'>[];
  /** By metric, in the order of tables, of the best epoch; none before there is a result. */
  readonly metrics: readonly RunMetric[];
  /** Samples of each split, as far as they are known. */
  readonly samples: Figures;
  /** Simple references that were fitted beside it, such as ridge regression. */
  readonly references: readonly {
    readonly name: string;
    readonly describe: string;
    readonly valid: Figures;
    readonly test?: Figures;
  }[];
  /** The resolved configuration, a row for each key by its dotted name, in the order of the schema. */
  readonly configuration: readonly ConfigurationRow[];
  /** The data: its base name, hash and task; `missing` where neither the run's own path nor `--data` has it. */
  readonly source?: { readonly name: string; readonly file: string; readonly hash: string; readonly missing?: string };
  readonly environments: readonly RunEnvironment[];
  /** The commands that began it and went on with it, without paths. */
  readonly commands: readonly string[];
  /** The first 1,000. */
  readonly warnings: readonly RunWarning[];
  /** How many more there are in the file; absent where there are none. */
  readonly moreWarnings?: number;
  readonly files: readonly RunFile[];
  /** Why a part of the page cannot be made of this run, by part; a part that is not here can be asked for. */
  readonly lacking: Readonly<Partial<Record<RunPart, string>>>;
}

/** What else there is to say of a finished run, which takes a moment. */
export interface RunFacts {
  /** How many numbers were learnt, and what the model takes. */
  readonly parameters?: number;
  readonly modalities?: readonly { readonly name: string; readonly time: number; readonly width: number }[];
  /** By metric, the 95 % interval of the test split, and what was drawn anew for it; absent where there is none. */
  readonly intervals?: {
    readonly units: number;
    readonly by: 'group' | 'sample';
    readonly metrics: Readonly<Record<string, { readonly low: number; readonly high: number }>>;
  };
  /** A sentence, where ridge regression is as good on validation. */
  readonly behind?: string;
}

/** The parts of a run's page that are made on demand. */
export type RunPart = 'facts' | 'predictions' | 'embedding' | 'transport' | 'robustness' | 'samples';

export interface RunMetric extends MetricAbout {
  readonly valid?: number;
  readonly test?: number;
}

export interface ConfigurationRow {
  readonly key: string;
  /** As JSON has it. */
  readonly value: unknown;
  /** Set where it is another than the default, which follows. */
  readonly changed?: true;
  readonly usual?: unknown;
  /** The schema's help. */
  readonly help?: string;
}

/** One start or resuming. */
export interface RunEnvironment {
  readonly started: string;
  readonly decalign?: string | undefined;
  readonly onnxruntime?: string | undefined;
  readonly node?: string | undefined;
  readonly platform?: string | undefined;
  readonly cpu?: string | undefined;
  readonly cores?: number | undefined;
}

export interface RunWarning {
  readonly kind?: string;
  readonly message: string;
}

export interface RunFile {
  /** With `/` where it lies in a folder of the run; encoded as one part of the address. */
  readonly name: string;
  readonly bytes: number;
  readonly modified: string;
}

/** What a run predicted of a split. */
export interface RunPredictions {
  readonly split: string;
  readonly samples: number;
  /** How errors are measured. */
  readonly unit: string;
  /** Sorted, the largest first: all samples that have a label, or 5,000 of them. */
  readonly errors: readonly SampleError[];
  /** Of single values: predictions against labels. */
  readonly residuals?: readonly { readonly id: string; readonly label: number; readonly prediction: number }[];
  /** Of classes and of sentiment: counts, row = true class, column = predicted class. */
  readonly confusion?: { readonly labels: readonly string[]; readonly counts: readonly (readonly number[])[] };
  /** By true class: how many are right, with the 95 % interval (Wilson) of that share. */
  readonly categories?: readonly {
    readonly name: string;
    readonly count: number;
    readonly accuracy: number;
    readonly low: number;
    readonly high: number;
  }[];
}

export interface SampleError {
  readonly id: string;
  readonly group?: string;
  readonly label: string;
  readonly prediction: string;
  readonly error: number;
}

/** Unique and common features on a plane. */
export interface Embedding {
  /** Points of one panel share a projection: unique features, and common ones. */
  readonly panels: readonly EmbeddingPanel[];
  /** Ids of the samples that points are of, by index. */
  readonly ids: readonly string[];
  /** The label of each, as text; a number for single values. */
  readonly labels: readonly (string | number | null)[];
  /** In 0..1, with what is wanted (docs/decoupling.md). */
  readonly measures: readonly {
    readonly title: string;
    readonly name: string;
    readonly wanted: 0 | 1;
    readonly value: number;
  }[];
  readonly notes: readonly string[];
}

export interface EmbeddingPanel {
  readonly part: 'unique' | 'common';
  /** The share of the variance that the two directions have. */
  readonly shares?: readonly [number, number];
  readonly points: readonly {
    readonly modality: string;
    /** Into `Embedding.ids`. */
    readonly sample: readonly number[];
    readonly x: readonly number[];
    readonly y: readonly number[];
  }[];
}

export interface TransportView {
  /** Samples that prototypes are fitted to. */
  readonly fitted: number;
  /** Mutual information of the plan over its maximum; null where one prototype has all mass. */
  readonly information: number | null;
  readonly pairs: readonly {
    readonly modalities: readonly [string, string];
    readonly plan: readonly (readonly number[])[];
    readonly information: number | null;
  }[];
  readonly prototypes: readonly {
    readonly modality: string;
    readonly masses: readonly number[];
    /** How many there are in effect, from 1 to K. */
    readonly effective: number;
  }[];
  /** Samples and prototypes of two modalities on one plane. */
  readonly plane?: {
    readonly shares: readonly [number, number];
    readonly parts: readonly {
      readonly modality: string;
      readonly samples: readonly (readonly [number, number])[];
      readonly prototypes: readonly {
        readonly mass: number;
        readonly mean: readonly [number, number];
        /** The variances along x and y, and between them. */
        readonly covariance: readonly [number, number, number];
      }[];
    }[];
  };
}

export interface RobustnessView {
  readonly metric: MetricAbout;
  readonly panels: readonly {
    /** `drop`: the modality is missing in a share of the samples; `noise`: deviations of noise are added. */
    readonly kind: 'drop' | 'noise';
    readonly modality: string;
    readonly points: readonly { readonly rate: number; readonly value: number }[];
  }[];
}
