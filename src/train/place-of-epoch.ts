/** Stages, such as pretraining, come before the usual epochs. Records count both as one row of epochs; people are told each by itself. */
import type { Stage } from '../models/index.ts';

export type StageLength = Pick<Stage, 'name' | 'epochs'>;

export const epochsOfStages = (stages: readonly StageLength[]): number =>
  stages.reduce((sum, { epochs }) => sum + epochs, 0);

/** The stages of a network; undefined where it has none. */
export function stagesIn({ stages = [] }: { readonly stages?: readonly Stage[] }): readonly StageLength[] | undefined {
  return stages.length > 0 ? stages.map(({ name, epochs }) => ({ name, epochs })) : undefined;
}

/** An epoch within its stage, or within the usual ones. */
export interface PlaceOfEpoch {
  /** Absent of the usual epochs. */
  readonly stage?: string;
  /** From 1; or 0, where none of the usual epochs is done. */
  readonly epoch: number;
  readonly of: number;
}

/** Where an epoch, counted over all of the `epochs`, lies. */
export function placeOfEpoch(epoch: number, epochs: number, stages: readonly StageLength[] = []): PlaceOfEpoch {
  let before = 0;
  for (const { name, epochs: of } of stages) {
    if (epoch <= before + of && of > 0) return { stage: name, epoch: epoch - before, of };
    before += of;
  }
  return { epoch: epoch - before, of: epochs - before };
}
