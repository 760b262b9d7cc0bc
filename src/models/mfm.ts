/**
 * Multimodal factorization model (Tsai et al., ICLR 2019): what tells the label, and what each modality is made of
 * besides, are factors of their own.
 *
 *   z_y = MFN(x_1 … x_M)    z_m = LSTM(x_m)    f = MLP(z)    ŷ = MLP(f_y)    x̂_m = decoder([f_y; f_m])
 *   L   = |ŷ − y| + Σ_m λ_m ‖x̂_m − x_m‖² + λ Σ_z MMD(z, N(0, I))
 *
 * The sequences are brought to the text's steps first, and the MFN runs over those that are true.
 */
import * as z from 'zod';
import { sumOf } from '../alignment/index.ts';
import { linear, lstm, lstmDecoder, masked, reluDropout, withValue, type Scope, type Sequence } from '../nn/index.ts';
import { concat, type Tensor } from '../tensor/index.ts';
import { memoryFusion } from './memory-fusion.ts';
import { defineModel } from './model.ts';
import { byModality } from './representations.ts';
import { checkModalities, perModality, rate, textOf, valueFor } from './settings.ts';
import { inStepsOf } from './steps.ts';
import { asPrediction, outputsOf, taskLoss } from './task.ts';

const width = z.int().positive();
const hiddenLayer = (features: number, dropped: number) =>
  z
    .strictObject({
      width: width.default(features).describe('units of the hidden layer'),
      dropout: rate.default(dropped).describe('from the hidden layer to its output'),
    })
    .prefault({});

const mfmConfig = z.strictObject({
  hidden: perModality(width)
    .default({ text: 128, audio: 32, vision: 128, other: 64 })
    .describe('of the LSTMs of the memory fusion network'),
  memory: width.default(64).describe('numbers in its memory'),
  attention: hiddenLayer(32, 0.7).describe('of its attention over cells'),
  candidate: hiddenLayer(64, 0).describe('of what may enter its memory'),
  retain: hiddenLayer(32, 0).describe('of the gate that keeps the memory'),
  update: hiddenLayer(64, 0.5).describe('of the gate that lets in'),
  latent: perModality(width)
    .default({ text: 64, audio: 80, vision: 80, other: 80 })
    .describe('z_m, which the LSTM of a modality ends with'),
  labelLatent: width.default(80).describe('z_y'),
  factor: perModality(width).default({ text: 32, audio: 16, vision: 64, other: 32 }).describe('f_m'),
  labelFactor: width.default(64).describe('f_y'),
  dropout: z
    .strictObject({
      factor: perModality(rate).default({ text: 0.5, audio: 0.7, vision: 0.5, other: 0.5 }).describe('from z_m to f_m'),
      labelFactor: rate.default(0.5).describe('from z_y to f_y'),
      output: rate.default(0).describe('from f_y to the prediction'),
    })
    .prefault({}),
  weights: z
    .strictObject({
      reconstruction: perModality(z.number().nonnegative())
        .default({ text: 0.5, audio: 0.01, vision: 0.5, other: 0.1 })
        .describe('λ_m'),
      prior: z.number().nonnegative().default(100).describe('λ, of the discrepancy between latents and N(0, I)'),
    })
    .prefault({}),
});

export const mfm = defineModel({
  name: 'mfm',
  title: 'MFM',
  paper: 'Tsai et al., Learning Factorized Multimodal Representations, ICLR 2019 (arXiv:1806.06176)',
  config: mfmConfig,
  recipes: {
    published: {
      train: {
        epochs: 60,
        batchSize: 64,
        lastBatch: 'short',
        learningRate: 2e-3,
        weightDecay: 1e-3,
        decay: 'l2',
        clip: null,
        average: 0,
        patience: 8,
        schedule: { kind: 'constant', warmup: 0 },
      },
    },
  },
  // A modality's own factor f_m is called as the modality is; f_y, the one shared factor, is made of all of them.
  parts: (m) => ({ unique: m, common: 'label' }),
  build(scope, { features, labels, task }, config) {
    const names = Object.keys(features);
    checkModalities('MFM', names);
    const text = features[textOf(names)]!;
    const aligned = names.map((m) => masked(inStepsOf(text, features[m]!)));
    const steps = text.value.shape[1]!;

    const together = aligned.map(({ value }) => withValue(text, value));
    const fused = memoryFusion(
      names.map((m) => scope.at('fusion', 'lstm', m)),
      scope.at('fusion'),
      together,
      { ...config, hidden: names.map((m) => valueFor(config.hidden, m, 'hidden')) },
    );
    const labelLatent = linear(scope.at('latent'), fused, config.labelLatent);
    const latents = names.map((m, i) =>
      encode(scope.at('encoder', m), aligned[i]!, valueFor(config.latent, m, 'latent')),
    );
    const labelFactor = factor(scope.at('factor'), labelLatent, config.labelFactor, config.dropout.labelFactor);
    const factors = names.map((m, i) => {
      const dropped = valueFor(config.dropout.factor, m, 'dropout.factor');
      return factor(scope.at('factors', m), latents[i]!, valueFor(config.factor, m, 'factor'), dropped);
    });

    const head = linear(scope.at('head', 0), labelFactor, config.labelFactor);
    const kept = reluDropout(scope, 'head', head, config.dropout.output);
    const prediction = asPrediction(linear(scope.at('head', 1), kept, outputsOf(task)), task);
    const rebuilt = names.map((m, i) => {
      const own = scope.at('decoder', m);
      const states = lstmDecoder(own, concat([labelFactor, factors[i]!], 1), steps);
      return withValue(aligned[i]!, linear(own.at('linear'), states, aligned[i]!.value.shape[2]!));
    });

    const output = {
      prediction,
      diagnostics: {},
      representations: {
        ...Object.fromEntries(names.map((m, i) => [m, factors[i]!])),
        ...byModality('latent', names, latents),
        label: labelFactor,
      },
    };
    if (!labels) return { ...output, losses: {} };
    const priors = [labelLatent, ...latents].map(discrepancyFromNormal);
    return {
      ...output,
      losses: {
        task: taskLoss(prediction, labels, task, 'l1'),
        reconstruction: sumOf(
          names.map((m, i) =>
            squaredError(rebuilt[i]!, aligned[i]!).mul(
              valueFor(config.weights.reconstruction, m, 'weights.reconstruction'),
            ),
          ),
        ),
        prior: sumOf(priors).mul(config.weights.prior),
      },
    };
  },
});

function encode(scope: Scope, sequence: Sequence, size: number): Tensor {
  const { last } = lstm(scope, sequence, size);
  return linear(scope.at('linear'), last.reshape([last.shape[0]!, size]), size);
}

function factor(scope: Scope, latent: Tensor, size: number, dropped: number): Tensor {
  const hidden = reluDropout(scope, 'hidden', linear(scope.at(0), latent, size), dropped);
  return linear(scope.at(1), hidden, size).relu();
}

/** Mean over features and true steps. */
function squaredError({ value, mask }: Sequence, target: Sequence): Tensor {
  const errors = value.sub(target.value).square().mean([2]);
  return mask ? errors.mul(mask).sum().div(mask.sum().max(1)) : errors.mean();
}

/**
 * Squared MMD between the rows of `[N, d]` and N(0, I), with the kernel exp(−‖a − b‖²/d²) of the public code. It draws
 * as many normal rows; here they are integrated over, which leaves no chance in it:
 *
 *   E k(g, g') = (1 + 4/d²)^(−d/2)    E k(g, z) = (1 + 2/d²)^(−d/2) exp(−‖z‖²/(d² + 2))
 */
export function discrepancyFromNormal(rows: Tensor): Tensor {
  const [count, size] = rows.shape as [number, number];
  const scale = size ** 2;
  const squares = rows.square().sum([1], true);
  const products = rows.matmul(rows, { transposeB: true });
  const apart = squares
    .add(squares.reshape([1, count]))
    .sub(products.mul(2))
    .max(0);
  const within = apart
    .mul(-1 / scale)
    .exp()
    .mean();
  const across = squares
    .mul(-1 / (scale + 2))
    .exp()
    .mean()
    .mul(2 * (1 + 2 / scale) ** (-size / 2));
  return within.sub(across).add((1 + 4 / scale) ** (-size / 2));
}
