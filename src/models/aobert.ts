/**
 * All modalities in one BERT (Kim and Park, Information Fusion 92, 2023): one encoder E reads the text alone and the text
 * together with each other modality m, one stream after the other.
 *
 *   s_0 = E([CLS], x_text)      s_m = E([CLS], x_text, x_m)      p = tanh(W s[CLS] + b) of each stream
 *   y = classifier of all (v · relu(A p)) p side by side
 *
 * Before that, E is trained to tell what stood in masked steps of the text, and from s_m[CLS] whether x_m belongs to the
 * text or to another sample. docs/models/aobert.md says what is reconstructed.
 */
import * as z from 'zod';
import {
  addPositions,
  crossEntropy,
  dropout,
  joinInTime,
  layerNorm,
  linear,
  masked,
  transformer,
  uniform,
  withValue,
  type Scope,
  type Sequence,
} from '../nn/index.ts';
import { concat, full, stack, where, type Tensor } from '../tensor/index.ts';
import { defineModel, type ModelOutput, type ModelTask } from './model.ts';
import { checkModalities, rate, textOf } from './settings.ts';
import { asPrediction, outputsOf, taskLoss } from './task.ts';

const aobertConfig = z.strictObject({
  width: z.int().positive().default(64).describe('d, features per step of the encoder'),
  heads: z.int().positive().default(4).describe('of every attention; divides the width'),
  layers: z.int().positive().default(2).describe('of the encoder'),
  loss: z.enum(['l1', 'mse']).default('mse').describe('error of a regression'),
  pretraining: z
    .strictObject({
      epochs: z.int().nonnegative().default(5).describe('before the usual ones; 0: none'),
      masked: rate.default(0.15).describe('share of text steps whose features are to be told'),
      replaced: rate.default(0.8).describe('share of these that the encoder does not see'),
      swapped: rate.default(0.5).describe('share of samples whose other modalities are those of another sample'),
    })
    .prefault({}),
  dropout: z
    .strictObject({
      input: rate.default(0.2).describe('of the embedded steps'),
      attention: rate.default(0.1).describe('of attention weights'),
      residual: rate.default(0.1).describe('of what is added in the encoder'),
      output: rate.default(0.1).describe('in the classifier'),
    })
    .prefault({}),
});
type AobertConfig = z.output<typeof aobertConfig>;
type Pretraining = AobertConfig['pretraining'];

/** The stage before the usual epochs. */
const pretraining = 'pretraining';

/** What the encoder reads at once. */
interface Stream {
  readonly text: Sequence;
  /** The steps of another modality; without them the text stands alone. */
  readonly pair?: Sequence;
}

export const aobert = defineModel({
  name: 'aobert',
  title: 'AOBERT',
  paper:
    'Kim and Park, AOBERT: All-modalities-in-One BERT for multimodal sentiment analysis, Information Fusion 92, 2023',
  config: aobertConfig,
  recipes: { published: { train: { learningRate: 5e-4 } } },
  stages: ({ pretraining: { epochs } }) => (epochs > 0 ? [{ name: pretraining, epochs }] : []),
  build(scope, { features, labels, task, progress }, config) {
    const names = Object.keys(features);
    checkModalities('AOBERT', names, config);
    const { width } = config;
    const text = textOf(names);
    const others = names.filter((m) => m !== text);

    const words = projectText(scope.at('embedding'), masked(features[text]!), width);
    const pairs = others.map((m) => projectPair(scope.at('embedding', m), masked(features[m]!), width));
    // What each stream holds beside the text; the first holds nothing.
    const partners = [undefined, ...pairs];
    if (labels && progress?.stage === pretraining) {
      const draws = partners.map((_, i) => draw(scope.at('pretext'), i, words, config.pretraining));
      const streams = partners.map((pair, i) => disturbed(scope, words, pair, draws[i]!));
      const encoded = encode(scope, streams, config);
      const output = classify(scope, encoded.map(firstStep), task, config);
      return { ...output, ...pretextLosses(scope, encoded, features[text]!, draws) };
    }
    const alone = withClass(scope.at('embedding'), words);
    const encoded = encode(
      scope,
      partners.map((pair) => (pair ? { text: alone, pair } : { text: alone })),
      config,
    );
    const output = classify(scope, encoded.map(firstStep), task, config);
    return labels ? { ...output, losses: { task: taskLoss(output.prediction, labels, task, config.loss) } } : output;
  },
});

/** Linear of the features, `[N, T, d]`. */
const projectText = (scope: Scope, x: Sequence, width: number): Sequence =>
  withValue(x, linear(scope.at('text'), x.value, width));

/** ReLU of a linear map, as the authors embed what is not text. */
const projectPair = (scope: Scope, x: Sequence, width: number): Sequence =>
  withValue(x, linear(scope, x.value, width).relu());

/** [CLS] put before the text, with positions, normalised: `[N, 1 + T, d]`. */
function withClass(scope: Scope, words: Sequence): Sequence {
  const [batch, , width] = words.value.shape as [number, number, number];
  const token = scope.param('class', [1, 1, width], uniform(1 / Math.sqrt(width)));
  const first = { value: words.value.slice(1, 0, 1).mul(0).reshape([batch, 1, width]).add(token) };
  const joined = joinInTime([first, words]);
  return withValue(joined, layerNorm(scope.at('norm'), addPositions(joined.value)));
}

/** Every stream through one encoder, side by side as one batch: `[N, L, d]` each, L the longest stream. */
function encode(
  scope: Scope,
  streams: readonly Stream[],
  { width, heads, layers, dropout: rates }: AobertConfig,
): Tensor[] {
  const norm = scope.at('embedding', 'joint_norm').shared();
  const joined = streams.map(({ text, pair }) => {
    if (!pair) return text;
    const both = joinInTime([text, pair]);
    return withValue(both, layerNorm(norm, both.value));
  });
  const longest = Math.max(...joined.map(({ value }) => value.shape[1]!));
  const [batch] = joined[0]!.value.shape as [number];
  const all = [streams.length * batch, longest];
  const filled = (x: Tensor): Tensor => x.pad(1, 0, longest - x.shape[1]!);
  const value = stack(joined.map((x) => filled(x.value))).reshape([...all, width]);
  const mask = stack(joined.map((x) => filled(trueSteps(x)))).reshape(all);
  const steps = dropout(scope.at('embedding'), 'steps', value, rates.input);
  const { attention, residual } = rates;
  const options = { heads, layers, dropout: { attention, relu: 0, residual, embedding: 0 } };
  // The encoder multiplies by √d what BERT's takes as it is.
  const scaled = steps.mul(1 / Math.sqrt(width));
  const out = transformer(scope.at('encoder'), masked({ value: scaled, mask }), undefined, options).value;
  return out
    .reshape([streams.length, batch, longest, width])
    .split(0, Array<number>(streams.length).fill(1))
    .map((x) => x.reshape([batch, longest, width]));
}

/** A sequence's mask, of ones where it has none; made from the values, as the batch axis may be open. */
const trueSteps = ({ value, mask }: Sequence): Tensor =>
  mask ?? value.slice(2, 0, 1).reshape(value.shape.slice(0, 2)).mul(0).add(1);

/** What stands at [CLS], `[N, d]`. */
const firstStep = (encoded: Tensor): Tensor => encoded.slice(1, 0, 1).reshape([encoded.shape[0]!, encoded.shape[2]!]);

function classify(
  scope: Scope,
  firsts: readonly Tensor[],
  task: ModelTask,
  { width, dropout: rates }: AobertConfig,
): ModelOutput {
  const pooled = firsts.map((x) => linear(scope.at('pooler').shared(), x, width).tanh());
  const weighted = pooled.map((p) => {
    const score = scope.at('score').shared();
    return p.mul(linear(score.at(1), linear(score.at(0), p, width).relu(), 1));
  });
  const fused = dropout(scope, 'fused', concat(weighted, 1), rates.output);
  const head = linear(scope.at('classifier', 1), linear(scope.at('classifier', 0), fused, width), outputsOf(task));
  return { prediction: asPrediction(head, task), losses: {}, diagnostics: {}, representations: { fused } };
}

/** What chance decides of a pretraining step, for one stream. */
interface Draw {
  /** 1 for the text steps that are to be told, `[N, T]`. */
  readonly asked: Tensor;
  /** 1 for those of them that the encoder does not see. */
  readonly hidden: Tensor;
  /** 1 where the pair is another sample's, `[N]`. */
  readonly swapped: Tensor;
}

function draw(scope: Scope, stream: number, words: Sequence, { masked: share, replaced, swapped }: Pretraining): Draw {
  const [batch, steps] = words.value.shape as [number, number];
  // Entries of a dropout mask are 0 with that probability.
  const drawn = (name: string, shape: readonly number[], probability: number): Tensor =>
    scope.training && probability > 0
      ? scope.dropoutMask(`${name}.${stream}`, shape, probability).equal(0).cast(words.value.dtype)
      : full(shape, 0, words.value.dtype);
  const asked = drawn('asked', [batch, steps], share).mul(trueSteps(words));
  return {
    asked,
    hidden: asked.mul(drawn('hidden', [batch, steps], replaced)),
    // A batch of one has no other sample.
    swapped: drawn('swapped', [batch], batch > 1 ? swapped : 0),
  };
}

/** A stream as pretraining shows it: steps hidden behind a learned one, the pair of some samples the next one's. */
function disturbed(scope: Scope, words: Sequence, pair: Sequence | undefined, { hidden, swapped }: Draw): Stream {
  const [batch, , width] = words.value.shape as [number, number, number];
  const blank = scope
    .at('pretext')
    .shared()
    .param('hidden', [1, 1, width], uniform(1 / Math.sqrt(width)));
  const covered = hidden.reshape([...hidden.shape, 1]);
  const value = words.value.add(blank.sub(words.value).mul(covered));
  const text = withClass(scope.at('embedding').shared(), withValue(words, value));
  if (!pair) return { text };
  const exchange = (x: Tensor): Tensor => {
    const rolled = batch > 1 ? concat([x.slice(0, batch - 1, batch), x.slice(0, 0, batch - 1)], 0) : x;
    return where(swapped.reshape([batch, ...x.shape.slice(1).map(() => 1)]).greater(0), rolled, x);
  };
  return { text, pair: { value: exchange(pair.value), ...(pair.mask && { mask: exchange(pair.mask) }) } };
}

/** Squared error of the features that stood in the steps asked for, and cross-entropy of whether pairs belong. */
function pretextLosses(
  scope: Scope,
  encoded: readonly Tensor[],
  text: Sequence,
  draws: readonly Draw[],
): Pick<ModelOutput, 'losses' | 'diagnostics'> {
  const [batch, steps, width] = text.value.shape as [number, number, number];
  const target = masked(text).value.detach();
  const told = encoded.map((x, i) => {
    const { asked } = draws[i]!;
    const head = scope.at('pretext', 'features').shared();
    const hidden = layerNorm(head.at('norm'), linear(head.at(0), x.slice(1, 1, 1 + steps), x.shape[2]!).relu());
    const error = linear(head.at(1), hidden, width).sub(target).square().mean([2]);
    return error.mul(asked).sum().div(asked.sum().max(1));
  });
  const aligned = encoded.slice(1).map((x, i) => {
    const logits = linear(scope.at('pretext', 'alignment').shared(), firstStep(x), 2);
    const belongs = draws[i + 1]!.swapped.neg().add(1);
    const hit = logits
      .slice(1, 1, 2)
      .greater(logits.slice(1, 0, 1))
      .cast(logits.dtype)
      .reshape([batch]);
    return { loss: crossEntropy(logits, belongs), share: hit.sub(belongs).abs().neg().add(1).mean() };
  });
  return {
    losses: { masked: mean(told), alignment: mean(aligned.map(({ loss }) => loss)) },
    diagnostics: { alignmentTold: mean(aligned.map(({ share }) => share)) },
  };
}

const mean = (terms: readonly Tensor[]): Tensor => terms.reduce((sum, x) => sum.add(x)).mul(1 / terms.length);
