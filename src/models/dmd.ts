/**
 * DMD (Li et al., CVPR 2023): every modality's features are split into a private and a common part; modalities teach one
 * another on a graph of the common and on one of the private parts, whose edges are learned.
 *
 *   x̂_m = Conv1D(x_m),   s_m = E_m x̂_m,   c_m = E x̂_m,   x̂'_m = D_m [s_m; c_m]
 *   C  = [Transformer_m(c_m)]_m at the last step,   H_m = MulT of the s_m
 *   ŷ  = W (f + MLP(f)),   f = [σ(W_m H_m)]_m, σ(W C)
 */
import * as z from 'zod';
import { sumOf } from '../alignment/index.ts';
import { dropout, lastStep, linear, pool, temporalConvolution, type Scope, type Sequence } from '../nn/index.ts';
import { concat, type Tensor } from '../tensor/index.ts';
import { distil, marginLoss, overlap, sequenceError, type Distillation } from './dmd-losses.ts';
import { defineModel } from './model.ts';
import { multimodalTransformerKeys, multimodalTransformers, projectAll, residualMlp, selfAttention } from './mult.ts';
import { byModality } from './representations.ts';
import { checkModalities, textOf } from './settings.ts';
import { asPrediction, classesFor, outputsOf, taskLoss } from './task.ts';

const weight = z.number().nonnegative();
const edges = z.array(z.tuple([z.string(), z.string()]));

const dmdConfig = z.strictObject({
  ...multimodalTransformerKeys,
  distillation: z
    .strictObject({
      homogeneous: z
        .strictObject({
          width: z.int().positive().default(64).describe('of a node in the graph of common features'),
          prior: edges.default([['text', '*']]).describe('[teacher, student] pairs taken to be useful; *: all others'),
        })
        .prefault({}),
      heterogeneous: z
        .strictObject({
          width: z.int().positive().default(32).describe('of a node in the graph of private features'),
          prior: edges
            .default([
              ['text', '*'],
              ['vision', 'audio'],
            ])
            .describe('[teacher, student] pairs taken to be useful; *: all others'),
        })
        .prefault({}),
    })
    .prefault({}),
  margin: weight.default(0.15).describe('α: common features of labels y and y′ are to differ by α |y − y′|'),
  weights: z
    .strictObject({
      unimodal: weight.default(1).describe('of the task losses of single modalities and of the common features'),
      distillation: weight.default(0.05).describe('of both graphs'),
      representation: weight.default(10).describe('within the graph of private features: of representations'),
      regularity: weight.default(10).describe('within a graph: of edges that leave the prior'),
      decoupling: weight.default(0.1).describe('of reconstruction, cycle, margin and orthogonality together'),
      separation: weight.default(0.1).describe('within the decoupling: of margin and orthogonality'),
    })
    .prefault({}),
});

/** The two parts of a modality's features, and what comes of putting them together again. */
interface Decoupled {
  readonly projected: Sequence;
  readonly own: Sequence;
  readonly common: Sequence;
  readonly rebuilt: Sequence;
  /** The private part of what was rebuilt. */
  readonly again: Sequence;
}

function decouple(scope: Scope, name: string, projected: Sequence, width: number): Decoupled {
  const ownOf = (x: Sequence): Sequence => temporalConvolution(scope.shared().at('private', name), x, width);
  const own = ownOf(projected);
  const common = temporalConvolution(scope.shared().at('common'), projected, width);
  const both = { ...own, value: concat([own.value, common.value], 2) };
  const rebuilt = temporalConvolution(scope.at('decoder', name), both, width);
  return { projected, own, common, rebuilt, again: ownOf(rebuilt) };
}

/** `[N, T·d]`; padded steps are zero. */
const flat = ({ value }: Sequence): Tensor => value.reshape([value.shape[0]!, value.shape[1]! * value.shape[2]!]);

/** The prediction from one part of a modality alone. */
interface Single {
  readonly logits: Tensor;
  readonly representation: Tensor;
}

/** The prediction from common features `[N, T·d]` alone; the representation is the hidden layer `[N, d]`. */
function fromCommon(scope: Scope, x: Tensor, width: number, rate: number, outputs: number): Single {
  const representation = linear(scope.at(0), x, width).relu();
  const hidden = dropout(scope, 'hidden', representation, rate);
  const logits = linear(scope.at('head'), linear(scope.at(1), hidden, x.shape[1]!).add(x), outputs);
  return { logits, representation };
}

/** The prediction from the last step `[N, width]` of a transformer alone; the representation is what the head reads. */
function fromPrivate(scope: Scope, x: Tensor, rate: number, outputs: number): Single {
  const representation = residualMlp(scope, x, rate);
  return { logits: linear(scope.at('head'), representation, outputs), representation };
}

const training = {
  ...{ epochs: 100, batchSize: 16, weightDecay: 0, decay: 'l2', clip: 0.6, average: 0 },
  ...{ lastBatch: 'short', patience: 10 },
  schedule: { kind: 'plateau', warmup: 0, patience: 5, factor: 0.5 },
} as const;

export const dmd = defineModel({
  name: 'dmd',
  title: 'DMD',
  paper: 'Li et al., Decoupled Multimodal Distilling for Emotion Recognition, CVPR 2023 (arXiv:2303.13802)',
  config: dmdConfig,
  recipes: {
    // Chosen by validation on features that are fixed (docs/models/dmd.md).
    features: { train: { ...training, accumulate: 1, learningRate: 1e-3 } },
    published: { train: { ...training, accumulate: 10, learningRate: 1e-4 } },
  },
  parts: (m) => ({ unique: `private.${m}`, common: `common.${m}` }),
  build(scope, { features, labels, task }, config) {
    const names = Object.keys(features);
    checkModalities('DMD', names, config);
    const { width, dropout: rates, distillation } = config;
    const outputs = outputsOf(task);
    const projected = projectAll(scope.at('projection'), features, config);
    const parts = names.map((m, i) => decouple(scope, m, projected[i]!, width));

    const sharedOf = names.map((m, i) =>
      lastStep(selfAttention(scope.at('common_transformer', m), parts[i]!.common, config, m, config.layers)),
    );
    const shared = concat(sharedOf, 1);
    const own = multimodalTransformers(
      scope,
      names,
      parts.map((part) => part.own),
      config,
    );
    const gated = [
      ...names.map((m, i) => linear(scope.at('gate', m), own[i]!, own[i]!.shape[1]!)),
      linear(scope.at('gate', 'common'), shared, shared.shape[1]!),
    ];
    const fused = residualMlp(scope.at('fusion'), concat(gated, 1).sigmoid(), rates.output);
    const logits = linear(scope.at('head'), fused, outputs);
    const prediction = asPrediction(logits, task);

    const both = fromPrivate(scope.at('common_head'), shared, rates.output, outputs);
    const homogeneous = names.map((m, i) =>
      fromCommon(scope.at('homogeneous', m), flat(parts[i]!.common), width, rates.output, outputs),
    );
    const heterogeneous = names.map((m, i) =>
      fromPrivate(scope.at('heterogeneous', m), own[i]!, rates.output, outputs),
    );
    const aligned = names.map((m, i) => linear(scope.at('align', m), flat(parts[i]!.common), width));
    const graph = (kind: 'homogeneous' | 'heterogeneous', singles: readonly Single[]): Distillation =>
      distil(
        scope.at('graph', kind),
        singles.map(({ logits }) => logits),
        singles.map(({ representation }) => representation),
        { width: distillation[kind].width, prior: priorOf(names, distillation[kind].prior) },
      );
    const commonGraph = graph('homogeneous', homogeneous);
    const privateGraph = graph('heterogeneous', heterogeneous);

    const representations = {
      ...Object.fromEntries(names.map((m, i) => [`private.${m}`, own[i]!])),
      ...Object.fromEntries(names.map((m, i) => [`common.${m}`, sharedOf[i]!])),
      ...byModality('projected', names, projected.map(pool)),
      ...byModality('attended', names, own),
      ...{ common: shared, fused },
    };
    if (!labels) return { prediction, losses: {}, diagnostics: {}, representations };

    const lossOf = (logits: Tensor): Tensor => taskLoss(asPrediction(logits, task), labels, task, 'l1');
    const allOf = (singles: readonly Single[]): Tensor => sumOf(singles.map(({ logits }) => lossOf(logits)));
    const { weights } = config;
    const separation = weights.decoupling * weights.separation;
    const terms: Record<string, readonly [Tensor, number]> = {
      task: [lossOf(logits), 1],
      common: [lossOf(both.logits), weights.unimodal],
      homogeneous: [allOf(homogeneous), weights.unimodal],
      heterogeneous: [allOf(heterogeneous), weights.unimodal],
      homogeneousLogits: [commonGraph.logit, weights.distillation],
      homogeneousEdges: [commonGraph.regularity, weights.distillation * weights.regularity],
      heterogeneousLogits: [privateGraph.logit, weights.distillation],
      heterogeneousRepresentations: [privateGraph.representation, weights.distillation * weights.representation],
      heterogeneousEdges: [privateGraph.regularity, weights.distillation * weights.regularity],
      reconstruction: [sumOf(parts.map((part) => sequenceError(part.rebuilt, part.projected))), weights.decoupling],
      cycle: [sumOf(parts.map((part) => sequenceError(part.again, part.own))), weights.decoupling],
      margin: [
        task.kind === 'regression'
          ? marginLoss(aligned, labels, { margin: config.margin, classes: false })
          : marginLoss(aligned, classesFor(labels, task), { margin: config.margin, classes: true }),
        separation,
      ],
      orthogonality: [sumOf(parts.map((part) => overlap(part.own, part.common))), separation],
    };
    const losses = Object.fromEntries(Object.entries(terms).map(([name, [term, by]]) => [name, term.mul(by)]));
    return { prediction, losses, diagnostics: {}, representations };
  },
});

/** 1 for the edges that the prior favours, 0 for the others. */
function priorOf(
  names: readonly string[],
  pairs: z.output<typeof edges>,
): (teacher: number, student: number) => number {
  const text = textOf(names);
  const named = (name: string): string => (name === 'text' ? text : name);
  return (teacher, student) =>
    Number(pairs.some(([from, to]) => named(from) === names[teacher] && (to === '*' || named(to) === names[student])));
}
