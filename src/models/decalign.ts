/**
 * DecAlign (Qian et al., ICLR 2026): every modality's features are split into what it alone shows and what all share.
 *
 *   F_m = Conv1D(x_m)    F_uni^(m) = E_m F_m    F_com^(m) = E F_m    z_m = MLP_m(pooled F_com^(m))
 *   ŷ   = W [pooled Transformer_m(F_uni^(m), all other F_uni)]_m, [pooled F_com^(m)]_m
 *
 * Unique and common features may be narrower than the transformers (`model.uniqueWidth`, `model.commonWidth`), which then
 * read F_uni lifted to their width, L_m F_uni^(m), or both parts, L_m [F_uni^(m), F_com^(m)] (`model.lifted`).
 *
 * Without the decoupling (`model.decouple=false`) all of them are F_m. Its alignment losses are the table in `decalign/terms.ts`.
 */
import {
  dropout,
  gelu,
  linear,
  masked,
  pool,
  reluDropout,
  temporalConvolution,
  transformer,
  withoutMask,
  withValue,
  type Scope,
  type Sequence,
} from '../nn/index.ts';
import { concat, type Tensor } from '../tensor/index.ts';
import { authorsRecipe, decalignConfig, decoupledRecipe, type DecAlignConfig } from './decalign/config.ts';
import {
  decalignLosses,
  wholeBatch,
  type DecAlignLosses,
  type LossInputs,
  type LossOptions,
} from './decalign/losses.ts';
import { asOneFeature } from './decalign/one-feature.ts';
import { withStandIns } from './decalign/stand-in.ts';
import { checkTerms, planOf, pretrainingOf, termWarnings } from './decalign/terms.ts';
import { defineModel, type ModelInputs, type ModelOutput } from './model.ts';
import { byModality } from './representations.ts';
import { checkModalities, valueFor } from './settings.ts';
import { asPrediction, outputsOf } from './task.ts';

/** Everything between the features and the losses, by modality in the order given. */
export interface DecAlignGraph extends ModelOutput, DecAlignLosses {
  readonly unique: readonly Sequence[];
  readonly common: readonly Sequence[];
  /** Latents z `[N, latent]` of the pooled common features. */
  readonly latents: readonly Tensor[];
  /** Concatenated transformer outputs and pooled common features `[N, 2Md]`. */
  readonly fused: Tensor;
}

/** The stage before the usual epochs. */
const pretraining = 'pretraining';

/** DecAlign with every intermediate value that analysis and parity look at. */
export function buildDecAlign(
  scope: Scope,
  { features, present = {}, labels, task, progress }: ModelInputs,
  given: DecAlignConfig,
): DecAlignGraph {
  const config = given.decouple ? given : asOneFeature(given);
  const names = Object.keys(features);
  checkModalities('DecAlign', names, config);
  checkTerms(names, config);
  const { width } = config;

  // 3.1: projection to a common width, then one encoder of its own and one shared by all.
  const projected = names.map((m) => project(scope.at('projection', m), m, features[m]!, config));
  const { uniqueWidth = width, commonWidth = width } = config;
  const split = (x: Sequence, part: Scope, to: number): Sequence =>
    config.decouple ? separate(part, x, to, config) : x;
  const unique = names.map((m, i) => split(projected[i]!, scope.at('unique', m), uniqueWidth));
  const common = projected.map((x) => split(x, scope.at('common').shared(), commonWidth));
  const pooledUnique = unique.map(pool);
  const pooledCommon = common.map(pool);
  const has = names.map((m) => present[m]);
  const shared = config.commonOfAbsent === 'others' ? withStandIns(common, Object.values(features), has) : common;

  // 3.4: each modality's unique features attend to the others', and are fused with what is common.
  // What a prediction depends on is no matter of which gradients losses pass on.
  const lifting = labels ? config : { ...config, uniqueGradient: true };
  const lifted = names.map((m, i) => lift(scope.at('lift', m), unique[i]!, shared[i]!, lifting));
  const attended = names.map((m, i) => {
    const context = config.without.includes('cross-modal-attention') ? undefined : lifted.filter((_, j) => j !== i);
    return pool(encode(scope.at('transformer', m), m, lifted[i]!, context, config));
  });
  const fused = concat([...attended, ...(shared === common ? pooledCommon : shared.map(pool))], 1);
  const seen = dropout(scope, 'head', fused, config.dropout.output);
  const prediction = asPrediction(predict(scope.at('head'), seen, outputsOf(task), config), task);

  const rebuilt = decoders(scope, names, { features, unique: pooledUnique, common: pooledCommon }, config);
  const latents = names.map((m, i) => latent(scope.at('latent', m), pooledCommon[i]!, config));
  const graph = {
    prediction,
    unique,
    common,
    latents,
    fused,
    representations: {
      ...byModality('unique', names, pooledUnique),
      ...byModality('common', names, pooledCommon),
      ...byModality('latent', names, latents),
      ...byModality('projected', names, projected.map(pool)),
      ...byModality('attended', names, attended),
      fused,
    },
  };
  if (!labels) return { ...graph, losses: {}, terms: {}, diagnostics: {} };

  // 3.2 and 3.3: the alignment losses.
  const isPretraining = progress?.stage === pretraining;
  const inputs: LossInputs = {
    ...{ modalities: names, present: has, prediction, labels, rows: progress?.rows, latents, fused, rebuilt },
    unique: unique.map(({ value }) => value),
    common: common.map(({ value }) => value),
    ...{ pooledUnique, pooledCommon, features: names.map((m) => pool(features[m]!)) },
  };
  const options: LossOptions = {
    ...{ config, task, withTask: !isPretraining },
    terms: isPretraining ? pretrainingOf(config) : config,
  };
  return { ...graph, ...decalignLosses(inputs, options), wholeBatch: wholeBatch(inputs, options) };
}

function project(scope: Scope, modality: string, sequence: Sequence, config: DecAlignConfig): Sequence {
  const rate = valueFor(config.dropout.input, modality, 'dropout.input');
  const clean = config.masking === 'none' ? withoutMask(sequence) : masked(sequence);
  const x = withValue(clean, dropout(scope, 'features', clean.value, rate));
  const kernel = valueFor(config.kernel, modality, 'kernel');
  const options = { kernel, padding: config.padding };
  const convolved =
    config.masking === 'pooling' && x.mask
      ? keepFirstSteps(x, temporalConvolution(scope, withoutMask(x), config.width, options).value, x.mask)
      : temporalConvolution(scope, x, config.width, options);
  // The authors' code declares this projection and passes it by.
  return config.skipEqualProjection && x.value.shape[2] === config.width ? x : convolved;
}

/** The authors' mask of a convolved sequence: that of as many first steps, whichever they were convolved from. */
function keepFirstSteps(x: Sequence, value: Tensor, mask: Tensor): Sequence {
  return masked({ ...x, value, mask: mask.slice(1, 0, value.shape[1]!) });
}

/** A unique or common encoder: of each time step alone, without bias. */
function separate(scope: Scope, x: Sequence, width: number, { encoder, width: hidden }: DecAlignConfig): Sequence {
  if (encoder === 'linear') return temporalConvolution(scope, x, width);
  const inner = temporalConvolution(scope.at('hidden'), x, 2 * hidden);
  return temporalConvolution(scope, withValue(inner, gelu(inner.value)), width);
}

/** What the transformers read: unique features, or both parts side by side, `[N, T, d]`. */
function lift(
  scope: Scope,
  x: Sequence,
  common: Sequence,
  { width, uniqueWidth = width, uniqueGradient, lifted }: DecAlignConfig,
): Sequence {
  const held = uniqueGradient ? x : withValue(x, x.value.detach());
  if (lifted === 'unique') return uniqueWidth === width ? held : temporalConvolution(scope, held, width);
  return temporalConvolution(scope, withValue(x, concat([held.value, common.value], 2)), width);
}

/** The head: linear, to which one of a hidden layer is added where it is asked for. */
function predict(scope: Scope, x: Tensor, outputs: number, { head, width }: DecAlignConfig): Tensor {
  const straight = linear(scope, x, outputs);
  if (head === 'linear') return straight;
  return straight.add(linear(scope.at('output'), gelu(linear(scope.at('hidden'), x, 2 * width)), outputs));
}

/** D_m of L_rec: a modality's features `[N, D_m]` from its pooled unique features and common ones, where the term is on. */
function decoders(
  scope: Scope,
  names: readonly string[],
  parts: {
    readonly features: ModelInputs['features'];
    readonly unique: readonly Tensor[];
    readonly common: readonly Tensor[];
  },
  { encoder, width, weights }: DecAlignConfig,
): LossInputs['rebuilt'] {
  const decode = (m: number, unique: Tensor, common: Tensor): Tensor => {
    const own = scope.at('decoder', names[m]!).shared();
    const x = concat([unique, common], 1);
    const inner = encoder === 'linear' ? x : gelu(linear(own.at('hidden'), x, 2 * width));
    return linear(own, inner, parts.features[names[m]!]!.value.shape[2]!);
  };
  // Parameters are the same with and without labels, and for every ablation: declared here, whether a loss follows or not.
  if (weights.reconstruction > 0) names.forEach((_, m) => decode(m, parts.unique[m]!, parts.common[m]!));
  return decode;
}

function encode(
  scope: Scope,
  modality: string,
  sequence: Sequence,
  context: readonly Sequence[] | undefined,
  config: DecAlignConfig,
): Sequence {
  const { heads, layers, norm, positions, causal, dropout: rates } = config;
  const attention = valueFor(rates.attention, modality, 'dropout.attention');
  const options = { heads, layers, norm, positions, causal, dropout: { ...rates, attention } };
  if (config.masking === 'full') return transformer(scope, sequence, context, options);
  return withValue(sequence, transformer(scope, withoutMask(sequence), context?.map(withoutMask), options).value);
}

/** z: Linear, ReLU, dropout, Linear. */
function latent(scope: Scope, x: Tensor, { latent: { width }, dropout: rates }: DecAlignConfig): Tensor {
  const hidden = linear(scope.at(0), x, x.shape[1]!);
  return linear(scope.at(1), reluDropout(scope, 'hidden', hidden, rates.output), width ?? x.shape[1]!);
}

export const decalign = defineModel({
  name: 'decalign',
  title: 'DecAlign',
  paper: 'Qian et al., DecAlign, ICLR 2026 (arXiv:2503.11892)',
  config: decalignConfig,
  recipes: { decoupled: decoupledRecipe, paper: {}, authors: authorsRecipe },
  warnings: termWarnings,
  labelClasses: () => ({ count: 7, limit: 3 }),
  stages({ pretraining: { steps, epochs } }, { stepsPerEpoch }) {
    const before = Math.min(epochs, Math.ceil(steps / stepsPerEpoch));
    return before > 0 ? [{ name: pretraining, epochs: before, ownSchedule: true }] : [];
  },
  parts: (m) => ({ unique: `unique.${m}`, common: `common.${m}` }),
  hasParts: ({ decouple }) => decouple,
  plan: planOf,
  build: buildDecAlign,
});
