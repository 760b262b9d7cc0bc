/**
 * CubeMLP (Sun et al., ACM Multimedia 2022): the features of all modalities as a cube of time, modality and channel,
 * mixed along one axis after another by small perceptrons.
 *
 *   x ← W_r x + W_2 gelu(W_1 norm(x))      along time, then along modalities, then along channels; per block
 *
 * What is left is averaged over time and joined over modalities.
 */
import * as z from 'zod';
import {
  dropout,
  gelu,
  gru,
  layerNorm,
  linear,
  masked,
  reluDropout,
  withValue,
  type Scope,
  type Sequence,
} from '../nn/index.ts';
import { stack, type Tensor } from '../tensor/index.ts';
import { defineModel } from './model.ts';
import { checkModalities, rate, textOf } from './settings.ts';
import { asPrediction, outputsOf, taskLoss } from './task.ts';

const block = z.strictObject({
  steps: z.int().positive().describe('time steps, hidden and out'),
  modalities: z.int().positive().optional().describe('modalities, hidden and out; default: as many as there are'),
  channels: z.int().positive().describe('channels, hidden and out'),
});

const cubeMlpConfig = z.strictObject({
  width: z.int().positive().default(128).describe('d, channels of the cube'),
  steps: z
    .int()
    .positive()
    .nullable()
    .default(null)
    .describe('time steps of the cube, 100 in the paper: sequences are cut or filled up with zeros; null: the longest'),
  recurrentLayers: z.int().positive().default(2).describe('of the bidirectional GRU of each modality but text'),
  blocks: z
    .array(block)
    .min(1)
    .default([
      { steps: 50, channels: 128 },
      { steps: 10, channels: 32 },
    ])
    .describe('what each block makes of the three axes'),
  dropout: z
    .strictObject({
      features: rate.default(0.1).describe('of what enters the cube'),
      mixed: rate.default(0.1).describe('of what each perceptron adds'),
      output: rate.default(0.1).describe('of the hidden layer of a head that has one'),
    })
    .prefault({}),
});
type CubeMlpConfig = z.output<typeof cubeMlpConfig>;
type Block = z.output<typeof block>;

export const cubeMlp = defineModel({
  name: 'cubemlp',
  title: 'CubeMLP',
  paper:
    'Sun et al., CubeMLP: An MLP-based Model for Multimodal Sentiment Analysis and Depression Estimation, ACM MM 2022',
  config: cubeMlpConfig,
  recipes: {
    published: {
      train: {
        epochs: 70,
        batchSize: 128,
        lastBatch: 'short',
        learningRate: 4e-3,
        weightDecay: 0,
        decay: 'l2',
        clip: 1,
        average: 0,
        patience: 20,
        schedule: { kind: 'plateau', warmup: 0, factor: 0.1, patience: 10 },
      },
    },
  },
  build(scope, { features, labels, task }, config) {
    const names = Object.keys(features);
    checkModalities('CubeMLP', names);
    const text = textOf(names);
    const longest = Math.max(...names.map((m) => features[m]!.value.shape[1]!));
    const steps = config.steps ?? longest;
    const sides = names.map((m) => {
      const x = (m === text ? project : encodeRecurrently)(scope.at('encoder', m), features[m]!, config);
      return toSteps(dropout(scope.at('features'), m, x.value, config.dropout.features), steps);
    });
    // [M, N, L, d] to [N, L, M, d].
    let cube = stack(sides).transpose([1, 2, 0, 3]);
    config.blocks.forEach((sizes, i) => {
      cube = mix(scope.at('blocks', i), cube, sizes, config.dropout.mixed);
    });
    const fused = flat(cube.mean([1]));
    const prediction = asPrediction(head(scope.at('head'), fused, outputsOf(task), config), task);
    return {
      prediction,
      losses: labels ? { task: taskLoss(prediction, labels, task, 'l1') } : {},
      diagnostics: {},
      representations: { fused },
    };
  },
});

/** Text comes from an encoder of its own: a linear layer is enough. */
const project = (scope: Scope, sequence: Sequence, { width }: CubeMlpConfig): Sequence =>
  masked(withValue(sequence, linear(scope, sequence.value, width, { bias: false })));

/** Bidirectional GRU, the directions added, layer norm and ReLU. */
function encodeRecurrently(
  scope: Scope,
  sequence: Sequence,
  { width, recurrentLayers: layers }: CubeMlpConfig,
): Sequence {
  const { outputs } = gru(scope.at('gru'), sequence, width, { layers, bidirectional: true });
  const [forward, backward] = outputs.value.split(2, [width, width]);
  const normed = layerNorm(scope.at('norm'), forward!.add(backward!), { epsilon });
  return masked(withValue(sequence, normed.relu()));
}

/** ε of all layer norms, as published. */
const epsilon = 1e-6;

/** `[N, T, d]` to `[N, steps, d]`: what is longer is cut, what is shorter filled up with zeros. */
function toSteps(x: Tensor, steps: number): Tensor {
  const time = x.shape[1]!;
  if (time >= steps) return time === steps ? x : x.slice(1, 0, steps);
  return x.pad(1, 0, steps - time);
}

function mix(scope: Scope, cube: Tensor, { steps, modalities, channels }: Block, dropped: number): Tensor {
  const over = (name: string, x: Tensor, order: readonly number[], size: number): Tensor => {
    const back = order.map((_, axis) => order.indexOf(axis));
    return perceptron(scope.at(name), x.transpose(order), size, dropped).transpose(back);
  };
  const inTime = over('time', cube, [0, 2, 3, 1], steps);
  const across = over('modality', inTime, [0, 1, 3, 2], modalities ?? cube.shape[2]!);
  return perceptron(scope.at('channel'), across, channels, dropped);
}

/** One perceptron along the last axis, beside a projection of what comes in. */
function perceptron(scope: Scope, x: Tensor, size: number, dropped: number): Tensor {
  const hidden = gelu(linear(scope.at('in'), layerNorm(scope.at('norm'), x, { epsilon }), size));
  const added = dropout(scope, 'mixed', linear(scope.at('out'), hidden, size), dropped);
  return linear(scope.at('residual'), x, size, { bias: false }).add(added);
}

const flat = (x: Tensor): Tensor => {
  const [batch, modalities, channels] = x.shape as [number, number, number];
  return x.reshape([batch, modalities * channels]);
};

/** The most features that one linear layer reads as the head; before it more go through a hidden layer of this width. */
const widestLinear = 128;

function head(scope: Scope, fused: Tensor, outputs: number, { dropout: rates }: CubeMlpConfig): Tensor {
  if (fused.shape[1]! <= widestLinear) return linear(scope.at('out'), fused, outputs);
  const hidden = linear(scope.at('hidden'), fused, widestLinear);
  return linear(scope.at('out'), reluDropout(scope, 'hidden', hidden, rates.output), outputs);
}
