/** The epochs of a run, `metrics.jsonl`, which has a line for each. */
import path from 'node:path';
import * as z from 'zod';
import { placeOfEpoch, type PlaceOfEpoch } from '../../train/index.ts';
import { recordedLines } from './recorded-lines.ts';

const values = z.record(z.string(), z.number().nullable());
const lineSchema = z.object({
  epoch: z.int(),
  losses: values,
  valid: values,
  learning_rate: z.number(),
  best: z.boolean().optional(),
  stage: z.string().optional(),
});

export interface RecordedEpoch {
  /** From 1. */
  readonly epoch: number;
  /** Means over the epoch's steps, each as it enters the sum that training minimises; null where one was not finite. */
  readonly losses: Readonly<Record<string, number | null>>;
  readonly valid: Readonly<Record<string, number | null>>;
  readonly learningRate: number;
  /** The stage that it belongs to, before the usual epochs, such as pretraining. */
  readonly stage?: string | undefined;
}

/** The epochs that a run has finished; none where its first is under way. Throws an Error for a line that is none. */
export const recordedEpochs = (directory: string): readonly RecordedEpoch[] =>
  recordedLines(path.join(directory, 'metrics.jsonl'), 'epoch', (value) => {
    const { learning_rate: learningRate, ...epoch } = lineSchema.parse(value);
    return { ...epoch, learningRate };
  });

/** A stage before the usual epochs, such as pretraining, and how many epochs of it are on record. */
export interface RecordedStage {
  readonly name: string;
  readonly epochs: number;
}

export function recordedStages(directory: string): readonly RecordedStage[] {
  const names = recordedEpochs(directory).flatMap(({ stage }) => stage ?? []);
  return [...new Set(names)].map((name) => ({ name, epochs: names.filter((each) => each === name).length }));
}

/** Where an epoch that is counted over all of a record lies: in a stage, or from 1 among the usual epochs. */
export function placeInRecord(directory: string, epoch: number): Pick<PlaceOfEpoch, 'stage' | 'epoch'> {
  const { stage, epoch: within } = placeOfEpoch(epoch, epoch, recordedStages(directory));
  return { ...(stage !== undefined && { stage }), epoch: within };
}
