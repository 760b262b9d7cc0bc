import type { Samples } from '../../data/dataset.ts';
import { outputsOf } from '../../models/index.ts';
import { shareOf, type Ranks } from '../../parallel/ranks.ts';
import type { InputSpec } from '../network.ts';
import { predictAll, predictionBatch } from '../predict.ts';
import type { PredictionProgram } from '../programs/compile-prediction.ts';
import type { StateDict } from '../state-dict.ts';

interface Shared {
  readonly spec: InputSpec;
  readonly samples: Samples;
  readonly ranks: Ranks;
}

/** Values `[N]` or logits `[N, outputs]` of all samples, of which each rank predicts a share; the same bits on every rank. */
export async function predictShared(
  program: PredictionProgram,
  parameters: StateDict,
  { spec, samples, ranks }: Shared,
): Promise<Float32Array> {
  const count = samples.ids.length;
  // Whole batches, so that whoever predicts a sample predicts it beside the same others.
  const share = shareOf(Math.ceil(count / predictionBatch), ranks.rank, ranks.size);
  const [from, to] = [share.from, share.to].map((batch) => Math.min(batch * predictionBatch, count)) as [
    number,
    number,
  ];
  const { prediction } = await predictAll(program, parameters, spec.features, samples, { from, to });
  if (ranks.size === 1) return prediction;
  const width = outputsOf(spec.task);
  const all = new Float32Array(count * width);
  all.set(prediction, from * width);
  await ranks.sum(all);
  return all;
}
