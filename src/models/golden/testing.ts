/** Golden numbers of models: what public code gave for the same inputs and weights (`docs/models` says how they were made). */
import { readFileSync } from 'node:fs';
import { relativeError } from '../../runtime/testing.ts';
import type { BatchOutcome } from '../one-batch/testing.ts';
import { featuresOf, valuesFor, type Modality } from '../testing.ts';

export interface Golden {
  /** T of each modality, where the case says so. */
  readonly times?: readonly number[];
  readonly labels: readonly number[];
  readonly prediction: readonly number[];
  readonly losses: Readonly<Record<string, number>>;
  /** By parameter: the gradient's product with `valuesFor("direction NAME")`, and its norm. */
  readonly gradients: Readonly<Record<string, readonly [number, number]>>;
}

/** What is committed of a model: unless said otherwise, its cases by name. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- only the caller knows what the file holds
export const goldenOf = <T = Readonly<Record<string, Golden>>>(model: string): T =>
  JSON.parse(readFileSync(`test/fixtures/models/${model}.json`, 'utf8')) as T;

/** The largest relative error of everything in a golden case; a gradient's products are relative to its norm. */
export function goldenError(outcome: BatchOutcome, golden: Golden): number {
  const errors = [
    relativeError(outcome.prediction, golden.prediction),
    ...Object.entries(golden.losses).map(([name, loss]) => relativeError([outcome.losses[name] ?? NaN], [loss])),
    ...Object.entries(golden.gradients).map(([name, [product, norm]]) => {
      const gradient = outcome.gradients[name] ?? [];
      const direction = valuesFor(`direction ${name}`, gradient.length);
      const found = gradient.reduce((sum, g, i) => sum + g * direction[i]!, 0);
      return Math.max(Math.abs(found - product), Math.abs(Math.hypot(...gradient) - norm)) / Math.max(norm, 1e-6);
    }),
  ];
  return errors.reduce((worst, error) => (error <= worst ? worst : error), 0);
}

/** A modality with `more` padded steps, in all of which stand numbers that mean nothing. */
export function padded(modality: Modality, samples: number, more = 0): Modality {
  const { time, width } = modality;
  const lengths = modality.lengths ?? Array<number>(samples).fill(time);
  const values = featuresOf(modality, samples);
  const wide = lengths.flatMap((length, n) =>
    Array.from({ length: (time + more) * width }, (_, i) =>
      i < length * width ? values[n * time * width + i]! : 1e3 * Math.cos(i),
    ),
  );
  return { ...modality, time: time + more, lengths, values: wide };
}
