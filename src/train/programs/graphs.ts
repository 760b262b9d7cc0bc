import { Scope } from '../../nn/index.ts';
import type { Tensor } from '../../tensor/index.ts';
import { placeholders, type InputSpec, type Network } from '../network.ts';
import { predictionBatch } from '../predict.ts';
import type { TrainConfig } from '../train-config.ts';
import { trainingGraph } from './compile-training.ts';

export interface GraphsOptions {
  readonly config: Pick<TrainConfig, 'batchSize' | 'lastBatch'>;
  /** Samples of the training and of the validation split. */
  readonly samples: { readonly train: number; readonly valid: number };
}

/** The graphs that a training computes, each as its outputs: one for each stage and size of its batches, and validation's. */
export function graphsOf(
  network: Network,
  spec: InputSpec,
  { config: { batchSize, lastBatch }, samples }: GraphsOptions,
): { readonly training: readonly (readonly Tensor[])[]; readonly prediction: readonly Tensor[] } {
  const rest = samples.train % batchSize;
  const sizes = [
    Math.min(batchSize, samples.train),
    ...(lastBatch === 'short' && samples.train > batchSize && rest > 0 ? [rest] : []),
  ];
  const stages = [...(network.stages ?? []).map(({ name }) => name), undefined];
  const inputs = placeholders(spec, Math.min(predictionBatch, samples.valid), { labels: false });
  return {
    training: stages.flatMap((stage) =>
      sizes.map((size) => Object.values(trainingGraph(network, spec, size, { samples: samples.train, stage }).outputs)),
    ),
    prediction: [network.build(new Scope(), inputs).prediction],
  };
}
