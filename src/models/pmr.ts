/**
 * Prototypical modal rebalance (Fan et al., CVPR 2023): the modality that learns more slowly is pulled to its classes.
 *
 *   s_m(i, c) = −‖h_m(i) − p_m(c)‖             similarity to the prototype of class c
 *   ρ_m = Σ_i softmax(s_m(i, ·))[y_i]          how well modality m tells the classes apart by itself
 *   L = L_task + α Σ_m [ρ_m < max ρ] CE(s_m, y)
 *
 * A prototype is the mean representation of its class over an epoch, with momentum from epoch to epoch.
 */
import * as z from 'zod';
import { labelClasses } from '../alignment/index.ts';
import {
  crossEntropy,
  dropout,
  layerNorm,
  linear,
  masked,
  oneHot,
  pool,
  temporalConvolution,
  withValue,
  type Scope,
  type Sequence,
} from '../nn/index.ts';
import { concat, where, type Tensor } from '../tensor/index.ts';
import { defineModel, type OneLabelTask, type Progress } from './model.ts';
import { checkModalities, rate } from './settings.ts';
import { asPrediction, oneLabelOf, outputsOf, taskLoss } from './task.ts';

const pmrConfig = z.strictObject({
  width: z.int().positive().default(64).describe('d, numbers that represent a modality (512 in the ResNets)'),
  blocks: z.int().nonnegative().default(1).describe('residual blocks of each encoder'),
  kernel: z.int().positive().default(3).describe('time steps that a convolution sees; odd'),
  fusion: z
    .enum(['concat', 'hidden'])
    .default('hidden')
    .describe('what reads the joined representations: a linear layer, or one with a hidden layer of d before it'),
  dropout: rate.default(0.1).describe('of the representations'),
  alpha: z.number().nonnegative().default(1).describe('α, weight of the prototype cross-entropy'),
  momentum: rate.default(0.2).describe('share of the old prototypes in the new ones'),
  rebalanced: z.int().nonnegative().default(101).describe('epochs with the prototype cross-entropy, the first ones'),
  bins: z
    .strictObject({
      count: z.int().min(2).default(7).describe('classes that are made of the labels of a regression'),
      limit: z.number().positive().default(3).describe('labels of sentiment are clamped to ±limit, then rounded'),
    })
    .prefault({}),
});
type PmrConfig = z.output<typeof pmrConfig>;

const oneLabel = 'it has a prototype of each class';

export const pmr = defineModel({
  name: 'pmr',
  title: 'PMR',
  paper: 'Fan et al., PMR: Prototypical Modal Rebalance for Multimodal Learning, CVPR 2023 (arXiv:2211.07089)',
  oneLabel,
  config: pmrConfig,
  labelClasses: ({ bins }) => bins,
  recipes: {
    published: {
      train: {
        epochs: 150,
        batchSize: 64,
        lastBatch: 'short',
        learningRate: 1e-3,
        weightDecay: 1e-4,
        decay: 'l2',
        clip: null,
        average: 0,
        patience: 20,
        schedule: { kind: 'plateau', warmup: 0, factor: 0.1, patience: 10 },
      },
    },
  },
  build(scope, { features, labels, task: given, progress }, config) {
    const task = oneLabelOf(given, 'PMR', oneLabel);
    const names = Object.keys(features);
    checkModalities('PMR', names);
    const hidden = names.map((m) => encode(scope.at('encoder', m), features[m]!, config));
    const prediction = asPrediction(fuse(scope, hidden, outputsOf(task), config), task);
    const output = { prediction, representations: Object.fromEntries(names.map((m, i) => [m, hidden[i]!])) };
    if (!labels) return { ...output, losses: {}, diagnostics: {} };

    const main = taskLoss(prediction, labels, task, 'l1');
    if (!progress) return { ...output, losses: { task: main }, diagnostics: {} };
    const [classes, count] = classesOf(labels, task, config);
    const target = oneHot(classes, count);
    const turned = epochTurned(scope, progress);
    const similarities = names.map((m, i) => {
      const own = prototypes(scope.at('prototypes', m), hidden[i]!.detach(), { target, turned }, config.momentum);
      return similarity(hidden[i]!, own);
    });
    const { loss, scores } = rebalance(similarities, classes);
    const active = progress.epoch.lessOrEqual(config.rebalanced).cast(loss.dtype);
    return {
      ...output,
      losses: { task: main, prototype: loss.mul(config.alpha).mul(active) },
      diagnostics: Object.fromEntries(names.map((m, i) => [`score.${m}`, scores[i]!])),
    };
  },
});

/** A small residual network over time, which ends in the mean over time as a ResNet ends in that over the image. */
function encode(scope: Scope, sequence: Sequence, { width, blocks, kernel, dropout: dropped }: PmrConfig): Tensor {
  const convolve = (name: string, x: Sequence): Sequence => {
    const { value } = temporalConvolution(scope.at(name), x, width, { kernel });
    return masked(withValue(x, layerNorm(scope.at(`${name}_norm`), value)));
  };
  const relu = (x: Sequence): Sequence => withValue(x, x.value.relu());
  let x = relu(convolve('stem', masked(sequence)));
  for (let b = 0; b < blocks; b++) {
    const inner = relu(convolve(`block${b}_in`, x));
    x = relu(withValue(x, x.value.add(convolve(`block${b}_out`, inner).value)));
  }
  return dropout(scope, 'representation', pool(x), dropped);
}

function fuse(scope: Scope, hidden: readonly Tensor[], outputs: number, { fusion, width }: PmrConfig): Tensor {
  const joined = concat(hidden, 1);
  return linear(
    scope.at('head'),
    fusion === 'hidden' ? linear(scope.at('fusion'), joined, width).relu() : joined,
    outputs,
  );
}

/** Class indices `[N]` as floats, and how many classes there are; those of a regression are made of its labels. */
function classesOf(labels: Tensor, task: OneLabelTask, { bins: { count, limit } }: PmrConfig): [Tensor, number] {
  if (task.kind === 'classification') return [labels, task.classes];
  const { boundaries } = task;
  if (boundaries) return [labelClasses(labels, { boundaries }), boundaries.length + 1];
  const middle = (count - 1) / 2;
  const clamped = labels.clamp({ low: -limit, high: limit });
  return [
    clamped
      .mul(middle / limit)
      .add(middle)
      .round(),
    count,
  ];
}

/** 1 in the first step of an epoch, else 0: `[]`. */
function epochTurned(scope: Scope, { epoch }: Progress): Tensor {
  const last = scope.state('epoch', []);
  scope.setState('epoch', epoch);
  return epoch.greater(last).cast(epoch.dtype);
}

/** One vector for each class, and which classes have one: `[classes, d]` and `[classes, 1]`, 1 or 0. */
export interface Prototypes {
  readonly value: Tensor;
  readonly known: Tensor;
}

/**
 * The means of an epoch become prototypes when it is over. Until the first is over, the prototypes are the means of what
 * it has shown so far; the public code makes a pass over the data before training instead.
 */
function prototypes(
  scope: Scope,
  hidden: Tensor,
  { target, turned }: { readonly target: Tensor; readonly turned: Tensor },
  momentum: number,
): Prototypes {
  const [classes, width] = [target.shape[1]!, hidden.shape[1]!];
  const sums = scope.state('sums', [classes, width]);
  const counts = scope.state('counts', [classes, 1]);
  const value = scope.state('value', [classes, width]);
  const known = scope.state('known', [classes, 1]);

  const mean = sums.div(counts.max(1));
  const old = where(known.greater(0), value, mean);
  const renewed = counts.min(1).mul(turned);
  const next = where(renewed.greater(0), mean.mul(1 - momentum).add(old.mul(momentum)), value);
  const nextKnown = known.max(renewed);

  const kept = turned.neg().add(1);
  const nextSums = sums.mul(kept).add(target.matmul(hidden, { transposeA: true }));
  const nextCounts = counts.mul(kept).add(target.sum([0]).reshape([classes, 1]));
  scope.setState('sums', nextSums);
  scope.setState('counts', nextCounts);
  scope.setState('value', next);
  scope.setState('known', nextKnown);
  return {
    value: where(nextKnown.greater(0), next, nextSums.div(nextCounts.max(1))),
    known: nextKnown.max(nextCounts.min(1)),
  };
}

/** The similarity to a class without a prototype: so far below any other that the class has no share in a softmax. */
const unknownSimilarity = -1e4;

/** s = −‖h − p‖ `[N, classes]`. */
export function similarity(hidden: Tensor, { value, known }: Prototypes): Tensor {
  const [batch, width] = hidden.shape as [number, number];
  const [classes] = value.shape as [number];
  const squares = hidden
    .reshape([batch, 1, width])
    .sub(value.reshape([1, classes, width]))
    .square()
    .sum([2]);
  // The root's slope at 0 is infinite: a sample on its prototype takes none.
  const distance = squares.max(1e-12).sqrt();
  return where(known.reshape([1, classes]).greater(0), distance.neg(), unknownSimilarity);
}

/** The prototype cross-entropy of every modality whose score is below the best, and the scores as means. */
export function rebalance(
  similarities: readonly Tensor[],
  classes: Tensor,
): { readonly loss: Tensor; readonly scores: readonly Tensor[] } {
  const scores = similarities.map((s) => s.detach().softmax().mul(oneHot(classes, s.shape[1]!)).sum([1]).mean());
  const best = scores.reduce((a, b) => a.max(b));
  const loss = similarities
    .map((s, i) => crossEntropy(s, classes).mul(scores[i]!.less(best).cast(s.dtype)))
    .reduce((a, b) => a.add(b));
  return { loss, scores };
}
