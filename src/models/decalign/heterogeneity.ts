/** L_hete (Eq. 9) as a term of DecAlign: prototypes, the transport between them, and the attraction to them. */
import * as z from 'zod';
import {
  heterogeneity,
  logPosterior,
  sumOf,
  type HeterogeneityOptions,
  type Prototypes,
} from '../../alignment/index.ts';
import type { Tensor } from '../../tensor/index.ts';
import type { PlanPrototypes, TransportPlan } from '../model.ts';
import { term, weight, type Settings } from './term.ts';
import { perModality, valueFor } from '../settings.ts';

const settings = {
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
        .enum(['relative', 'absolute', 'spread'])
        .default('relative')
        .describe('λ relative to the mean cost, absolute, or relative to the standard deviation of costs'),
      tolerance: z.number().positive().optional().describe('largest deviation of a marginal; default 2e-6'),
      sweeps: z.int().positive().default(200).describe('Sinkhorn sweeps at most'),
      cost: z.enum(['sum', 'mean']).default('sum').describe('of squared differences over the d features'),
      rootFloor: z.number().min(0).default(0).describe("added under the root of the diagonal cost; the authors' 1e-8"),
    })
    .prefault({}),
  attraction: z
    .strictObject({
      matching: z
        .enum(['plan', 'index'])
        .default('plan')
        .describe('which prototypes answer to each other; without transport by index'),
      pairs: z.enum(['sum', 'mean']).default('sum').describe('over ordered pairs of modalities'),
      mahalanobis: z.boolean().default(false).describe("distances in units of the prototype's variance"),
    })
    .prefault({}),
};

export const heterogeneityTerm = term({
  symbol: 'L_hete',
  short: 'hete',
  weight: weight(0.05, 'α, of L_hete'),
  parts: ['transport', 'attraction'],
  settings,
  check(modalities, { mixture, attraction }, isOn) {
    const differing = differingCounts(modalities, mixture);
    if (isOn('attraction') && attraction.matching === 'index' && differing !== undefined)
      throw new RangeError(
        `model.attraction.matching (=index) needs as many prototypes in every modality, but model.mixture.prototypes has ` +
          `${differing}; set the matching to plan.`,
      );
  },
  build({ modalities, pooledUnique, present }, given, isOn) {
    const terms = { transport: isOn('transport'), attraction: isOn('attraction') };
    const differing = differingCounts(modalities, given.mixture);
    // A model that an earlier release trained so goes on predicting: only losses need as many prototypes.
    if (!terms.transport && differing !== undefined)
      throw new RangeError(
        'Without transport, attraction matches prototypes by index and needs as many in every modality, but ' +
          `model.mixture.prototypes has ${differing}; give all as many, or leave attraction out as well.`,
      );
    const built = heterogeneity(pooledUnique, { ...optionsFrom(modalities, given), terms, present });
    const parts = [built.transport, built.attraction].filter((part) => part !== undefined);
    return {
      loss: sumOf(parts),
      parts: { transport: built.linear, attraction: built.attraction },
      diagnostics: {
        transportError: built.transportError,
        ...Object.fromEntries(modalities.map((m, i) => [`${collapsedIn}${m}`, built.collapsed[i]])),
      },
      heterogeneity: built,
    };
  },
  warnings: {
    step: ({ transportError = 0 }, epoch) =>
      transportError > largestError ? [{ about: 'transport', message: missedMarginal(transportError, epoch) }] : [],
    epoch: (means, epoch) =>
      Object.entries(means).flatMap(([name, share]) =>
        name.startsWith(collapsedIn) && share >= largestCollapse
          ? [{ about: name, message: manyCollapsed(name.slice(collapsedIn.length), share, epoch) }]
          : [],
      ),
  },
});

/** The plan between the prototypes of unique features `[N, d]` by modality, as this term solves for it. */
export function transportPlan(unique: Readonly<Record<string, Tensor>>, given: Given): TransportPlan | undefined {
  const options = optionsFrom(Object.keys(unique), given);
  const { plan, marginals, prototypes } = heterogeneity(Object.values(unique), {
    ...options,
    terms: { transport: true, attraction: false },
  });
  return plan && { plan, marginals, prototypes: prototypes.map(asPlanPrototypes) };
}

const asPlanPrototypes = ({ weights, means, variances, covariances }: Prototypes): PlanPrototypes => ({
  ...{ means, variances, ...(covariances && { covariances }) },
  assign: (unique) => logPosterior(unique, { weights, means, variances }).exp(),
});

type Given = Settings<typeof settings>;

/** The number of prototypes of each modality, in words, where they differ. */
function differingCounts(modalities: readonly string[], { prototypes }: Given['mixture']): string | undefined {
  const counts = modalities.map((m) => valueFor(prototypes, m, 'mixture.prototypes'));
  return new Set(counts).size > 1 ? modalities.map((m, i) => `${counts[i]!} for ${m}`).join(', ') : undefined;
}

function optionsFrom(
  modalities: readonly string[],
  { mixture, transport, attraction }: Given,
): Omit<HeterogeneityOptions, 'terms'> {
  const { prototypes, covariance, shrinkage, ...em } = mixture;
  const { tolerance, cost: reduction, rootFloor, ...solver } = transport;
  const { mahalanobis, ...matching } = attraction;
  return {
    prototypes: modalities.map((m) => ({
      ...em,
      count: valueFor(prototypes, m, 'mixture.prototypes'),
      ...(covariance === 'full' && { covariance: { shrinkage } }),
    })),
    cost: { covariance, reduction, rootFloor },
    transport: { ...solver, ...(tolerance !== undefined && { tolerance }) },
    attraction: { ...matching, reduction, ...(mahalanobis && { mahalanobis: { floor: mixture.varianceFloor } }) },
  };
}

/** A marginal that the plan misses by more than this is worth a warning. */
const largestError = 1e-3;
/** Prefix of diagnostics, before the name of a modality: the share of its prototypes that have collapsed. */
const collapsedIn = 'collapsed.';
/**
 * A share of collapsed prototypes, as the mean of an epoch, that is worth a warning. In a small batch some prototypes that
 * own a single sample are nothing unusual.
 */
const largestCollapse = 0.5;

const missedMarginal = (error: number, epoch: number): string =>
  `The transport plan of epoch ${epoch} misses a marginal by ${error.toPrecision(2)}: λ is small for these costs. ` +
  'Raise model.transport.lambda or model.transport.sweeps.';

const manyCollapsed = (modality: string, share: number, epoch: number): string =>
  `In epoch ${epoch}, ${Math.round(100 * share)} % of the prototypes of "${modality}" have collapsed: they own no sample of their batch, ` +
  'or such as vary by no more than model.mixture.varianceFloor. Take fewer (model.mixture.prototypes) or larger ' +
  'batches (train.batchSize), and see whether the modality varies.';
