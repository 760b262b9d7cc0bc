/** What a person should know of how training goes, though it goes on: told once each, however often it is seen. */
import type { ModelWarning, ModelWarnings } from '../models/index.ts';
import type { TrainEvent } from './train-event.ts';

type Warning = Extract<TrainEvent, { type: 'warning' }>;
type Diagnostics = Readonly<Record<string, number>>;

/** The warnings of one run of a model; which diagnostics are worth one, the model says. */
export class Warnings {
  private readonly told = new Set<string>();

  constructor(private readonly model: ModelWarnings = {}) {}

  ofStep(diagnostics: Diagnostics, epoch: number): Warning[] {
    return this.once(this.model.step?.(diagnostics, epoch));
  }

  /** Of the means over an epoch. */
  ofEpoch(means: Diagnostics, epoch: number): Warning[] {
    return this.once(this.model.epoch?.(means, epoch));
  }

  private once(seen: readonly ModelWarning[] = []): Warning[] {
    return seen.flatMap(({ about, message }) => {
      if (this.told.has(about)) return [];
      this.told.add(about);
      return [{ type: 'warning', about, message }];
    });
  }
}
