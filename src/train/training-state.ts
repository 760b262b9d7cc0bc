import type { EpochSums } from './epoch-sums.ts';
import { initialSchedule, type ScheduleState } from './optimisation/schedule.ts';
import type { StateDict } from './state-dict.ts';

/** The best epoch so far by the validation metric. */
export interface Best {
  readonly epoch: number;
  readonly value: number;
  readonly metrics: Readonly<Record<string, number>>;
  readonly parameters: StateDict;
}

/**
 * Everything that training changes, between two steps: what a checkpoint holds. Random numbers need no state of their
 * own, since they are functions of seed, epoch and step.
 */
export interface TrainingState {
  /** Epochs done. */
  readonly epoch: number;
  /** Optimiser steps done, those left out among them. */
  readonly step: number;
  readonly parameters: StateDict;
  /** Adam's first and second moments. */
  readonly mean: StateDict;
  readonly variance: StateDict;
  /** What models carry from step to step beside their parameters (`scope.state`). */
  readonly running: StateDict;
  /** The moving average of the parameters; empty where none is kept. */
  readonly average: StateDict;
  readonly schedule: ScheduleState;
  readonly best: Best | null;
  /** Sums over the steps of the epoch that is under way, without those left out; null between two epochs. */
  readonly underway: EpochSums | null;
  readonly leftOut: LeftOut;
}

/** Steps that were left out because their numbers were not finite (`train.onNonfinite`). */
export interface LeftOut {
  /** Since training began. */
  readonly steps: number;
  /** Since the last step that was not left out. */
  readonly inARow: number;
  /** Since the epoch that is under way began. */
  readonly inEpoch: number;
  /** The factor that the learning rate has been lowered by for them (`lower-lr`); 1 where it has not. */
  readonly rate: number;
}

const nothingLeftOut: LeftOut = { steps: 0, inARow: 0, inEpoch: 0, rate: 1 };

export const initialState = (parameters: StateDict): TrainingState => ({
  epoch: 0,
  step: 0,
  parameters,
  mean: {},
  variance: {},
  running: {},
  average: {},
  schedule: initialSchedule,
  best: null,
  underway: null,
  leftOut: nothingLeftOut,
});
