import type { State } from './optimizer.ts';
import { initialSchedule, type ScheduleState } from './schedule.ts';

/** The best epoch so far by the validation metric. */
export interface Best {
  readonly epoch: number;
  readonly value: number;
  readonly metrics: Readonly<Record<string, number>>;
  readonly parameters: State;
}

/** Sums over the steps of an epoch that is under way, but for those left out. */
export interface EpochSums {
  readonly losses: Readonly<Record<string, number>>;
  readonly diagnostics: Readonly<Record<string, number>>;
}

/**
 * Everything that training changes. Random numbers need no state of their own: they are functions of seed, epoch and
 * step. A checkpoint is this, between two steps.
 */
export interface TrainingState {
  /** Epochs done. */
  readonly epoch: number;
  /** Optimiser steps done. */
  readonly step: number;
  readonly parameters: State;
  readonly mean: State;
  readonly variance: State;
  /** What models carry from step to step beside their parameters (`scope.state`). */
  readonly running: State;
  /** The moving average of the parameters; empty where none is kept. */
  readonly average: State;
  readonly schedule: ScheduleState;
  readonly best: Best | null;
  /** Null between two epochs. */
  readonly underway: EpochSums | null;
  readonly leftOut: LeftOut;
}

/** Steps that were left out because their numbers were not finite (`train.onNonfinite`). */
export interface LeftOut {
  /** In all. */
  readonly steps: number;
  /** Of them those since the last step that was not. */
  readonly inARow: number;
  /** Of the epoch that is under way. */
  readonly inEpoch: number;
  /** What the learning rate is multiplied by since. */
  readonly rate: number;
}

const nothingLeftOut: LeftOut = { steps: 0, inARow: 0, inEpoch: 0, rate: 1 };

export const initialState = (parameters: State): TrainingState => ({
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

export const copyState = (state: State): Record<string, Float32Array> =>
  Object.fromEntries(Object.entries(state).map(([name, data]) => [name, data.slice()]));
