import { outputsOf } from '../src/models/index.ts';
import type { BertConfig } from '../src/nn/index.ts';
import type { Configuration } from './configurations.ts';

/**
 * Floating-point operations of a training step's matrix products, from shapes alone: 2 m k n for a product of `[m, k]`
 * and `[k, n]`. Forward, with N samples, T and D time steps and features of a modality, S time steps of all the others
 * (its context), d the width, and 4 d that of the feed-forward part:
 *
 *   projection          2 N T D d
 *   encoders            2 · 2 N T d²                          unique and common
 *   per layer           2 N T d² · 2 + 2 N S d² · 2           queries and output; keys and values
 *                       2 N T S d · 2                         scores and weighted sums
 *                       2 N T d 4d · 2                        feed-forward
 *   latent              2 N d² + 2 N d z
 *   head, once          2 N 2Md o                             o outputs
 *
 * Backward is twice that, a product for either operand, but for the projection once: features need no gradient. The
 * products in mixtures, transport, moments and contrastive term are left out, and all that is not a product.
 */
export function stepFlop({ model, spec, train }: Configuration): number {
  const { width: d, layers } = model;
  const { features, task } = spec;
  const n = train.batchSize;
  const allSteps = features.reduce((sum, { time }) => sum + time, 0);
  const outputs = outputsOf(task);
  let total = 3 * 2 * n * 2 * features.length * d * outputs;
  for (const { time, width } of features) {
    const context = allSteps - time;
    const encoders = 2 * 2 * n * time * d ** 2;
    const attention = 2 * 2 * n * time * d ** 2 + 2 * 2 * n * context * d ** 2 + 2 * 2 * n * time * context * d;
    const feedForward = 2 * 2 * n * time * d * 4 * d;
    const latent = 2 * n * d ** 2 + 2 * n * d * (model.latent.width ?? d);
    total += 2 * (2 * n * time * width * d) + 3 * (encoders + layers * (attention + feedForward) + latent);
  }
  return total;
}

/**
 * The same for an encoder of text that is fine-tuned whole, N samples of T tokens, d the width and f that of the
 * feed-forward part: forward per layer
 *
 *   2 N T d² · 4       queries, keys, values and output
 *   2 N T T d · 2      scores and weighted sums
 *   2 N T d f · 2      feed-forward
 *
 * and backward twice that.
 */
export function bertFlop(
  { width: d, inner, layers }: BertConfig,
  { batch: n, time }: { readonly batch: number; readonly time: number },
): number {
  return 3 * layers * 2 * n * time * (4 * d ** 2 + 2 * time * d + 2 * d * inner);
}
