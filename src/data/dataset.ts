/** Samples: what every file format becomes, and what training, evaluation and analysis read. */

import type { Split } from '../formats/split-names.ts';
import type { ColumnEncoding } from './columns/numbers.ts';
import type { MetricKind } from '../metrics/metric.ts';
import type { FeatureArray, InMemoryFeatures } from './features.ts';
import type { Task } from './task.ts';

export { splits, type Split } from '../formats/split-names.ts';
export { taskKinds, type Task } from './task.ts';

/** By modality, the columns of a table that it is made of, side by side. */
export type ColumnEncodings = Readonly<Record<string, readonly ColumnEncoding[]>>;

/** Where the features of a modality stood when a model was trained: new samples are looked for in the same places. */
export interface ModalitySource {
  /** The file, as the description of the data names it; absent where all modalities are in one. */
  readonly file?: string;
  /** The array or column. Default: the name of the modality. */
  readonly key?: string;
  /** The column of ids in that file. Default: `id`. */
  readonly id?: string;
  /** The column of true lengths, where there is one. */
  readonly lengths?: string;
  /** Where sequences without a length have padding: steps of zeros at the end, or in front. Default: each step is a true one. */
  readonly padding?: 'end' | 'front';
  /** The columns of sentences that an encoder of text reads, put together in this order. */
  readonly texts?: readonly string[];
}

export type ModalitySources = Readonly<Record<string, ModalitySource>>;

/** Samples by column: row `n` of every array is sample `n`. */
export interface Samples {
  readonly ids: readonly string[];
  /**
   * By modality name, `[N, T, D]`. Rows of time beyond a sample's length are padding and hold zeros. Within it a number that
   * is missing is NaN or infinite, until features are standardised.
   */
  readonly features: Readonly<Record<string, FeatureArray>>;
  /**
   * True lengths by modality, `[N]`, each within 0..T: 0 where a sample lacks the modality. Nothing is read of what then
   * stands in its place in `features`.
   */
  readonly lengths: Readonly<Record<string, Int32Array>>;
  /**
   * `[N]`: the value (regression) or class index (classification); of several labels `[N, L]` in row-major order, with NaN
   * for one that the sample lacks. Absent where a file has none.
   */
  readonly labels?: Float32Array;
  /** `[N]` by modality: labels from those who were shown that modality alone, as CH-SIMS has them. */
  readonly ownLabels?: Readonly<Record<string, Float32Array>>;
  /** The group of each sample, such as its video or speaker, where groups were asked for: samples of a group stay together. */
  readonly groups?: readonly string[];
}

/** Where the true lengths of a modality came from. */
export type LengthSource =
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'modality'; readonly modality: string }
  | { readonly kind: 'trailing-zeros' }
  /** The zeros in front of the steps, which were moved to the end. */
  | { readonly kind: 'leading-zeros' }
  | { readonly kind: 'single-step' }
  /** Lengths were known when the dataset was made, and not read from a file. */
  | { readonly kind: 'given' };

export interface Modality {
  readonly name: string;
  /** T, time steps after padding. */
  readonly time: number;
  /** D, features per time step. */
  readonly width: number;
  readonly lengthSource: LengthSource;
  /** Numbers of true steps that are missing: NaN or infinite. */
  readonly cleaned: number;
  /** Samples whose padding stood in front of their steps, and was moved to the end; absent where there are none. */
  readonly moved?: number;
  /** Set where the two features of a time step are a token's id and its segment, for an encoder of text. */
  readonly tokens?: true;
}

export interface Dataset {
  readonly name: string;
  readonly task: Task;
  /** Which thresholds and names the metrics use. */
  readonly metrics: MetricKind;
  /** In the order the file (or the user) names them. */
  readonly modalities: readonly Modality[];
  /** Keys of the file that were not read, such as `text_bert` and `raw_text`. */
  readonly ignored?: readonly string[];
  /** What a person should know of how the samples came together, a line each: those that lack a modality, or a label. */
  readonly notes?: readonly string[];
  /** Of modalities that are made of columns, how; a run keeps it, for what it learnt of the training split. */
  readonly columns?: ColumnEncodings;
  /** Of a description, where each modality is. */
  readonly sources?: ModalitySources;
  /** A file for prediction may hold fewer than three. */
  readonly splits: Readonly<Partial<Record<Split, Samples>>>;
  /** Splits that the source has and that were not read. */
  readonly otherSplits?: readonly Split[];
  /** What the source calls its columns of ids, where that is not `id`. */
  readonly idKeys?: readonly string[];
  /** Closes the files that features stay in, where some do; after it they cannot be read anymore. */
  readonly close?: () => Promise<void>;
  /** Known generating factors, for datasets that have them (`synthetic`, `digits`): by split, then factor name, `[N, width]`. */
  readonly factors?: Readonly<Partial<Record<Split, Readonly<Record<string, InMemoryFeatures>>>>>;
}

/** The rows of samples that have none of the modalities. */
export const samplesWithout = ({ ids, lengths }: Samples): number[] =>
  [...ids.keys()].filter((row) => Object.values(lengths).every((each) => each[row] === 0));

export const sampleCount = (samples: Samples): number => samples.ids.length;
