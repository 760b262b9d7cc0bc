import { createBatch, fillBatch } from '../data/batch.ts';
import type { Samples } from '../data/dataset.ts';
import type { Prediction, PredictionProgram } from './programs/compile-prediction.ts';
import { feedsOf } from './programs/feeds.ts';
import type { FeatureSpec } from './network.ts';
import type { StateDict } from './state-dict.ts';

/** Samples that are predicted at a time. */
export const predictionBatch = 64;

interface PredictOptions {
  readonly batchSize?: number;
  /** The samples that are predicted: `from` the one up to the other. Default: all. */
  readonly from?: number;
  readonly to?: number;
}

/** Predicts all samples, a batch at a time; results are in the order of the samples. */
export async function predictAll(
  program: PredictionProgram,
  parameters: StateDict,
  features: readonly FeatureSpec[],
  samples: Samples,
  { batchSize = predictionBatch, from = 0, to = samples.ids.length }: PredictOptions = {},
): Promise<Prediction> {
  const parts: Prediction[] = [];
  for (let start = from; start < to; start += batchSize) {
    const rows = Int32Array.from({ length: Math.min(batchSize, to - start) }, (_, i) => start + i);
    const batch = createBatch(features, rows.length);
    fillBatch(batch, samples, rows);
    parts.push(await program.run(parameters, feedsOf(batch, features)));
  }
  const names = Object.keys(parts[0]?.representations ?? {});
  return {
    prediction: join(parts.map(({ prediction }) => prediction)),
    representations: Object.fromEntries(
      names.map((name) => [name, join(parts.map((part) => part.representations[name]!))]),
    ),
  };
}

function join(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
