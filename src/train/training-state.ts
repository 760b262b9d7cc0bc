import type { State } from './optimizer.ts';
import { initialSchedule, type ScheduleState } from './schedule.ts';

/** The best epoch so far by the validation metric. */
export interface Best {
  readonly epoch: number;
  readonly value: number;
  readonly metrics: Readonly<Record<string, number>>;
  readonly parameters: State;
}

/**
 * Everything that training changes. Random numbers need no state of their own: they are functions of seed, epoch and
 * step. A checkpoint is this, between two epochs.
 */
export interface TrainingState {
  /** Epochs done. */
  readonly epoch: number;
  /** Optimiser steps done. */
  readonly step: number;
  readonly parameters: State;
  readonly mean: State;
  readonly variance: State;
  readonly schedule: ScheduleState;
  readonly best: Best | null;
}

export const initialState = (parameters: State): TrainingState => ({
  epoch: 0,
  step: 0,
  parameters,
  mean: {},
  variance: {},
  schedule: initialSchedule,
  best: null,
});

export const copyState = (state: State): Record<string, Float32Array> =>
  Object.fromEntries(Object.entries(state).map(([name, data]) => [name, data.slice()]));
