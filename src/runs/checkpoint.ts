/** A run's latest state, complete for going on: one file, so that a kill can never leave half of one beside half of another. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { isNumericData, toFloat32 } from '../data/formats/array.ts';
import { FormatError, reading } from '../data/formats/error.ts';
import { readSafetensors } from '../data/formats/safetensors.ts';
import { writeSafetensors, type SafeTensor } from '../data/formats/safetensors-write.ts';
import type { State, TrainingState } from '../train/index.ts';
import { writeFileAtomic } from './write.ts';

const header = z.object({
  format: z.literal('decalign checkpoint 1'),
  epoch: z.int(),
  step: z.int(),
  schedule: z.object({ scale: z.number(), best: z.number().nullable(), stale: z.int() }),
  underway: z
    .object({ losses: z.record(z.string(), z.number()), diagnostics: z.record(z.string(), z.number()) })
    .nullable(),
  best: z.object({ epoch: z.int(), value: z.number(), metrics: z.record(z.string(), z.number()) }).nullable(),
});

const groups = ['parameters', 'mean', 'variance', 'running', 'average', 'best'] as const;

export const checkpointFile = (directory: string): string => path.join(directory, 'checkpoint', 'latest.safetensors');

/** Replaces the checkpoint of a run directory. */
export function writeCheckpoint(directory: string, state: TrainingState): void {
  const { parameters, mean, variance, running, average, best, epoch, step, schedule, underway } = state;
  const states: Readonly<Record<(typeof groups)[number], State>> = {
    parameters,
    mean,
    variance,
    running,
    average,
    best: best?.parameters ?? {},
  };
  const tensors: Record<string, SafeTensor> = {};
  for (const group of groups)
    for (const [name, data] of Object.entries(states[group]))
      tensors[`${group}/${name}`] = { shape: [data.length], data };
  const described = {
    format: 'decalign checkpoint 1',
    epoch,
    step,
    schedule,
    underway,
    best: best && { epoch: best.epoch, value: best.value, metrics: best.metrics },
  };
  const file = checkpointFile(directory);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileAtomic(file, writeSafetensors(tensors, { checkpoint: JSON.stringify(described) }));
}

/** The checkpoint of a run directory; undefined where none was written yet. */
export function readCheckpoint(directory: string): TrainingState | undefined {
  const file = checkpointFile(directory);
  if (!existsSync(file)) return undefined;
  const { tensors, metadata } = readSafetensors(readFileSync(file), { file });
  const parsed = header.safeParse(reading(file, () => JSON.parse(metadata['checkpoint'] ?? 'null') as unknown));
  if (!parsed.success)
    throw new FormatError(file, 'is no checkpoint of this version; start the run anew in another directory.');
  const states: Record<string, Record<string, Float32Array>> = {};
  for (const [key, { data }] of Object.entries(tensors)) {
    const slash = key.indexOf('/');
    if (!isNumericData(data)) throw new FormatError(file, `"${key}" does not hold numbers.`);
    (states[key.slice(0, slash)] ??= {})[key.slice(slash + 1)] = toFloat32(data);
  }
  const { best, ...progress } = parsed.data;
  const group = (name: (typeof groups)[number]): State => states[name] ?? {};
  return {
    epoch: progress.epoch,
    step: progress.step,
    schedule: progress.schedule,
    underway: progress.underway,
    parameters: group('parameters'),
    mean: group('mean'),
    variance: group('variance'),
    running: group('running'),
    average: group('average'),
    best: best && { ...best, parameters: group('best') },
  };
}
