/** The epochs of a run, `metrics.jsonl`, which has a line for each. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';

const values = z.record(z.string(), z.number().nullable());
const lineSchema = z.object({
  epoch: z.int(),
  losses: values,
  valid: values,
  learning_rate: z.number(),
  best: z.boolean().optional(),
});

export interface RecordedEpoch {
  /** From 1. */
  readonly epoch: number;
  /** Means over the epoch's steps, each as it enters the sum that training minimises; null where one was not finite. */
  readonly losses: Readonly<Record<string, number | null>>;
  readonly valid: Readonly<Record<string, number | null>>;
  readonly learningRate: number;
}

/** The epochs that a run has finished; none where its first is under way. Throws an Error for a line that is none. */
export function recordedEpochs(directory: string): readonly RecordedEpoch[] {
  const file = path.join(directory, 'metrics.jsonl');
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line, n) => {
      try {
        const { learning_rate: learningRate, ...epoch } = lineSchema.parse(JSON.parse(line));
        return { ...epoch, learningRate };
      } catch (error) {
        throw new Error(`${file}, line ${n + 1}: this is no epoch of a run; the file is damaged.`, { cause: error });
      }
    });
}
