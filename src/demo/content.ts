/** What a demo page holds beside the runtime and the model: what Node writes into it, and what the page reads. */
import type { Split } from '../data/dataset.ts';
import type { Task } from '../data/task.ts';

export interface DemoContent {
  /** The version of this package that made the page. */
  readonly version: string;
  /** What `model.json` says. */
  readonly description: unknown;
  readonly card: DemoCard;
  /** By modality; none of those that come as tokens. */
  readonly statistics: Readonly<Record<string, DemoStatistics>>;
  /** Samples of data; none unless they were asked for. */
  readonly samples: readonly DemoSample[];
  /** Where the samples are from, in words; absent where there are none. */
  readonly from?: string;
  /** The files beside the page that hold runtime and model; absent where the page holds them itself. */
  readonly files?: { readonly runtime: string; readonly model: string };
}

/** What a person should know of the model. */
export interface DemoCard {
  /** The model as its paper writes it. */
  readonly title: string;
  readonly dataset: string;
  readonly task: Task;
  /** Words for the lowest, the middle and the highest prediction, where labels have such. */
  readonly ends?: readonly [low: string, middle: string, high: string];
  readonly modalities: readonly DemoModality[];
  /** How many numbers were learnt. */
  readonly parameters: number;
  /** Samples of each split, as far as the run recorded them. */
  readonly counts: Readonly<Partial<Record<Split, number>>>;
  readonly seed?: number;
  /** The epoch that was kept, from 1, and the stage that it belongs to unless it is a usual one; absent of a model's file alone. */
  readonly kept?: { readonly stage?: string; readonly epoch: number };
  readonly scores: readonly DemoScore[];
  /** What nobody should take the model for, a sentence each. */
  readonly limits: readonly string[];
  /** What its training warned of, and whether ridge regression is as good; a sentence each. */
  readonly warnings: readonly string[];
}

export interface DemoModality {
  readonly name: string;
  /** The most time steps that a sample may have. */
  readonly time: number;
  /** Numbers of a time step. */
  readonly width: number;
  /** Set where steps are tokens of a text: how many different ones there are. */
  readonly tokens?: number;
}

export interface DemoScore {
  readonly label: string;
  readonly better: 'lower' | 'higher';
  readonly valid?: number;
  readonly test?: number;
}

/** Of each feature of a modality, `[D]` each. */
export interface DemoStatistics {
  /** The mean over the training split, where it is known; else zeros. */
  readonly centre: readonly number[];
  readonly isMean: boolean;
  /** The standard deviation over the training split; 1 where it is not known. */
  readonly deviation: readonly number[];
}

export interface DemoSample {
  /** A row as the model was trained on: its id, and modalities as lists of steps. */
  readonly row: Readonly<Record<string, unknown>>;
  /** The true value, class, or labels by name with null for one that the sample lacks; absent where it has none. */
  readonly label?: number | string | Readonly<Record<string, number | null>>;
  /** The sentence, where sentences were asked for and there is one. */
  readonly text?: string;
}
