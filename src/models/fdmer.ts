/**
 * Feature-disentangled multimodal emotion recognition (Yang et al., ACM MM 2022): what modalities share and what each
 * has of its own, told apart by an adversary. With c_m and p_m the common and private vectors of modality m, C̃_m the
 * rows c_m at unit length and D the modality discriminator:
 *
 *   adversarial   1/M Σ_m CE(D(reversed c_m), m)        D cannot tell from which modality a common vector is
 *   private       1/M Σ_m CE(D(p_m), m)                 but from which a private one is
 *   consistency   mean over pairs of ‖C̃_m C̃_mᵀ − C̃_n C̃_nᵀ‖²_F / N²
 *   disparity     mean of HSIC(c_m, p_m) and HSIC(p_m, p_n)
 *
 * The 2M vectors attend to each other and are read together. Without public code; docs/models/fdmer.md says what is
 * reconstructed.
 */
import * as z from 'zod';
import { sumOf, unorderedPairs } from '../alignment/index.ts';
import {
  attention,
  dropout,
  layerNorm,
  linear,
  masked,
  pool,
  reluDropout,
  temporalConvolution,
  transformer,
  type Scope,
  type Sequence,
} from '../nn/index.ts';
import { concat, withGradient, type Tensor } from '../tensor/index.ts';
import { defineModel } from './model.ts';
import { checkModalities, rate } from './settings.ts';
import { asPrediction, outputsOf, taskLoss } from './task.ts';

const fdmerConfig = z.strictObject({
  width: z.int().positive().default(64).describe('d, features of every vector'),
  heads: z.int().positive().default(4).describe('of every attention; divides the width'),
  layers: z.int().nonnegative().default(2).describe("of each modality's transformer"),
  loss: z.enum(['l1', 'mse']).default('l1').describe('error of a regression'),
  reversal: z.number().nonnegative().default(1).describe('λ, what the reversed gradient is multiplied by'),
  weights: z
    .strictObject({
      adversarial: z.number().nonnegative().default(0.05).describe('telling modalities by common features, reversed'),
      private: z.number().nonnegative().default(0.05).describe('telling modalities by private features'),
      consistency: z.number().nonnegative().default(0.1).describe('common features of modalities that differ'),
      disparity: z.number().nonnegative().default(0.1).describe('private features that depend on common ones'),
    })
    .prefault({})
    .describe('of the losses'),
  dropout: z
    .strictObject({
      input: rate.default(0.2).describe('of the features'),
      attention: rate.default(0.1).describe('of attention weights'),
      residual: rate.default(0.1).describe('of what is added in transformers'),
      output: rate.default(0.3).describe('of encoders and head'),
    })
    .prefault({}),
});
type FdmerConfig = z.output<typeof fdmerConfig>;

export const fdmer = defineModel({
  name: 'fdmer',
  title: 'FDMER',
  paper: 'Yang et al., Disentangled Representation Learning for Multimodal Emotion Recognition, ACM MM 2022',
  notes: [
    "Reconstructed from the abstract of its paper, as no public code was found: its figures are not the authors'.",
  ],
  config: fdmerConfig,
  recipes: { published: { train: { learningRate: 5e-4 } } },
  parts: (m) => ({ unique: `private.${m}`, common: `common.${m}` }),
  build(scope, { features, labels, task }, config) {
    const names = Object.keys(features);
    checkModalities('FDMER', names, config);
    const { width, reversal, weights, dropout: rates } = config;

    const encoded = names.map((m) => encode(scope.at('encoder', m), features[m]!, config));
    const common = encoded.map((x, i) => subspace(scope.at('common').shared(), names[i]!, x, config));
    const own = encoded.map((x, i) => subspace(scope.at('private', names[i]!), names[i]!, x, config));
    const fused = fuse(scope.at('fusion'), [...common, ...own], config);
    const hidden = reluDropout(scope, 'hidden', linear(scope.at('head', 0), fused, 2 * width), rates.output);
    const prediction = asPrediction(linear(scope.at('head', 1), hidden, outputsOf(task)), task);

    const told = (x: readonly Tensor[]): Tensor[] =>
      x.map((v) => discriminate(scope.at('discriminator').shared(), v, names));
    const toldCommon = told(common.map((c) => reverseGradient(c, reversal)));
    const toldPrivate = told(own);
    const representations = {
      ...Object.fromEntries(names.map((m, i) => [`common.${m}`, common[i]!])),
      ...Object.fromEntries(names.map((m, i) => [`private.${m}`, own[i]!])),
      fused,
    };
    if (!labels) return { prediction, losses: {}, diagnostics: {}, representations };
    return {
      prediction,
      losses: {
        task: taskLoss(prediction, labels, task, config.loss),
        adversarial: modalityLoss(toldCommon).mul(weights.adversarial),
        private: modalityLoss(toldPrivate).mul(weights.private),
        consistency: consistency(common).mul(weights.consistency),
        disparity: disparity(common, own).mul(weights.disparity),
      },
      diagnostics: { commonTold: shareTold(toldCommon), privateTold: shareTold(toldPrivate) },
      representations,
    };
  },
});

/** A modality `[N, T, D]` as one vector `[N, width]`: convolution, transformer, mean over the true steps. */
function encode(scope: Scope, sequence: Sequence, { width, heads, layers, dropout: rates }: FdmerConfig): Tensor {
  const x = masked(sequence);
  const dropped = { ...x, value: dropout(scope, 'features', x.value, rates.input) };
  const projected = temporalConvolution(scope.at('projection'), dropped, width);
  const { attention, residual } = rates;
  const options = { attention, relu: residual, residual, embedding: residual };
  return pool(
    transformer(scope.at('transformer'), projected, undefined, { heads, layers, positions: true, dropout: options }),
  );
}

/** An encoder of a subspace: Linear, layer norm, ReLU, dropout, Linear. A shared one drops out by modality. */
function subspace(scope: Scope, modality: string, x: Tensor, { width, dropout: rates }: FdmerConfig): Tensor {
  const hidden = layerNorm(scope.at('norm'), linear(scope.at(0), x, width));
  return linear(scope.at(1), reluDropout(scope, modality, hidden, rates.output), width);
}

/** The vectors `[N, d]` after each has attended to all: `[N, count · d]`. */
function fuse(scope: Scope, vectors: readonly Tensor[], { heads, dropout: rates }: FdmerConfig): Tensor {
  const [batch, width] = vectors[0]!.shape as [number, number];
  const count = vectors.length;
  const rows = concat(
    vectors.map((v) => v.reshape([batch, 1, width])),
    1,
  ).reshape([batch * count, width]);
  const attended = attention(scope.at('attention'), rows, {}, { batch, heads, dropout: rates.attention });
  const summed = rows.add(dropout(scope, 'attended', attended, rates.residual));
  return layerNorm(scope.at('norm'), summed).reshape([batch, count * width]);
}

/** The same value, whose gradient arrives negated and multiplied by `lambda` (Ganin and Lempitsky, 2015). */
export const reverseGradient = (x: Tensor, lambda: number): Tensor => withGradient(x, [x], (dy) => [dy.mul(-lambda)]);

/** Logits `[N, M]` of which modality a vector `[N, d]` is from. */
function discriminate(scope: Scope, x: Tensor, names: readonly string[]): Tensor {
  const hidden = linear(scope.at(0), x, x.shape[1]!).relu();
  return linear(scope.at(1), hidden, names.length);
}

const mean = (terms: readonly Tensor[]): Tensor => sumOf(terms).mul(1 / terms.length);

/** Cross-entropy of the m-th logits `[N, M]` against m. */
const modalityLoss = (told: readonly Tensor[]): Tensor =>
  mean(
    told.map((logits, m) =>
      logits
        .logSoftmax()
        .slice(1, m, m + 1)
        .mean()
        .neg(),
    ),
  );

/** How many vectors the discriminator puts into their own modality. */
const shareTold = (told: readonly Tensor[]): Tensor =>
  mean(
    told.map((logits, m) =>
      logits
        .slice(1, m, m + 1)
        .greaterOrEqual(logits.maximum([1], true))
        .cast(logits.dtype)
        .mean(),
    ),
  );

/** Rows at unit length; a row of zeros stays one. */
const unit = (x: Tensor): Tensor => x.div(x.square().sum([1], true).add(1e-12).sqrt());

/** How differently the modalities arrange the samples: mean squared difference of their cosine similarities. */
export function consistency(common: readonly Tensor[]): Tensor {
  const similarities = common.map((c) => {
    const rows = unit(c);
    return rows.matmul(rows, { transposeB: true });
  });
  return mean(unorderedPairs(common.length).map(([i, j]) => similarities[i]!.sub(similarities[j]!).square().mean()));
}

/**
 * Hilbert-Schmidt independence criterion of samples `[N, d]` and `[N, e]` with inner products as kernels, K = X Xᵀ
 * and L = Y Yᵀ (Gretton et al., 2005): tr(K R L R) / (N − 1)² with R = I − 1/N, which is ‖(R X)ᵀ R Y‖²_F / (N − 1)².
 */
export function hsic(x: Tensor, y: Tensor): Tensor {
  const [n] = x.shape as [number];
  const covariance = x.sub(x.mean([0])).matmul(y.sub(y.mean([0])), { transposeA: true });
  return covariance
    .square()
    .sum()
    .mul(1 / Math.max(n - 1, 1) ** 2);
}

/** Dependence of each private vector on its common one, and of the private ones on each other. */
export function disparity(common: readonly Tensor[], own: readonly Tensor[]): Tensor {
  const [c, p] = [common.map(unit), own.map(unit)];
  const pairs = unorderedPairs(p.length);
  return mean([...c.map((x, i) => hsic(x, p[i]!)), ...pairs.map(([i, j]) => hsic(p[i]!, p[j]!))]);
}
