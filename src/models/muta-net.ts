/**
 * MUTA-Net (Tang et al., Information Sciences 641, 2023), reconstructed: its paper has no public code, and what is
 * public of it says what is learned (relations inside a modality and between modalities, made discriminative) but not
 * how. Here
 *
 *   u_m = self-attention over modality m                      relations inside it
 *   c_m = cross-modal attention from u_m to all others        relations between modalities
 *   L = L1(ŷ, y) + γ mean over all pooled u_m, c_m and their fusion of L_con
 *
 * with ŷ read from all u_m and c_m, and L_con the supervised contrastive loss over classes of the label.
 */
import * as z from 'zod';
import { contrastiveLoss } from '../alignment/index.ts';
import {
  linear,
  masked,
  pool,
  reluDropout,
  transformer,
  withValue,
  type Scope,
  type Sequence,
  type TransformerOptions,
} from '../nn/index.ts';
import { concat, type Tensor } from '../tensor/index.ts';
import { defineModel } from './model.ts';
import { byModality } from './representations.ts';
import { checkModalities, rate } from './settings.ts';
import { asPrediction, classesFor, outputsOf, taskLoss } from './task.ts';

const mutaNetConfig = z.strictObject({
  width: z.int().positive().default(64).describe('d, features per time step in every modality'),
  heads: z.int().positive().default(4).describe('attention heads; a divisor of the width'),
  intraLayers: z.int().positive().default(2).describe('self-attention layers of each modality'),
  interLayers: z.int().positive().default(2).describe('layers that attend to the other modalities'),
  dropout: z
    .strictObject({
      attention: rate.default(0.1).describe('of attention weights'),
      relu: rate.default(0.1).describe('of hidden features'),
      embedding: rate.default(0.2).describe('of what enters a transformer'),
      residual: rate.default(0.1).describe('of what is added to the residual stream'),
      output: rate.default(0.3).describe('of the fused features'),
    })
    .prefault({}),
  gamma: z.number().nonnegative().default(0.1).describe('γ, weight of the contrastive losses'),
  temperature: z.number().positive().default(0.1).describe('τ of the contrastive losses'),
});
type MutaNetConfig = z.output<typeof mutaNetConfig>;

export const mutaNet = defineModel({
  name: 'muta-net',
  title: 'MUTA-Net',
  paper: 'Tang et al., Learning discriminative multi-relation representations for multimodal sentiment analysis, 2023',
  notes: ["Reconstructed from what others say of it, as no code was published: its figures are not the authors'."],
  config: mutaNetConfig,
  labelClasses: () => ({ count: 7, limit: 3 }),
  recipes: {
    reconstructed: {
      train: {
        epochs: 50,
        batchSize: 32,
        lastBatch: 'short',
        learningRate: 1e-3,
        weightDecay: 1e-3,
        clip: 1,
        average: 0,
        patience: 10,
        schedule: { kind: 'plateau', warmup: 0, factor: 0.1, patience: 5 },
      },
    },
  },
  build(scope, { features, labels, task }, config) {
    const names = Object.keys(features);
    checkModalities('MUTA-Net', names, config);
    const intra = names.map((m) => relateWithin(scope, m, features[m]!, config));
    const inter = names.map((m, i) => {
      const others = intra.filter((_, j) => j !== i);
      return transformer(scope.at('inter', m), intra[i]!, others, options(config.interLayers, config));
    });
    const relations = [...intra, ...inter].map(pool);
    const hidden = linear(scope.at('fusion'), concat(relations, 1), config.width);
    const fused = reluDropout(scope, 'fused', hidden, config.dropout.output);
    const prediction = asPrediction(linear(scope.at('head'), fused, outputsOf(task)), task);
    const representations = Object.fromEntries([
      ...names.map((m, i) => [`intra.${m}`, relations[i]!] as const),
      ...names.map((m, i) => [`inter.${m}`, relations[names.length + i]!] as const),
      ...Object.entries(byModality('attended', names, relations.slice(names.length))),
      ['fused', fused] as const,
    ]);
    if (!labels) return { prediction, losses: {}, diagnostics: {}, representations };

    return {
      prediction,
      losses: {
        task: taskLoss(prediction, labels, task, 'l1'),
        contrastive: meanContrast([...relations, fused], classesFor(labels, task), config).mul(config.gamma),
      },
      diagnostics: {},
      representations,
    };
  },
});

const options = (layers: number, { heads, dropout }: MutaNetConfig): TransformerOptions => ({
  ...{ heads, layers, dropout },
  norm: 'pre',
  positions: true,
});

function relateWithin(scope: Scope, modality: string, sequence: Sequence, config: MutaNetConfig): Sequence {
  const projected = linear(scope.at('projection', modality), sequence.value, config.width);
  const x = masked(withValue(sequence, projected));
  return transformer(scope.at('intra', modality), x, undefined, options(config.intraLayers, config));
}

const meanContrast = (all: readonly Tensor[], classes: Tensor, { temperature }: MutaNetConfig): Tensor =>
  all
    .map((x) => contrastiveLoss(x, classes, { temperature }))
    .reduce((a, b) => a.add(b))
    .mul(1 / all.length);
