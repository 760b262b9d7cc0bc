/**
 * MulT (Tsai et al., ACL 2019): every modality attends to every other one by a cross-modal transformer, and
 * then to itself.
 *
 *   x̂_m      = Conv1D(x_m)
 *   z_{s→m}  = CrossModal(queries x̂_m, keys and values x̂_s)     for every s ≠ m
 *   h_m      = the last step of Transformer([z_{s→m}]_s)
 *   ŷ        = W (h + MLP(h)),  h = [h_m]_m
 */
import * as z from 'zod';
import {
  dropout,
  lastStep,
  linear,
  masked,
  pool,
  reluDropout,
  temporalConvolution,
  transformer,
  withValue,
  type Scope,
  type Sequence,
  type TransformerOptions,
} from '../nn/index.ts';
import { concat, type Tensor } from '../tensor/index.ts';
import { defineModel } from './model.ts';
import { byModality } from './representations.ts';
import { checkModalities, perModality, rate, textOf, valueFor } from './settings.ts';
import { asPrediction, outputsOf, taskLoss } from './task.ts';

/** Settings of all that is between the features and the last steps. */
export const multimodalTransformerKeys = {
  width: z.int().positive().default(50).describe('d, features per time step in every modality'),
  heads: z.int().positive().default(10).describe('attention heads; must divide width'),
  layers: z.int().positive().default(4).describe('layers of each cross-modal transformer'),
  selfLayers: z.int().positive().default(3).describe('layers of self-attention, where `layers` is not more'),
  kernel: perModality(z.int().positive()).default(5).describe('of the temporal convolution; shorter sequences: T'),
  positions: z.boolean().default(true).describe('add sinusoidal positions before every transformer'),
  causal: z.boolean().default(true).describe('steps see no later ones, but as many as another modality is longer'),
  dropout: z
    .strictObject({
      text: rate.default(0.5).describe('of the text features'),
      embedding: rate.default(0.2).describe('of what enters a transformer'),
      attention: perModality(rate)
        .default({ text: 0.3, audio: 0.2, vision: 0, other: 0.3 })
        .describe('of attention to each modality; that of text also in self-attention'),
      relu: rate.default(0).describe('inside the feed-forward parts'),
      residual: rate.default(0).describe('of each residual branch'),
      output: rate.default(0.5).describe('before the output'),
    })
    .prefault({}),
};
const multConfig = z.strictObject(multimodalTransformerKeys);

export type MultimodalTransformer = z.output<typeof multConfig>;

/** x̂_m `[N, T', d]` of every modality: windows of `kernel` steps that lie inside the sequence. */
export function projectAll(
  scope: Scope,
  features: Readonly<Record<string, Sequence>>,
  { width, kernel, dropout: rates }: MultimodalTransformer,
): Sequence[] {
  const names = Object.keys(features);
  return names.map((m) => {
    const x = masked(features[m]!);
    const kept = m === textOf(names) ? dropout(scope, m, x.value, rates.text) : x.value;
    const options = { kernel: Math.min(valueFor(kernel, m, 'kernel'), x.value.shape[1]!), padding: 'valid' } as const;
    return temporalConvolution(scope.at(m), withValue(x, kept), width, options);
  });
}

/** h_m `[N, (M − 1)d]` of every modality, whose sequences `[N, T_m, d]` are given in the order of their names. */
export function multimodalTransformers(
  scope: Scope,
  names: readonly string[],
  sequences: readonly Sequence[],
  config: MultimodalTransformer,
): Tensor[] {
  const attentionTo = (m: string): number => valueFor(config.dropout.attention, m, 'dropout.attention');
  return names.map((target, i) => {
    const own = sequences[i]!;
    const crossed = names.flatMap((source, j) => {
      if (j === i) return [];
      const options = transformerOptions(config, attentionTo(source));
      return [transformer(scope.at('cross', target, source), own, [sequences[j]!], options).value];
    });
    const joined = withValue(own, concat(crossed, 2));
    return lastStep(selfAttention(scope.at('self', target), joined, config, textOf(names)));
  });
}

/** The transformer of one sequence, with at least `selfLayers` layers. */
export function selfAttention(
  scope: Scope,
  sequence: Sequence,
  config: MultimodalTransformer,
  modality: string,
  layers = Math.max(config.layers, config.selfLayers),
): Sequence {
  const attention = valueFor(config.dropout.attention, modality, 'dropout.attention');
  return transformer(scope, sequence, undefined, { ...transformerOptions(config, attention), layers });
}

function transformerOptions(config: MultimodalTransformer, attention: number): TransformerOptions {
  const { heads, layers, positions, causal, dropout: rates } = config;
  return {
    ...{ heads, layers, causal, context: { normalised: true, causal } },
    norm: 'pre',
    positions: positions && 'halves',
    dropout: { ...rates, attention },
  };
}

/** x + MLP(x), with one hidden layer as wide as `x` `[N, width]`. */
export function residualMlp(scope: Scope, x: Tensor, rate: number): Tensor {
  const width = x.shape[1]!;
  const hidden = reluDropout(scope, 'hidden', linear(scope.at(0), x, width), rate);
  return linear(scope.at(1), hidden, width).add(x);
}

const training = {
  ...{ epochs: 100, weightDecay: 0, decay: 'l2', clip: 0.6, lastBatch: 'short', patience: 8 },
  schedule: { kind: 'plateau', warmup: 0, patience: 5, factor: 0.1 },
} as const;

export const mult = defineModel({
  name: 'mult',
  title: 'MulT',
  paper: 'Tsai et al., Multimodal Transformer for Unaligned Multimodal Language Sequences, ACL 2019 (arXiv:1906.00295)',
  config: multConfig,
  recipes: {
    // MMSA accumulates 8 batches of 16.
    published: { train: { ...training, batchSize: 128, learningRate: 2e-3, average: 0 } },
    // For features of one time step, chosen by validation (docs/models/mult.md).
    pooled: { train: { ...training, batchSize: 64, learningRate: 1e-4, average: 0.9 } },
  },
  build(scope, { features, labels, task }, config) {
    const names = Object.keys(features);
    checkModalities('MulT', names, config);
    const projected = projectAll(scope.at('projection'), features, config);
    const hidden = multimodalTransformers(scope, names, projected, config);
    const fused = residualMlp(scope.at('fusion'), concat(hidden, 1), config.dropout.output);
    const prediction = asPrediction(linear(scope.at('head'), fused, outputsOf(task)), task);
    return {
      prediction,
      losses: labels ? { task: taskLoss(prediction, labels, task, 'l1') } : {},
      diagnostics: {},
      representations: {
        ...Object.fromEntries(names.map((m, i) => [m, hidden[i]!])),
        ...byModality('projected', names, projected.map(pool)),
        ...byModality('attended', names, hidden),
        fused,
      },
    };
  },
});
