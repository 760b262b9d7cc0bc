/**
 * CENet (Wang et al., IEEE TMM 2022): what is said is enhanced, inside a language model, by what is seen and heard.
 *
 *   E(h) = h + W [softmax(8 (W_q h)(W_k e_m)ᵀ) W_v e_m]_m,      e_m = MLP(x_m)     for every modality m but text
 *
 * Here on features of the text: E of their projection, a transformer encoder, and the head. `enhance` is E alone, which
 * goes between two layers of a language model just as well.
 */
import * as z from 'zod';
import {
  constantly,
  dropout,
  linear,
  masked,
  normally,
  pool,
  transformer,
  withValue,
  type Scope,
  type Sequence,
} from '../nn/index.ts';
import { concat, type Tensor } from '../tensor/index.ts';
import { defineModel } from './model.ts';
import { checkModalities, rate, textOf } from './settings.ts';
import { asPrediction, outputsOf, taskLoss } from './task.ts';

const cenetConfig = z.strictObject({
  width: z.int().positive().default(128).describe('of the text after its projection, and of what enhances it'),
  heads: z.int().positive().default(4).describe('of the encoder; must divide width'),
  layers: z.int().nonnegative().default(1).describe('of the encoder after the enhancement'),
  positions: z.boolean().default(true).describe('add sinusoidal positions before the encoder'),
  sharpness: z.number().positive().default(8).describe('what the scores of the enhancement are multiplied by'),
  summary: z.enum(['mean', 'first']).default('mean').describe('what the head reads: the mean step, or the first'),
  dropout: z
    .strictObject({
      attention: rate.default(0.1).describe('of the attention weights of the encoder'),
      hidden: rate.default(0.1).describe('of each residual branch, of what enters the encoder, and in the head'),
    })
    .prefault({}),
});

/** A linear layer with BERT's initial weights, which the sharpness is meant for. */
const affine = (scope: Scope, x: Tensor, out: number): Tensor => {
  const weight = scope.param('weight', [out, x.shape.at(-1)!], normally(0.02));
  return x.matmul(weight, { transposeB: true }).add(scope.param('bias', [out], constantly(0)));
};

/**
 * The cross-modal enhancement E of hidden states of text `[N, T, D]` by other modalities `[N, T_m, D_m]`, as wide and long
 * as they are: `[N, T, D]`. Padding of the others is never seen.
 */
export function enhance(
  scope: Scope,
  hidden: Tensor,
  others: Readonly<Record<string, Sequence>>,
  { sharpness = 8 } = {},
): Tensor {
  const width = hidden.shape[2]!;
  const seen = Object.entries(others).map(([name, sequence]) => {
    const at = scope.at(name);
    const embedded = affine(at.at('embed', 1), affine(at.at('embed', 0), sequence.value, width).relu(), width);
    return attend(at, hidden, withValue(sequence, embedded), sharpness);
  });
  return hidden.add(affine(scope.at('output'), concat(seen, 2), width));
}

/** softmax(sharpness · Q Kᵀ) V with one head: `[N, T, D]`. */
function attend(scope: Scope, hidden: Tensor, { value, mask }: Sequence, sharpness: number): Tensor {
  const width = hidden.shape[2]!;
  const [queries, keys] = [affine(scope.at('query'), hidden, width), affine(scope.at('key'), value, width)];
  const scores = queries.matmul(keys, { transposeB: true }).mul(sharpness);
  const values = masked({ value: affine(scope.at('value'), value, width), ...(mask && { mask }) });
  if (!mask) return scores.softmax().matmul(values.value);
  const hiding = mask.sub(1).mul(1e9).reshape([mask.shape[0]!, 1, mask.shape[1]!]);
  return scores.add(hiding).softmax().matmul(values.value);
}

/** Dropout, linear, tanh, dropout, linear: `[N, outputs]` of a summary `[N, D]`, as RoBERTa classifies. */
export function cenetHead(scope: Scope, summary: Tensor, outputs: number, rate: number): Tensor {
  const hidden = affine(scope.at('dense'), dropout(scope, 'summary', summary, rate), summary.shape[1]!).tanh();
  return affine(scope.at('out_proj'), dropout(scope, 'hidden', hidden, rate), outputs);
}

const training = {
  ...{ epochs: 100, batchSize: 64, weightDecay: 1e-4, decay: 'l2', clip: 2, average: 0 },
  ...{ lastBatch: 'short', patience: 8 },
  schedule: { kind: 'constant', warmup: 0 },
} as const;

export const cenet = defineModel({
  name: 'cenet',
  title: 'CENet',
  paper: 'Wang et al., Cross-modal Enhancement Network for Multimodal Sentiment Analysis, IEEE TMM 2022',
  config: cenetConfig,
  recipes: {
    // Chosen by validation on features that are fixed (docs/models/cenet.md).
    features: { train: { ...training, learningRate: 3e-4 } },
    // MMSA's, for fine-tuning BERT.
    published: { train: { ...training, learningRate: 1e-5 } },
  },
  build(scope, { features, labels, task }, config) {
    const names = Object.keys(features);
    const { width, heads, layers, positions, sharpness, dropout: rates } = config;
    checkModalities('CENet', names, config);
    const text = textOf(names);
    const others = Object.fromEntries(names.flatMap((m) => (m === text ? [] : [[m, features[m]!] as const])));

    const said = masked(features[text]!);
    const projected = linear(scope.at('projection'), said.value, width);
    const enhanced = withValue(said, enhance(scope.at('enhancement'), projected, others, { sharpness }));
    const encoded = transformer(scope.at('encoder'), enhanced, undefined, {
      ...{ heads, layers, positions },
      norm: 'post',
      dropout: { attention: rates.attention, relu: 0, residual: rates.hidden, embedding: rates.hidden },
    });
    const summary = config.summary === 'mean' ? pool(encoded) : firstStep(encoded);
    const prediction = asPrediction(cenetHead(scope.at('head'), summary, outputsOf(task), rates.hidden), task);
    return {
      prediction,
      losses: labels ? { task: taskLoss(prediction, labels, task, 'l1') } : {},
      diagnostics: {},
      representations: { enhanced: pool(enhanced), encoded: summary },
    };
  },
});

/** `[N, D]` of `[N, T, D]`: the step that stands for the sentence in BERT. */
const firstStep = ({ value }: Sequence): Tensor => value.slice(1, 0, 1).reshape([value.shape[0]!, value.shape[2]!]);
