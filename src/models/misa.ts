/**
 * MISA (Hazarika et al., ACM MM 2020): every modality is projected into a subspace that all share and one of its own.
 *
 *   h_m^c = E_c(u_m)    h_m^p = E_m(u_m)    ŷ = G([Transformer(h_1^p … h_M^p, h_1^c … h_M^c)])
 *
 *   difference       Σ_m ‖(H_m^c)ᵀ H_m^p‖²_F + Σ_{m<n} ‖(H_m^p)ᵀ H_n^p‖²_F, the shared and private parts are unlike
 *   similarity       mean over pairs of CMD_5(H_m^c, H_n^c), the shared parts are distributed alike
 *   reconstruction   mean over m of ‖u_m − D_m(h_m^c + h_m^p)‖² / d, together they hold all that there was
 */
import * as z from 'zod';
import { sumOf, unorderedPairs } from '../alignment/index.ts';
import {
  attention,
  dropout,
  layerNorm,
  linear,
  lstm,
  masked,
  meanSquaredError,
  pool,
  reluDropout,
  withValue,
  type Scope,
  type Sequence,
} from '../nn/index.ts';
import { concat, type Tensor } from '../tensor/index.ts';
import { defineModel } from './model.ts';
import { byModality } from './representations.ts';
import { checkModalities, rate, textOf } from './settings.ts';
import { asPrediction, outputsOf, taskLoss } from './task.ts';

const misaConfig = z.strictObject({
  width: z.int().positive().default(128).describe('d, of the subspaces'),
  recurrent: z
    .int()
    .positive()
    .optional()
    .describe("of each direction of the LSTMs; default: as many as the modality's features"),
  heads: z.int().positive().default(2).describe('of the fusing transformer; must divide width'),
  feedForward: z.int().positive().default(2048).describe('hidden features of the fusing transformer'),
  moments: z.int().min(1).default(5).describe('K, central moments that CMD compares'),
  weights: z
    .strictObject({
      difference: z.number().nonnegative().default(0.1).describe('β'),
      similarity: z.number().nonnegative().default(0.3).describe('α'),
      reconstruction: z.number().nonnegative().default(1).describe('γ'),
    })
    .prefault({}),
  dropout: z
    .strictObject({
      transformer: rate.default(0.1).describe('everywhere in the fusing transformer'),
      output: rate.default(0.2).describe('in the head'),
    })
    .prefault({}),
});
type MisaConfig = z.output<typeof misaConfig>;

export const misa = defineModel({
  name: 'misa',
  title: 'MISA',
  paper: 'Hazarika et al., MISA, ACM MM 2020 (arXiv:2005.03545)',
  config: misaConfig,
  recipes: {
    published: {
      train: {
        epochs: 60,
        batchSize: 16,
        accumulate: 2,
        lastBatch: 'short',
        learningRate: 1e-4,
        weightDecay: 0,
        decay: 'l2',
        clip: null,
        average: 0,
        patience: 8,
        schedule: { kind: 'constant', warmup: 0 },
      },
    },
  },
  parts: (m) => ({ unique: `private.${m}`, common: `shared.${m}` }),
  build(scope, { features, labels, task }, config) {
    const names = Object.keys(features);
    checkModalities('MISA', names, config);
    const { width, weights } = config;

    const projected = names.map((m) => {
      const utterance =
        m === textOf(names) ? pool(features[m]!) : summarise(scope.at('recurrent', m), features[m]!, config);
      const own = scope.at('project', m);
      return layerNorm(own.at('norm'), linear(own, utterance, width).relu());
    });
    const own = names.map((m, i) => linear(scope.at('private', m), projected[i]!, width).sigmoid());
    const common = projected.map((u) => linear(scope.at('shared').shared(), u, width).sigmoid());
    const rebuilt = names.map((m, i) => linear(scope.at('reconstruct', m), own[i]!.add(common[i]!), width));

    const fused = fuse(scope.at('transformer'), [...own, ...common], config);
    const hidden = linear(scope.at('head', 0), fused, names.length * width);
    const kept = reluDropout(scope, 'head', hidden, config.dropout.output);
    const prediction = asPrediction(linear(scope.at('head', 1), kept, outputsOf(task)), task);
    const output = {
      prediction,
      diagnostics: {},
      representations: {
        ...Object.fromEntries(names.map((m, i) => [`private.${m}`, own[i]!])),
        ...Object.fromEntries(names.map((m, i) => [`shared.${m}`, common[i]!])),
        ...byModality('projected', names, projected),
        fused,
      },
    };
    if (!labels) return { ...output, losses: {} };
    const similarities = unorderedPairs(names.length).map(([i, j]) =>
      centralMomentDiscrepancy(common[i]!, common[j]!, config.moments),
    );
    return {
      ...output,
      losses: {
        task: taskLoss(prediction, labels, task, 'mse'),
        difference: differenceLoss(own, common).mul(weights.difference),
        similarity: sumOf(similarities).mul(weights.similarity / similarities.length),
        reconstruction: sumOf(rebuilt.map((x, i) => meanSquaredError(x, projected[i]!))).mul(
          weights.reconstruction / names.length,
        ),
      },
    };
  },
});

/** The ends of two bidirectional LSTMs, the second on the normalised states of the first: `[N, 4H]`. */
function summarise(scope: Scope, sequence: Sequence, { recurrent }: MisaConfig): Tensor {
  const [batch, , features] = sequence.value.shape as [number, number, number];
  const hidden = recurrent ?? features;
  const first = lstm(scope.at(0), masked(sequence), hidden, { bidirectional: true });
  const states = withValue(sequence, layerNorm(scope.at('norm'), first.outputs.value));
  const second = lstm(scope.at(1), states, hidden, { bidirectional: true });
  return concat([first.last, second.last], 2).reshape([batch, 4 * hidden]);
}

/** One transformer layer, normalised after each part, over the vectors `[N, d]` as steps; side by side `[N, count · d]`. */
function fuse(scope: Scope, vectors: readonly Tensor[], { heads, feedForward, dropout: rates }: MisaConfig): Tensor {
  const [batch, width] = vectors[0]!.shape as [number, number];
  const x = concat(vectors, 1).reshape([batch * vectors.length, width]);
  const add = (name: string, y: Tensor, more: Tensor): Tensor =>
    layerNorm(scope.at(`${name}_norm`), y.add(dropout(scope, name, more, rates.transformer)));
  const attended = attention(scope.at('attention'), x, {}, { batch, heads, dropout: rates.transformer });
  const middle = add('attention', x, attended);
  const hidden = reluDropout(
    scope,
    'hidden',
    linear(scope.at('feed_forward', 0), middle, feedForward),
    rates.transformer,
  );
  const y = add('feed_forward', middle, linear(scope.at('feed_forward', 1), hidden, width));
  return y.reshape([batch, vectors.length * width]);
}

/** How much private vectors `[N, d]` have in common with the shared ones of their modality, and with each other. */
export function differenceLoss(own: readonly Tensor[], common: readonly Tensor[]): Tensor {
  const [p, c] = [own.map(unitRows), common.map(unitRows)];
  const unlike = (a: Tensor, b: Tensor): Tensor => a.matmul(b, { transposeA: true }).square().mean();
  const pairs = unorderedPairs(p.length);
  return sumOf([...p.map((x, i) => unlike(x, c[i]!)), ...pairs.map(([i, j]) => unlike(p[i]!, p[j]!))]);
}

/** Rows of `[N, d]` less their mean, at unit length. The lengths take no gradient, as in the authors' code. */
function unitRows(x: Tensor): Tensor {
  const centred = x.sub(x.mean([0], true));
  const length = centred.square().sum([1], true).sqrt().add(1e-6);
  return centred.div(length.detach());
}

/** Central moment discrepancy of `[N, d]` and `[M, d]` (Zellinger et al., 2017): means, then moments 2 to `moments`. */
export function centralMomentDiscrepancy(a: Tensor, b: Tensor, moments: number): Tensor {
  const [meanA, meanB] = [a.mean([0], true), b.mean([0], true)];
  const [fromA, fromB] = [a.sub(meanA), b.sub(meanB)];
  const terms = [distance(meanA, meanB)];
  let [powerA, powerB] = [fromA, fromB];
  for (let k = 2; k <= moments; k++) {
    powerA = powerA.mul(fromA);
    powerB = powerB.mul(fromB);
    terms.push(distance(powerA.mean([0], true), powerB.mean([0], true)));
  }
  return sumOf(terms);
}

/** ‖a − b‖; where they are equal, as moments of a single sample are, the root's infinite slope is left out. */
const distance = (a: Tensor, b: Tensor): Tensor => a.sub(b).square().sum().max(1e-24).sqrt();
