import * as z from 'zod';
import type { Recipe } from './model.ts';
import { perModality, rate } from './settings.ts';

/** Terms that can be left out, as Tables 3 and 4 of the paper do. */
export const ablations = [
  'decoupling',
  'heterogeneity',
  'transport',
  'attraction',
  'homogeneity',
  'moments',
  'mmd',
  'contrastive',
  'cross-modal-attention',
] as const;

export const decalignConfig = z.strictObject({
  width: z.int().positive().default(16).describe('d, features per time step in every modality after the projection'),
  heads: z.int().positive().default(4).describe('attention heads; must divide width'),
  layers: z.int().positive().default(1).describe('transformer layers per modality'),
  kernel: perModality(z.int().positive()).default(1).describe('kernel size of the temporal projection, in steps'),
  padding: z.enum(['same', 'valid']).default('same').describe('whether the projection keeps the time steps'),
  skipEqualProjection: z.boolean().default(false).describe('pass a modality of width d unprojected, as the authors do'),
  norm: z.enum(['post', 'pre']).default('pre').describe('where the transformer normalises'),
  positions: z.boolean().default(false).describe('add sinusoidal positions before the transformers'),
  causal: z.boolean().default(false).describe('without cross-modal attention: steps see no later ones'),
  masking: z
    .enum(['full', 'pooling', 'none'])
    .default('full')
    .describe('where padding is ignored: everywhere, everywhere but in attention, or nowhere'),
  dropout: z
    .strictObject({
      input: perModality(rate).default(0.6).describe('of the raw features'),
      embedding: rate.default(0.1).describe('of what enters the transformers'),
      attention: perModality(rate).default(0.1).describe('of the attention weights'),
      relu: rate.default(0.1).describe('inside the feed-forward parts'),
      residual: rate.default(0.3).describe('of each residual branch'),
      output: rate.default(0.5).describe('before the head, and inside the latent networks'),
    })
    .prefault({}),
  mixture: z
    .strictObject({
      prototypes: perModality(z.int().min(1)).default(7).describe('K, Gaussian components per modality'),
      iterations: z.int().min(1).default(5).describe('EM iterations per batch'),
      varianceFloor: z.number().positive().default(1e-4).describe('smallest variance of a component'),
      initialization: z
        .enum(['principal-axis', 'spaced-samples'])
        .default('principal-axis')
        .describe('where EM starts'),
      gradient: z.enum(['last', 'all']).default('last').describe('EM iterations that gradients flow through'),
      covariance: z.enum(['diagonal', 'full']).default('diagonal').describe('Σ in the cost (Eq. 6)'),
      shrinkage: z
        .number()
        .min(0)
        .max(1)
        .default(0.1)
        .describe('of full covariances towards a multiple of the identity'),
    })
    .prefault({}),
  transport: z
    .strictObject({
      solver: z
        .enum(['optimum', 'plan', 'unrolled', 'fixed-sweeps'])
        .default('optimum')
        .describe('what is minimised and how its gradient is taken (docs/paper.md)'),
      lambda: z.number().positive().default(0.1).describe('λ, entropic regularisation'),
      lambdaScale: z
        .enum(['relative', 'absolute'])
        .default('relative')
        .describe('λ relative to the mean cost, or absolute'),
      tolerance: z.number().positive().optional().describe('largest deviation of a marginal; default 2e-6'),
      sweeps: z.int().positive().default(200).describe('Sinkhorn sweeps at most'),
      cost: z.enum(['sum', 'mean']).default('sum').describe('of squared differences over the d features'),
      rootFloor: z.number().min(0).default(0).describe("added under the root of the diagonal cost; the authors' 1e-8"),
    })
    .prefault({}),
  attraction: z
    .strictObject({
      matching: z.enum(['plan', 'index']).default('plan').describe('which prototypes answer to each other'),
      pairs: z.enum(['sum', 'mean']).default('sum').describe('over ordered pairs of modalities'),
      mahalanobis: z.boolean().default(false).describe("distances in units of the prototype's variance"),
    })
    .prefault({}),
  latent: z
    .strictObject({
      width: z.int().positive().optional().describe('of the latent that moments and MMD compare; default: width'),
    })
    .prefault({}),
  moments: z
    .strictObject({ form: z.enum(['norms', 'means']).default('norms').describe('Eq. 10, or mean squares') })
    .prefault({}),
  mmd: z
    .strictObject({
      bandwidth: z
        .union([z.number().positive(), z.array(z.number().positive()).min(1), z.literal('median')])
        .default('median')
        .describe('σ of the Gaussian kernel; several are averaged'),
      estimator: z.enum(['biased', 'unbiased']).default('biased'),
    })
    .prefault({}),
  contrastive: z
    .strictObject({ temperature: z.number().positive().default(0.1).describe('τ of the contrastive term') })
    .prefault({}),
  decoupling: z
    .strictObject({ form: z.enum(['cosine', 'squared']).default('cosine').describe('Eq. 1, or the mean square') })
    .prefault({}),
  weights: z
    .strictObject({
      decoupling: z.number().nonnegative().default(1).describe('of L_dec'),
      heterogeneity: z.number().nonnegative().default(0.05).describe('α, of L_hete'),
      homogeneity: z.number().nonnegative().default(0.05).describe('β, of L_homo'),
      contrastive: z.number().nonnegative().default(0.003).describe('of L_CT'),
    })
    .prefault({}),
  without: z.array(z.enum(ablations)).default([]).describe('terms left out: an ablation'),
  task: z
    .strictObject({
      loss: z.enum(['mse', 'l1', 'smooth-l1']).default('mse').describe('of regression'),
      beta: z.number().positive().default(1).describe('of smooth L1'),
      sign: z.number().nonnegative().default(0).describe('weight of a cross-entropy on the sign of the label'),
      classWeights: z.array(z.number().nonnegative()).optional().describe('of cross-entropy, by class'),
    })
    .prefault({}),
});

export type DecAlignConfig = z.output<typeof decalignConfig>;

/** What the authors' published code does where it departs from the paper (docs/paper.md lists each). */
export const authorsForm = {
  padding: 'valid',
  norm: 'post',
  skipEqualProjection: true,
  masking: 'none',
  mixture: { initialization: 'spaced-samples', gradient: 'all' },
  transport: { solver: 'fixed-sweeps', lambdaScale: 'absolute', sweeps: 50, cost: 'mean', rootFloor: 1e-8 },
  attraction: { matching: 'index', pairs: 'mean' },
  moments: { form: 'means' },
  mmd: { bandwidth: 1, estimator: 'biased' },
  decoupling: { form: 'squared' },
} as const;

/** The same with their optimiser and feature preparation, and values that suit features other than fine-tuned BERT. */
export const authorsRecipe: Recipe = {
  data: { standardise: ['audio', 'vision'], clipPercentiles: [0.5, 99.5] },
  model: {
    ...authorsForm,
    width: 64,
    heads: 8,
    layers: 5,
    dropout: { input: 0, embedding: 0.1, attention: 0.1, relu: 0.1, residual: 0.05, output: 0 },
  },
  train: {
    epochs: 20,
    average: 0,
    lastBatch: 'short',
    learningRate: 5e-4,
    weightDecay: 0.005,
    decay: 'l2',
    clip: 0.6,
    patience: 6,
    schedule: { kind: 'plateau', warmup: 0, patience: 5, factor: 0.1 },
  },
};
