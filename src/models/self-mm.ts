/**
 * Self-MM (Yu et al., AAAI 2021): every modality has a task of its own, whose labels the model makes for itself.
 *
 *   u_m = text as it is, else W LSTM(x_m)    F_m = ReLU(W u_m), ŷ_m = MLP(F_m)    F, ŷ likewise of [u_m]_m
 *   L   = |ŷ − y| + Σ_m tanh|y_m − y| |ŷ_m − y_m|        with the labels y_m of `selfLabels`
 *
 * With labels y_m that people gave (Yu et al., CH-SIMS, ACL 2020) L = |ŷ − y| + Σ_m |ŷ_m − y_m|.
 */
import * as z from 'zod';
import { dropout, linear, lstm, pool, type Scope, type Sequence } from '../nn/index.ts';
import { concat, type Tensor } from '../tensor/index.ts';
import { defineModel, type OneLabelTask } from './model.ts';
import { selfLabels, targetsOf } from './self-labels.ts';
import { checkModalities, perModality, rate, textOf, valueFor } from './settings.ts';
import { aboveNeutral, asPrediction, oneLabelOf, outputsOf, taskLoss } from './task.ts';

const width = z.int().positive();

const selfMmConfig = z.strictObject({
  text: z
    .enum(['mean', 'first'])
    .default('mean')
    .describe("what stands for the text: the mean over its steps, or the first one, where that is BERT's [CLS]"),
  hidden: perModality(width).default({ audio: 16, vision: 32, other: 32 }).describe('of the LSTMs'),
  encoded: perModality(width).default({ audio: 16, vision: 32, other: 32 }).describe('features after them'),
  features: perModality(width)
    .default({ text: 32, audio: 16, vision: 32, other: 32 })
    .describe("of each modality's own task"),
  fusion: width.default(128).describe('features of the task of all modalities together'),
  dropout: z
    .strictObject({
      encoder: rate.default(0).describe('of what the LSTMs end with'),
      own: perModality(rate)
        .default({ text: 0.1, audio: 0.1, vision: 0, other: 0.1 })
        .describe("before each modality's own task"),
      fusion: rate.default(0).describe('before the task of all together'),
    })
    .prefault({}),
  labels: z
    .enum(['made', 'annotated'])
    .default('made')
    .describe("of each modality's own task: made by the model, or given in the data, as CH-SIMS has them"),
  range: z
    .number()
    .positive()
    .default(3)
    .describe('H: labels that the model makes lie within ±H of the neutral one; of classes ±1'),
  encoderRate: z.number().positive().default(5).describe("learning rate of the LSTMs, as a multiple of the rest's"),
});
type SelfMmConfig = z.output<typeof selfMmConfig>;

const oneLabel = 'it makes labels of each modality about one';

export const selfMm = defineModel({
  name: 'self-mm',
  title: 'Self-MM',
  paper: 'Yu et al., Self-MM, AAAI 2021 (arXiv:2102.04830)',
  oneLabel,
  config: selfMmConfig,
  recipes: {
    published: {
      train: {
        epochs: 60,
        batchSize: 16,
        accumulate: 4,
        lastBatch: 'short',
        learningRate: 1e-3,
        // The public code sums the gradients of four batches, of which this is a mean: its 1e-3 is a quarter beside it.
        weightDecay: 2.5e-4,
        decay: 'l2',
        clip: null,
        average: 0,
        patience: 8,
        schedule: { kind: 'constant', warmup: 0 },
      },
    },
  },
  build(scope, { features, labels, ownLabels, task: given, progress }, config) {
    const task = oneLabelOf(given, 'Self-MM', oneLabel);
    const names = Object.keys(features);
    checkModalities('Self-MM', names);
    const encoded = names.map((m) =>
      m === textOf(names)
        ? representText(features[m]!, config)
        : encode(scope.grouped({ learningRate: config.encoderRate }).at('encoder', m), m, features[m]!, config),
    );
    const fusion = predict(scope.at('fusion'), concat(encoded, 1), task, {
      width: config.fusion,
      dropout: config.dropout.fusion,
    });
    const own = names.map((m, i) =>
      predict(scope.at('own', m), encoded[i]!, task, {
        width: valueFor(config.features, m, 'features'),
        dropout: valueFor(config.dropout.own, m, 'dropout.own'),
      }),
    );
    const prediction = asPrediction(fusion.outputs, task);
    const output = {
      prediction,
      representations: {
        ...Object.fromEntries(names.map((m, i) => [m, own[i]!.features])),
        fused: fusion.features,
      },
    };
    if (!labels) return { ...output, losses: {}, diagnostics: {} };
    const main = taskLoss(prediction, labels, task, 'l1');
    if (!progress) return { ...output, losses: { task: main }, diagnostics: {} };

    if (config.labels === 'annotated') {
      const losses = names.map((m, i) => [`own.${m}`, ownLoss(m, own[i]!.outputs, ownLabels?.[m], task)] as const);
      return { ...output, losses: { task: main, ...Object.fromEntries(losses) }, diagnostics: {} };
    }
    // Labels are made about 0, the neutral one, which tells positive samples from negative ones.
    const [truth, outputs] =
      task.kind === 'regression'
        ? [targetsOf(aboveNeutral(labels, task), task), own.map((each) => aboveNeutral(each.outputs, task))]
        : [targetsOf(labels, task), own.map((each) => each.outputs)];
    const made = selfLabels(scope.at('self'), {
      truth,
      fused: fusion.features,
      own: Object.fromEntries(names.map((m, i) => [m, own[i]!.features])),
      progress,
      range: task.kind === 'regression' ? config.range : 1,
    });
    const shifts = names.map((m) => made[m]!.sub(truth).abs());
    return {
      ...output,
      losses: {
        task: main,
        ...Object.fromEntries(
          names.map((m, i) => [
            `own.${m}`,
            errors(outputs[i]!, made[m]!, task)
              .mul(shifts[i]!.maximum([1]).tanh())
              .mean(),
          ]),
        ),
      },
      diagnostics: Object.fromEntries(names.map((m, i) => [`shift.${m}`, shifts[i]!.mean()])),
    };
  },
});

function representText(sequence: Sequence, { text }: SelfMmConfig): Tensor {
  const [batch, , features] = sequence.value.shape as [number, number, number];
  return text === 'mean' ? pool(sequence) : sequence.value.slice(1, 0, 1).reshape([batch, features]);
}

function encode(scope: Scope, modality: string, sequence: Sequence, config: SelfMmConfig): Tensor {
  const hidden = valueFor(config.hidden, modality, 'hidden');
  const { last } = lstm(scope, sequence, hidden);
  const end = dropout(scope, 'end', last.reshape([last.shape[0]!, hidden]), config.dropout.encoder);
  return linear(scope.at('linear'), end, valueFor(config.encoded, modality, 'encoded'));
}

/** A task's features `[N, width]`, by which samples are compared, and what it says `[N, outputs]`. */
function predict(
  scope: Scope,
  x: Tensor,
  task: OneLabelTask,
  options: { readonly width: number; readonly dropout: number },
): { readonly features: Tensor; readonly outputs: Tensor } {
  const features = linear(scope.at(0), dropout(scope, 'input', x, options.dropout), options.width).relu();
  const hidden = linear(scope.at(1), features, options.width).relu();
  return { features, outputs: linear(scope.at(2), hidden, outputsOf(task)) };
}

/** How far a modality's own task is from what people say who were given that modality alone. */
function ownLoss(modality: string, outputs: Tensor, labels: Tensor | undefined, task: OneLabelTask): Tensor {
  if (!labels)
    throw new RangeError(
      `model.labels is annotated, but the data has no labels of "${modality}" alone; set it to made.`,
    );
  return taskLoss(asPrediction(outputs, task), labels, task, 'l1');
}

/** How far each sample is from the labels that the model made `[N, outputs]`: `[N]`. */
function errors(outputs: Tensor, made: Tensor, task: OneLabelTask): Tensor {
  if (task.kind === 'regression') return outputs.sub(made).abs().sum([1]);
  // Labels within ±1, made a distribution over the classes.
  const shares = made.add(1).mul(0.5);
  const target = shares.div(shares.sum([1], true).max(1e-6));
  return outputs.logSoftmax().mul(target).sum([1]).neg();
}
