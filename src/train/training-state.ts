import type { State } from './optimizer.ts';
import { initialSchedule, type ScheduleState } from './schedule.ts';

/** The best epoch so far by the validation metric. */
export interface Best {
  readonly epoch: number;
  readonly value: number;
  readonly metrics: Readonly<Record<string, number>>;
  readonly parameters: State;
}

/** Sums over the steps of an epoch that is under way. */
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
}

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
});

export const copyState = (state: State): Record<string, Float32Array> =>
  Object.fromEntries(Object.entries(state).map(([name, data]) => [name, data.slice()]));
