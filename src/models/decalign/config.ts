import * as z from 'zod';
import { ablations, termSettings, termWeights } from './terms.ts';
import type { Recipe } from '../model.ts';
import { perModality, rate } from '../settings.ts';

export const decalignConfig = z.strictObject({
  width: z.int().positive().default(16).describe('d, features per time step in every modality after the projection'),
  decouple: z
    .boolean()
    .default(true)
    .describe('whether there are unique and common encoders; false: all terms act on the one feature (Table 3, MFD)'),
  uniqueWidth: z
    .int()
    .positive()
    .optional()
    .describe('features per time step of the unique encoders, lifted to width for the transformers; default: width'),
  commonWidth: z.int().positive().optional().describe('features per time step of the common encoder; default: width'),
  encoder: z
    .enum(['linear', 'hidden'])
    .default('linear')
    .describe('unique and common encoders; hidden: with a hidden layer of 2 width features and GELU'),
  uniqueGradient: z
    .boolean()
    .default(true)
    .describe("whether the task's gradient reaches the unique encoders, or their own terms alone"),
  lifted: z
    .enum(['unique', 'both'])
    .default('unique')
    .describe('what the transformers read: unique features, or unique and common ones side by side'),
  head: z
    .enum(['linear', 'hidden'])
    .default('linear')
    .describe('what predicts from the fused features; hidden: also by a hidden layer of 2 width features and GELU'),
  commonOfAbsent: z
    .enum(['zeros', 'others'])
    .default('zeros')
    .describe("common features of a modality that a sample lacks: those of zeros, or the mean of the others'"),
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
  ...termSettings,
  pretraining: z
    .strictObject({
      steps: z
        .int()
        .nonnegative()
        .default(0)
        .describe('steps of L_ind, L_pair and L_rec alone, before the usual ones, in whole epochs'),
      epochs: z.int().positive().default(30).describe('at most so many epochs of them'),
    })
    .prefault({}),
  weights: z.strictObject(termWeights).prefault({}),
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

/** Narrow latents that share nothing with each other, and agree across modalities (docs/decoupling.md). */
export const decoupledRecipe: Recipe = {
  model: {
    ...{ uniqueWidth: 8, commonWidth: 8, lifted: 'both', head: 'hidden', commonOfAbsent: 'others' },
    weights: { decoupling: 0, independence: 0.06, pairing: 1 },
    ...{ pairing: { temperature: 0.5 }, pretraining: { steps: 400 } },
  },
};

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

/** `authorsForm` with their optimiser and feature preparation, and values that suit features other than fine-tuned BERT. */
export const authorsRecipe: Recipe = {
  data: {
    standardise: ['audio', 'vision'],
    clipPercentiles: [0.5, 99.5],
    padding: 'end',
    labelScale: 'given',
    labelClasses: 'rounded',
  },
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
