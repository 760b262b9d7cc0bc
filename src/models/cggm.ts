/**
 * Classifier-guided gradient modulation (Guo et al., NeurIPS 2024): a classifier on each modality's features watches how
 * fast that modality learns, and the encoders of the slower ones take larger steps.
 *
 *   Δ_m = a_m − a_m of the step before           change of classifier m's accuracy on the batch
 *   B_m = (Σ Δ − Δ_m) / Σ Δ                      the share of the others
 *   gradients of encoder m are multiplied by ρ B_m
 *   L = L_task + λ/M Σ_m (|B_m| − B_m cos(g, g_m))
 *
 * with g and g_m the gradients of the last layers of the head and of classifier m (in the authors' code: their weights).
 */
import * as z from 'zod';
import {
  byFanIn,
  dropout,
  joinInTime,
  knownLabels,
  linear,
  meanOfKnown,
  oneHot,
  transformer,
  withValue,
  type Scope,
  type Sequence,
  type TransformerOptions,
} from '../nn/index.ts';
import { gradients, stack, withGradient, type Tensor } from '../tensor/index.ts';
import { defineModel, type ModelTask } from './model.ts';
import { checkModalities, rate } from './settings.ts';
import { aboveNeutral, asPrediction, outputsOf, taskLoss } from './task.ts';

const cggmConfig = z.strictObject({
  width: z.int().positive().default(40).describe('d, features per time step in every modality'),
  heads: z.int().positive().default(5).describe('attention heads; a divisor of the width'),
  layers: z.int().min(3).default(5).describe('of each encoder; the fusion has two fewer'),
  classifierLayers: z.int().positive().default(2).describe('transformer layers of the classifiers'),
  classifierRate: z
    .number()
    .positive()
    .default(0.5)
    .describe('learning rate of the classifiers, times that of the rest'),
  dropout: z
    .strictObject({
      attention: rate.default(0.15).describe('of attention weights'),
      relu: rate.default(0.15).describe('of hidden features'),
      embedding: rate.default(0.2).describe('of what enters a transformer'),
      residual: rate.default(0.1).describe('of what is added to the residual stream'),
      output: rate.default(0.1).describe('of the hidden features of the head'),
    })
    .prefault({}),
  rho: z.number().positive().default(1.3).describe('ρ, factor of all encoder gradients'),
  lambda: z.number().nonnegative().default(0.2).describe('λ, weight of the gradient-direction loss'),
  direction: z
    .enum(['gradients', 'weights'])
    .default('gradients')
    .describe('what its cosine compares: gradients, or weights as in the authors’ code'),
  limit: z.number().positive().default(10).describe('coefficients B are kept within ±limit; they may divide by 0'),
});
type CggmConfig = z.output<typeof cggmConfig>;

export const cggm = defineModel({
  name: 'cggm',
  title: 'CGGM',
  paper: 'Guo et al., Classifier-guided Gradient Modulation for Enhanced Multimodal Learning, NeurIPS 2024',
  config: cggmConfig,
  recipes: {
    published: {
      train: {
        epochs: 30,
        batchSize: 64,
        lastBatch: 'short',
        learningRate: 1e-3,
        weightDecay: 0,
        decay: 'l2',
        clip: 0.8,
        average: 0,
        patience: null,
        schedule: { kind: 'plateau', warmup: 0, factor: 0.1, patience: 10 },
      },
    },
  },
  build(scope, { features, labels, task, progress }, config) {
    const names = inOrder(Object.keys(features));
    checkModalities('CGGM', names, config);
    // Known only when the classifiers have been built, and asked for only when gradients are.
    const modulation: { coefficients?: readonly Tensor[] } = {};
    const hidden = names.map((m, i) => {
      const h = encode(scope, m, features[m]!, config);
      const scaled = (dy: Tensor): Tensor => {
        const own = modulation.coefficients?.[i];
        return own ? dy.mul(own.mul(config.rho)) : dy;
      };
      return withValue(h, labels ? withGradient(h.value, [h.value], (dy) => [scaled(dy)]) : h.value);
    });
    const { output, weight, fused } = head(scope, hidden, task, config);
    const prediction = asPrediction(output, task);
    const classifiers = names.map((m, i) =>
      classify(scope.grouped({ learningRate: config.classifierRate }).at('classifier', m), hidden[i]!, task, config),
    );
    const representations = { fused };
    if (!labels) return { prediction, losses: {}, diagnostics: {}, representations };

    const main = taskLoss(prediction, labels, task, 'l1');
    const own = classifiers.map(({ output: each }) => taskLoss(asPrediction(each, task), labels, task, 'l1'));
    const losses = { task: main, classifiers: own.reduce((a, b) => a.add(b)) };
    if (!progress) return { prediction, losses, diagnostics: {}, representations };

    const accuracies = stack(classifiers.map(({ output: each }) => accuracy(each.detach(), labels, task)));
    const before = scope.state('accuracies', [names.length]);
    scope.setState('accuracies', accuracies);
    const coefficients = shares(accuracies.sub(before), config.limit);
    modulation.coefficients = coefficients;
    const compared = (loss: Tensor, w: Tensor): Tensor =>
      config.direction === 'weights' ? w : gradients(loss, [w])[0]!;
    const cosines = classifiers.map(({ weight: w }, i) =>
      cosine(compared(main, weight), compared(own[i]!, w).detach()),
    );
    return {
      prediction,
      losses: { ...losses, direction: directionLoss(cosines, coefficients).mul(config.lambda) },
      diagnostics: Object.fromEntries([
        ...names.map((m, i) => [`coefficient.${m}`, coefficients[i]!] as const),
        ...names.map((m, i) => [`cosine.${m}`, cosines[i]!] as const),
      ]),
      representations,
    };
  },
});

/** Text first: the fusion is read at the first step of the first modality. */
function inOrder(names: readonly string[]): readonly string[] {
  return names.includes('text') ? ['text', ...names.filter((m) => m !== 'text')] : names;
}

const options = (layers: number, { heads, dropout: rates }: CggmConfig): TransformerOptions => ({
  heads,
  layers,
  norm: 'pre',
  positions: 'halves',
  dropout: rates,
});

function encode(scope: Scope, modality: string, sequence: Sequence, config: CggmConfig): Sequence {
  const projected = withValue(sequence, linear(scope.at('projection', modality), sequence.value, config.width));
  return transformer(scope.at('encoder', modality), projected, undefined, options(config.layers, config));
}

interface Head {
  /** `[N, outputs]`. */
  readonly output: Tensor;
  /** Weights of the last layer, `[outputs, width]`. */
  readonly weight: Tensor;
}

/** A transformer over the modalities joined in time; its first step goes through a residual block to the prediction. */
function head(
  scope: Scope,
  hidden: readonly Sequence[],
  task: ModelTask,
  config: CggmConfig,
): Head & { readonly fused: Tensor } {
  const x = firstStep(
    transformer(scope.at('fusion'), joinInTime(hidden), undefined, options(config.layers - 2, config)),
  );
  const inner = linear(scope.at('head', 0), x, config.width).relu();
  const outer = linear(scope.at('head', 1), dropout(scope, 'head', inner, config.dropout.output), config.width);
  const fused = x.add(outer);
  return { ...lastLayer(scope.at('head', 'out'), fused, task), fused };
}

/** A transformer on the features as they are, which teaches the encoder nothing. */
function classify(scope: Scope, hidden: Sequence, task: ModelTask, config: CggmConfig): Head {
  const features = withValue(hidden, hidden.value.detach());
  const x = firstStep(transformer(scope.at('encoder'), features, undefined, options(config.classifierLayers, config)));
  // One layer applied twice, with the rectifier after the second time only, as in the authors' code.
  const layer = scope.at('hidden').shared();
  const inner = linear(layer, linear(layer, x, config.width), config.width).relu();
  return lastLayer(scope.at('out'), inner, task);
}

function lastLayer(scope: Scope, x: Tensor, task: ModelTask): Head {
  const [outputs, width] = [outputsOf(task), x.shape[1]!];
  const weight = scope.param('weight', [outputs, width], byFanIn(width));
  return { output: x.matmul(weight, { transposeB: true }).add(scope.param('bias', [outputs], byFanIn(width))), weight };
}

function firstStep({ value }: Sequence): Tensor {
  const [batch, , width] = value.shape as [number, number, number];
  return value.slice(1, 0, 1).reshape([batch, width]);
}

/**
 * The share of samples whose class is right; of a regression, that are on the right side of neutral (positive or not); of
 * several labels, the share of those that are on the right side.
 */
function accuracy(output: Tensor, labels: Tensor, task: ModelTask): Tensor {
  if (task.kind === 'multilabel' || task.kind === 'multitarget') {
    const { values, known } = knownLabels(labels);
    return meanOfKnown(output.greater(0).equal(values.greater(0)).cast(output.dtype), known);
  }
  const right =
    task.kind === 'regression'
      ? aboveNeutral(asPrediction(output, task), task).greater(0).equal(aboveNeutral(labels, task).greater(0))
      : chosen(output, labels).greaterOrEqual(output.maximum([1]));
  return right.cast(output.dtype).mean();
}

/** The logit of each sample's class, `[N]`. */
const chosen = (logits: Tensor, labels: Tensor): Tensor => logits.mul(oneHot(labels, logits.shape[1]!)).sum([1]);

/** B `[]` for each modality, of changes of accuracy `[M]`. */
export function shares(changes: Tensor, limit: number): readonly Tensor[] {
  const sum = changes.sum().add(1e-8);
  const all = sum.sub(changes).div(sum).clamp({ low: -limit, high: limit });
  const count = changes.shape[0]!;
  return all.split(0, Array<number>(count).fill(1)).map((share) => share.reshape([]));
}

/** 1/M Σ (|B| − B cos). */
export const directionLoss = (cosines: readonly Tensor[], coefficients: readonly Tensor[]): Tensor =>
  cosines
    .map((cos, i) => coefficients[i]!.abs().sub(coefficients[i]!.mul(cos)))
    .reduce((a, b) => a.add(b))
    .mul(1 / cosines.length);

/** The cosine of two tensors as vectors; 0 where one of them is 0. */
function cosine(a: Tensor, b: Tensor): Tensor {
  const norm = (x: Tensor): Tensor => x.square().sum().max(1e-16).sqrt();
  return a.mul(b).sum().div(norm(a)).div(norm(b));
}
