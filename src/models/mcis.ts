/**
 * Multimodal counterfactual inference for sentiment (Yang et al., ECCV 2024): a trained model is asked what it would say
 * without having seen what matters, and that is taken from what it says. With f the trained model and x̄ the mean input:
 *
 *   y = f(x) − α f(x̄) − β f(x context)
 *
 *   f(x̄)           label bias: every feature is its mean over training
 *   f(x context)   context bias: of the text, the steps that f attends to least; all else is its mean
 *
 * Training knows nothing of it. α and β are chosen on validation. Without public code; docs/models/mcis.md says what is
 * reconstructed.
 */
import * as z from 'zod';
import {
  constantly,
  dropout,
  linear,
  masked,
  pool,
  reluDropout,
  temporalConvolution,
  transformer,
  withValue,
  type Scope,
  type Sequence,
} from '../nn/index.ts';
import { concat, type Tensor } from '../tensor/index.ts';
import { defineModel, type ModelTask } from './model.ts';
import { byModality } from './representations.ts';
import { checkModalities, rate } from './settings.ts';
import { asPrediction, outputsOf, taskLoss } from './task.ts';

const mcisConfig = z.strictObject({
  width: z.int().positive().default(40).describe('d, features per time step in every modality'),
  heads: z.int().positive().default(8).describe('of every attention; divides the width'),
  layers: z.int().positive().default(2).describe('of every cross-modal transformer'),
  loss: z.enum(['l1', 'mse']).default('l1').describe('error of a regression'),
  grid: z
    .strictObject({
      limit: z.number().nonnegative().default(1).describe('α and β are at most this; 0: no counterfactuals'),
      steps: z.int().positive().default(10).describe('values tried beside 0'),
    })
    .prefault({}),
  dropout: z
    .strictObject({
      input: rate.default(0.2).describe('of the features'),
      attention: rate.default(0.1).describe('of attention weights'),
      residual: rate.default(0.1).describe('of what is added in transformers'),
      output: rate.default(0.2).describe('in the head'),
    })
    .prefault({}),
});
type McisConfig = z.output<typeof mcisConfig>;
type Features = Readonly<Record<string, Sequence>>;

export const mcis = defineModel({
  name: 'mcis',
  title: 'MCIS',
  paper:
    'Yang et al., Towards Multimodal Sentiment Analysis Debiasing via Bias Purification, ECCV 2024 (arXiv:2403.05023)',
  notes: [
    "Reconstructed from the abstract of its paper, as no public code was found: its figures are not the authors'.",
    'Two of its weights are chosen on the validation split, so its validation figures flatter it.',
  ],
  config: mcisConfig,
  recipes: { published: { train: { learningRate: 5e-4 } } },
  // From 0 upwards: of values that do equally well, the one that changes least is kept.
  chosenOnValidation({ grid: { limit, steps } }) {
    const values = limit === 0 ? [0] : Array.from({ length: steps + 1 }, (_, i) => (i * limit) / steps);
    return { 'weights.label': values, 'weights.context': values };
  },
  build(scope, { features, labels, task }, config) {
    const names = Object.keys(features);
    checkModalities('MCIS', names, config);
    const weight = (name: string): Tensor =>
      scope.grouped({ frozen: true }).at('weights').param(name, [1], constantly(0));
    const [alpha, beta] = [weight('label'), weight('context')];

    const factual = backbone(scope, features, task, config);
    const representations = { ...factual.byModality, fused: factual.fused };
    if (labels) {
      const losses = { task: taskLoss(factual.prediction, labels, task, config.loss) };
      return { prediction: factual.prediction, losses, diagnostics: {}, representations };
    }
    const text = 'text' in features ? 'text' : names[0]!;
    const mean = Object.fromEntries(names.map((m) => [m, withValue(features[m]!, features[m]!.value.mul(0))]));
    const context = { ...mean, [text]: leastAttended(features[text]!, factual.attention[text]!) };
    const label = backbone(scope.shared(), mean, task, config).prediction;
    const word = backbone(scope.shared(), context, task, config).prediction;
    return {
      prediction: factual.prediction.sub(label.mul(alpha)).sub(word.mul(beta)),
      losses: {},
      diagnostics: {},
      representations: { ...representations, ...predictions({ factual: factual.prediction, label, context: word }) },
    };
  },
});

interface Answer {
  readonly prediction: Tensor;
  readonly fused: Tensor;
  /** `projected.M` and `attended.M` of each modality. */
  readonly byModality: Readonly<Record<string, Tensor>>;
  /** Weights of each modality's steps in its pooled vector, `[N, T]`, summing to 1. */
  readonly attention: Readonly<Record<string, Tensor>>;
}

/** Each modality attends to all others (Tsai et al., 2019), is pooled by attention, and all are read together. */
function backbone(scope: Scope, features: Features, task: ModelTask, config: McisConfig): Answer {
  const { width, heads, layers, dropout: rates } = config;
  const names = Object.keys(features);
  const projected = names.map((m) => {
    const x = masked(features[m]!);
    return temporalConvolution(scope.at('projection', m), withValue(x, dropout(scope, m, x.value, rates.input)), width);
  });
  const { attention, residual } = rates;
  const options = { heads, layers, positions: true, dropout: { attention, relu: residual, residual, embedding: 0 } };
  const pooled = names.map((m, i) => {
    const others = projected.filter((_, j) => j !== i);
    return attentivePool(scope.at('pool', m), transformer(scope.at('transformer', m), projected[i]!, others, options));
  });
  const fused = concat(
    pooled.map(({ vector }) => vector),
    1,
  );
  const hidden = reluDropout(scope, 'hidden', linear(scope.at('head', 0), fused, 2 * width), rates.output);
  const prediction = asPrediction(linear(scope.at('head', 1), hidden, outputsOf(task)), task);
  return {
    prediction,
    fused,
    byModality: {
      ...byModality('projected', names, projected.map(pool)),
      ...byModality(
        'attended',
        names,
        pooled.map(({ vector }) => vector),
      ),
    },
    attention: Object.fromEntries(names.map((m, i) => [m, pooled[i]!.weights])),
  };
}

/** Mean over the true steps weighted by softmax_t(v · tanh(W x_t + b)). */
function attentivePool(scope: Scope, { value, mask }: Sequence): { readonly vector: Tensor; readonly weights: Tensor } {
  const [batch, steps, width] = value.shape as [number, number, number];
  const scores = linear(scope.at(1), linear(scope.at(0), value, width).tanh(), 1, { bias: false }).reshape([
    batch,
    steps,
  ]);
  // Far below any true step, a padded one weighs exactly 0.
  const weights = (mask ? scores.add(mask.sub(1).mul(1e9)) : scores).softmax();
  return { vector: value.mul(weights.reshape([batch, steps, 1])).sum([1]), weights };
}

/** The steps that weigh no more than the mean of the true ones; the others become 0, the mean where standardised. */
function leastAttended({ value, mask }: Sequence, weights: Tensor): Sequence {
  const [batch, steps] = weights.shape as [number, number];
  const length = mask ? mask.sum([1], true) : steps;
  // A step that is the only one weighs the mean, but for rounding.
  const kept = weights
    .mul(length)
    .lessOrEqual(1 + 1e-5)
    .cast(value.dtype);
  return { value: value.mul(kept.reshape([batch, steps, 1])), ...(mask && { mask }) };
}

/** Predictions as representations `[N, outputs]`. */
const predictions = (values: Readonly<Record<string, Tensor>>): Record<string, Tensor> =>
  Object.fromEntries(
    Object.entries(values).map(([name, y]) => [
      `prediction.${name}`,
      y.shape.length === 1 ? y.reshape([y.shape[0]!, 1]) : y,
    ]),
  );
