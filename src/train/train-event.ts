import type { TrainingState } from './training-state.ts';

export type Metrics = Readonly<Record<string, number>>;

export type TrainEvent =
  | {
      readonly type: 'start';
      readonly parameters: number;
      readonly nodes: number;
      readonly stepsPerEpoch: number;
      /** Epochs at most, those of a model's stages among them. */
      readonly epochs: number;
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
      /** To go on from here, also within an epoch; the next step changes its arrays. */
      readonly state: TrainingState;
    }
  | {
      readonly type: 'epoch';
      readonly epoch: number;
      /** Means over the epoch's steps. */
      readonly losses: Readonly<Record<string, number>>;
      readonly diagnostics: Readonly<Record<string, number>>;
      readonly valid: Metrics;
      readonly learningRate: number;
      /** Steps of the epoch that were left out, for their numbers were not finite. */
      readonly leftOut: number;
      /** Whether this epoch is the best so far. */
      readonly best: boolean;
      /** To go on from here; copies are the receiver's business. */
      readonly state: TrainingState;
    }
  | {
      /** A step whose numbers were not finite was left out. */
      readonly type: 'left out';
      readonly epoch: number;
      readonly step: number;
      /** What was not finite, and where it arose. */
      readonly reason: string;
    }
  | {
      readonly type: 'warning';
      readonly message: string;
      /** What it is about, of a warning whose words change from time to time: a run is told of it once. */
      readonly about?: string;
    }
  | { readonly type: 'end'; readonly reason: 'finished' | 'stopped early' | 'aborted'; readonly state: TrainingState };

export type EventOf<T extends TrainEvent['type']> = Extract<TrainEvent, { readonly type: T }>;
