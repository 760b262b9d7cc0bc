import type { StageLength } from './place-of-epoch.ts';
import type { TrainingState } from './training-state.ts';

export type Metrics = Readonly<Record<string, number>>;

export type TrainEvent =
  | {
      readonly type: 'start';
      readonly parameters: number;
      /** Of the training graph of the usual epochs, whatever stage is before them. */
      readonly nodes: number;
      readonly stepsPerEpoch: number;
      /** The number of epochs at most, with those of a model's stages. */
      readonly epochs: number;
      /** A model's stages, which come first; absent where it has none. */
      readonly stages?: readonly StageLength[];
      /** Epochs and steps already done, when training goes on from a checkpoint. */
      readonly epoch: number;
      readonly step: number;
    }
  | {
      readonly type: 'step';
      readonly epoch: number;
      readonly step: number;
      readonly losses: Readonly<Record<string, number>>;
      readonly diagnostics: Readonly<Record<string, number>>;
      readonly gradientNorm: number;
      readonly learningRate: number;
      /** The state from which training can go on here, within an epoch too; the next step changes its arrays. */
      readonly state: TrainingState;
    }
  | {
      readonly type: 'epoch';
      readonly epoch: number;
      /** The stage that it belongs to, before the usual epochs. */
      readonly stage?: string;
      /** Means over the epoch's steps. */
      readonly losses: Readonly<Record<string, number>>;
      readonly diagnostics: Readonly<Record<string, number>>;
      readonly valid: Metrics;
      readonly learningRate: number;
      /** Steps of the epoch that were left out, for their numbers were not finite. */
      readonly leftOut: number;
      /** Whether this epoch is the best so far. */
      readonly best: boolean;
      /**
       * The state from which training can go on here; the next step changes its arrays, so whoever keeps it copies it.
       */
      readonly state: TrainingState;
    }
  | {
      /** A step whose numbers were not finite was left out. */
      readonly type: 'left out';
      readonly epoch: number;
      readonly step: number;
      /** The loss or gradient that was not finite, and where that arose. */
      readonly reason: string;
    }
  | {
      readonly type: 'warning';
      readonly message: string;
      /** The topic of a warning whose words may differ each time: a run is warned once about each topic. */
      readonly about?: string;
    }
  | { readonly type: 'end'; readonly reason: 'finished' | 'stopped early' | 'aborted'; readonly state: TrainingState };

export type EventOf<T extends TrainEvent['type']> = Extract<TrainEvent, { readonly type: T }>;
