import {
  contrastiveLoss,
  decouplingLoss,
  heterogeneity,
  homogeneity,
  labelClasses,
  sumOf,
  weighted,
  type Heterogeneity,
} from '../alignment/index.ts';
import {
  dropout,
  linear,
  masked,
  pool,
  reluDropout,
  signCrossEntropy,
  smoothL1,
  temporalConvolution,
  transformer,
  withValue,
  type Scope,
  type Sequence,
} from '../nn/index.ts';
import { concat, type Tensor } from '../tensor/index.ts';
import { authorsRecipe, decalignConfig, type ablations, type DecAlignConfig } from './decalign-config.ts';
import { defineModel, type ModelInputs, type ModelOutput, type ModelTask } from './model.ts';
import { checkModalities, valueFor } from './settings.ts';
import { asPrediction, outputsOf, taskLoss } from './task.ts';

/** Everything between the features and the losses, by modality in the order given. */
export interface DecAlignGraph extends ModelOutput {
  readonly unique: readonly Sequence[];
  readonly common: readonly Sequence[];
  /** Latents z `[N, latent]` of the pooled common features. */
  readonly latents: readonly Tensor[];
  /** Concatenated transformer outputs and pooled common features `[N, 2Md]`. */
  readonly fused: Tensor;
  readonly heterogeneity?: Heterogeneity;
  /** Losses before their weights, by the paper's names. */
  readonly terms: Readonly<Record<string, Tensor>>;
}

/** DecAlign (Qian et al., ICLR 2026), with every intermediate value that analysis and parity look at. */
export function buildDecAlign(
  scope: Scope,
  { features, labels, task }: ModelInputs,
  config: DecAlignConfig,
): DecAlignGraph {
  const names = Object.keys(features);
  check(names, config);
  const on = (...terms: (typeof ablations)[number][]): boolean => !terms.some((term) => config.without.includes(term));
  const { width } = config;

  // 3.1: projection to a common width, then one encoder of its own and one shared by all.
  const projected = names.map((m) => project(scope.at('projection', m), m, features[m]!, config));
  const unique = names.map((m, i) => temporalConvolution(scope.at('unique', m), projected[i]!, width));
  const common = projected.map((x) => temporalConvolution(scope.at('common').shared(), x, width));
  const pooledUnique = unique.map(pool);
  const pooledCommon = common.map(pool);

  // 3.4: each modality's unique features heed the others', and are fused with what is common.
  const attended = names.map((m, i) => {
    const context = on('cross-modal-attention') ? unique.filter((_, j) => j !== i) : undefined;
    return pool(encode(scope.at('transformer', m), m, unique[i]!, context, config));
  });
  const fused = concat([...attended, ...pooledCommon], 1);
  const head = linear(scope.at('head'), dropout(scope, 'head', fused, config.dropout.output), outputsOf(task));
  const prediction = asPrediction(head, task);

  const latents = names.map((m, i) => latent(scope.at('latent', m), pooledCommon[i]!, config));
  const graph = {
    prediction,
    unique,
    common,
    latents,
    fused,
    representations: representations(names, pooledUnique, pooledCommon, fused),
  };
  if (!labels) return { ...graph, losses: {}, terms: {}, diagnostics: {} };

  // 3.2 and 3.3: the alignment losses; each may be left out.
  const hete = on('heterogeneity') ? alignUnique(names, pooledUnique, config) : undefined;
  const homo = on('homogeneity')
    ? homogeneity(latents, {
        moments: config.moments,
        mmd: config.mmd,
        terms: { moments: on('moments'), mmd: on('mmd') },
      })
    : {};
  const classes = task.kind === 'regression' ? labelClasses(labels) : labels;
  const terms = present({
    task: predictionLoss(prediction, labels, config, task),
    decoupling: on('decoupling')
      ? decouplingLoss(
          unique.map(({ value }) => value),
          common.map(({ value }) => value),
          config.decoupling,
        )
      : undefined,
    heterogeneity: total([hete?.transport, hete?.attraction]),
    homogeneity: total([homo.moments, homo.mmd]),
    contrastive:
      on('contrastive') && config.weights.contrastive > 0
        ? contrastiveLoss(fused, classes, config.contrastive)
        : undefined,
  });
  const diagnostics = present({
    transport: hete?.linear,
    attraction: hete?.attraction,
    moments: homo.moments,
    mmd: homo.mmd,
    transportError: hete?.transportError,
    ...Object.fromEntries(names.map((m, i) => [`collapsed.${m}`, hete?.collapsed[i]])),
  });
  return {
    ...graph,
    terms,
    diagnostics,
    losses: weighted(terms, config.weights),
    ...(hete && { heterogeneity: hete }),
  };
}

function check(names: readonly string[], config: DecAlignConfig): void {
  const { attraction, mixture, without } = config;
  checkModalities('DecAlign', names, config);
  const counts = names.map((m) => valueFor(mixture.prototypes, m, 'mixture.prototypes'));
  const attracted = !without.includes('heterogeneity') && !without.includes('attraction');
  if (attracted && attraction.matching === 'index' && new Set(counts).size > 1)
    throw new RangeError(
      `model.attraction.matching (=index) needs as many prototypes in every modality, but model.mixture.prototypes has ` +
        `${names.map((m, i) => `${counts[i]!} for ${m}`).join(', ')}; set the matching to plan.`,
    );
}

function project(scope: Scope, modality: string, sequence: Sequence, config: DecAlignConfig): Sequence {
  const rate = valueFor(config.dropout.input, modality, 'dropout.input');
  const clean = config.masking === 'none' ? { value: sequence.value } : masked(sequence);
  const x = withValue(clean, dropout(scope, 'features', clean.value, rate));
  const kernel = valueFor(config.kernel, modality, 'kernel');
  const options = { kernel, padding: config.padding };
  const convolved =
    config.masking === 'pooling' && x.mask
      ? keepFirstSteps(temporalConvolution(scope, { value: x.value }, config.width, options).value, x.mask)
      : temporalConvolution(scope, x, config.width, options);
  // The authors' code declares this projection and passes it by.
  return config.skipEqualProjection && x.value.shape[2] === config.width ? x : convolved;
}

/** The authors' mask of a convolved sequence: that of as many first steps, whichever they were convolved from. */
function keepFirstSteps(value: Tensor, mask: Tensor): Sequence {
  return masked({ value, mask: mask.slice(1, 0, value.shape[1]!) });
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
  const blind = (x: Sequence): Sequence => ({ value: x.value });
  return withValue(sequence, transformer(scope, blind(sequence), context?.map(blind), options).value);
}

/** z: Linear, ReLU, dropout, Linear. */
function latent(scope: Scope, x: Tensor, { latent: { width }, dropout: rates }: DecAlignConfig): Tensor {
  const hidden = linear(scope.at(0), x, x.shape[1]!);
  return linear(scope.at(1), reluDropout(scope, 'hidden', hidden, rates.output), width ?? x.shape[1]!);
}

function alignUnique(
  names: readonly string[],
  pooled: readonly Tensor[],
  config: DecAlignConfig,
): Heterogeneity | undefined {
  const { mixture, transport, attraction, without } = config;
  const terms = { transport: !without.includes('transport'), attraction: !without.includes('attraction') };
  if (!terms.transport && !terms.attraction) return undefined;
  const { tolerance, cost, rootFloor, ...solver } = transport;
  return heterogeneity(pooled, {
    prototypes: names.map((m) => ({
      count: valueFor(mixture.prototypes, m, 'mixture.prototypes'),
      iterations: mixture.iterations,
      varianceFloor: mixture.varianceFloor,
      initialization: mixture.initialization,
      gradient: mixture.gradient,
      ...(mixture.covariance === 'full' && { covariance: { shrinkage: mixture.shrinkage } }),
    })),
    cost: { covariance: mixture.covariance, reduction: cost, rootFloor },
    transport: { ...solver, ...(tolerance !== undefined && { tolerance }) },
    attraction: {
      matching: attraction.matching,
      pairs: attraction.pairs,
      reduction: cost,
      ...(attraction.mahalanobis && { mahalanobis: { floor: mixture.varianceFloor } }),
    },
    terms,
  });
}

function predictionLoss(prediction: Tensor, labels: Tensor, { task }: DecAlignConfig, kind: ModelTask): Tensor {
  if (kind.kind === 'classification')
    return taskLoss(prediction, labels, task.classWeights ? { ...kind, weights: task.classWeights } : kind, 'l1');
  const main =
    task.loss === 'smooth-l1'
      ? smoothL1(prediction, labels, { beta: task.beta })
      : taskLoss(prediction, labels, kind, task.loss);
  return task.sign > 0 ? main.add(signCrossEntropy(prediction, labels).mul(task.sign)) : main;
}

function representations(
  names: readonly string[],
  unique: readonly Tensor[],
  common: readonly Tensor[],
  fused: Tensor,
): Record<string, Tensor> {
  return {
    ...Object.fromEntries(names.map((m, i) => [`unique.${m}`, unique[i]!])),
    ...Object.fromEntries(names.map((m, i) => [`common.${m}`, common[i]!])),
    fused,
  };
}

const total = (parts: readonly (Tensor | undefined)[]): Tensor | undefined => {
  const kept = parts.filter((part) => part !== undefined);
  return kept.length > 0 ? sumOf(kept) : undefined;
};

const present = (values: Readonly<Record<string, Tensor | undefined>>): Record<string, Tensor> =>
  Object.fromEntries(Object.entries(values).flatMap(([name, value]) => (value ? [[name, value] as const] : [])));

export const decalign = defineModel({
  name: 'decalign',
  paper: 'Qian et al., DecAlign, ICLR 2026 (arXiv:2503.11892)',
  config: decalignConfig,
  recipes: { paper: {}, authors: authorsRecipe },
  build: buildDecAlign,
});
