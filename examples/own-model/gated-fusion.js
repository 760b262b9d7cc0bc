/** Late fusion by gates: each modality is read by itself, and every sample decides how much each of them counts. */
import { asPrediction, defineModel, dropout, linear, outputsOf, pool, rate, taskLoss, z } from 'decalign';
import { gatedSum } from './gated-sum.js';

export default defineModel({
  name: 'gated-fusion',
  title: 'Gated fusion',
  config: z.strictObject({
    width: z.int().positive().default(32).describe('features of each modality'),
    dropout: rate.default(0.1).describe('of the features of each modality'),
    balance: z.number().nonnegative().default(0.1).describe('weight of the loss that keeps every modality in use'),
  }),
  recipes: {
    usual: { train: { epochs: 30, learningRate: 2e-3 } },
    unbalanced: { model: { balance: 0 }, train: { epochs: 30, learningRate: 2e-3 } },
  },
  build(scope, { features, labels, task }, config) {
    const names = Object.keys(features);
    const states = names.map((name) => {
      const state = linear(scope.at('encoder', name), pool(features[name]), config.width).tanh();
      return dropout(scope, name, state, config.dropout);
    });
    const { fused, gates } = gatedSum(scope.at('gate'), states);
    const hidden = linear(scope.at('hidden'), fused, config.width).relu();
    const prediction = asPrediction(linear(scope.at('head'), hidden, outputsOf(task)), task);
    const representations = { fused, gates };
    if (!labels) return { prediction, losses: {}, diagnostics: {}, representations };

    const use = gates.mean([0]);
    return {
      prediction,
      losses: {
        task: taskLoss(prediction, labels, task, 'l1'),
        ...(config.balance > 0 && { balance: negativeEntropy(use).mul(config.balance) }),
      },
      diagnostics: Object.fromEntries(names.map((name, m) => [`use.${name}`, use.slice(0, m, m + 1).sum()])),
      representations,
    };
  },
});

/** Σ p log p, least where all shares are alike; the floor keeps a share of 0 from being a logarithm of 0. */
const negativeEntropy = (shares) => shares.mul(shares.max(1e-6).log()).sum();
