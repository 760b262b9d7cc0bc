/**
 * The alignment losses and their sum.
 *
 *   Eq. 9    L_hete = L_OT + L_Proto
 *            L_homo = L_sem + L_MMD                                   (Eq. 10 + Eq. 11)
 *   Eq. 13   L_total = L_task + L_dec + α L_hete + β L_homo           (+ γ L_CT, Table 4)
 *
 * Every term can be left out, as Tables 3 and 4 do, and is then not computed. Without L_OT no transport is solved: there
 * is no plan, and L_Proto matches prototypes by index, as Eq. 9 is written.
 *
 * Where samples lack modalities, each loss is that of the samples that have them (`presence.ts`). A modality that no sample
 * of a batch has costs nothing to transport: C has no pair with it, and ν is 1 for one prototype.
 */
import type { Tensor } from '../tensor/index.ts';
import { attraction, type AttractionOptions } from './attraction.ts';
import { jointCost, pairwiseCost, type CostOptions } from './cost.ts';
import { fixedSweeps } from './fixed-sweeps.ts';
import { halvedMomentLoss } from './halved-moments.ts';
import { mmdLoss, type MmdOptions } from './mmd.ts';
import { momentLoss, type MomentsOptions } from './moments.ts';
import { unorderedPairs } from './pairs.ts';
import { ofPair, ofSeveral, someMass, type Presence } from './presence.ts';
import { collapsed, fitAll, type PrototypeOptions, type Prototypes } from './prototypes.ts';
import { transport, unrolledTransport, type TransportOptions } from './transport.ts';

export interface HeterogeneityOptions {
  /** One per modality; K may differ. */
  readonly prototypes: readonly PrototypeOptions[];
  readonly cost: CostOptions;
  readonly transport: TransportOptions & {
    /**
     * 'optimum': the regularised optimum, with its exact gradient. 'plan': the same gradient for the cost alone, T* held
     * constant. 'unrolled': ⟨T, C⟩ differentiated in full. 'fixed-sweeps': the authors' code.
     */
    readonly solver: 'optimum' | 'plan' | 'unrolled' | 'fixed-sweeps';
  };
  readonly attraction: Omit<AttractionOptions, 'plan'> & {
    /**
     * Which prototypes answer to each other: those the plan matches, or those of one index (Eq. 9 to the letter), which
     * needs as many in every modality. Without the transport term always by index.
     */
    readonly matching: 'plan' | 'index';
  };
  readonly terms: { readonly transport: boolean; readonly attraction: boolean };
  /** Which samples have which modality. Default: all have all. */
  readonly present?: Presence;
}

export interface Heterogeneity {
  readonly prototypes: readonly Prototypes[];
  /** The share of each modality's prototypes that have collapsed. */
  readonly collapsed: readonly Tensor[];
  /** C_ij by "i,j". */
  readonly costs: ReadonlyMap<string, Tensor>;
  readonly cost: Tensor;
  /** ν_m: the mean posterior of the samples that have the modality. */
  readonly marginals: readonly Tensor[];
  /** T*, where it was solved for. */
  readonly plan?: Tensor;
  /** L_OT, as it is minimised. */
  readonly transport?: Tensor;
  /** ⟨T*, C⟩, the first term of Eq. 9 as written. */
  readonly linear?: Tensor;
  /** The largest deviation of the plan's marginals. */
  readonly transportError?: Tensor;
  readonly attraction?: Tensor;
}

/** Eq. 9 and what it is made of, from pooled unique features `[N, d]`, one per modality. */
export function heterogeneity(x: readonly Tensor[], options: HeterogeneityOptions): Heterogeneity {
  const { present = [] } = options;
  const prototypes = fitAll(x, options.prototypes, present);
  const marginals = prototypes.map(({ posterior }, m) => {
    const mass = posterior.mean([0]);
    return someMass(mass.div(mass.sum().max(1e-8)), present[m]);
  });
  const costs = new Map(
    unorderedPairs(x.length).map(([i, j]) => {
      const cost = pairwiseCost(prototypes[i]!, prototypes[j]!, options.cost);
      return [`${i},${j}`, ofPair(cost, present, i, j)];
    }),
  );
  const cost = jointCost((i, j) => costs.get(`${i},${j}`)!, x.length);
  const { terms } = options;
  const solved = terms.transport ? solve(cost, marginals, options.transport) : undefined;
  const matched = solved && options.attraction.matching === 'plan' ? { plan: solved.plan } : {};
  return {
    prototypes,
    collapsed: prototypes.map((mixture, m) => collapsed(mixture, options.prototypes[m]!, present[m])),
    costs,
    cost,
    marginals,
    ...(solved && { plan: solved.plan, linear: solved.linear, transport: ofSeveral(solved.loss, present, x.length) }),
    ...(solved?.error && { transportError: solved.error }),
    ...(terms.attraction && { attraction: attraction(x, prototypes, { ...options.attraction, ...matched, present }) }),
  };
}

interface Solved {
  readonly plan: Tensor;
  readonly loss: Tensor;
  readonly linear: Tensor;
  readonly error?: Tensor;
}

function solve(cost: Tensor, marginals: readonly Tensor[], options: HeterogeneityOptions['transport']): Solved {
  const { solver, lambda, sweeps = 50 } = options;
  if (solver === 'fixed-sweeps') {
    const { plan, value } = fixedSweeps(cost, marginals, { lambda, sweeps });
    return { plan, loss: value, linear: plan.mul(cost).sum() };
  }
  if (solver === 'unrolled') {
    const { plan, linear, error } = unrolledTransport(cost, marginals, options);
    return { plan, loss: linear, linear, error };
  }
  const { plan, linear, optimum, error } = transport(cost, marginals, options);
  return { plan, linear, error, loss: solver === 'optimum' ? optimum : linear };
}

export interface HomogeneityOptions {
  readonly moments: Omit<MomentsOptions, 'form'> & { readonly form: MomentsOptions['form'] | 'halves' };
  readonly mmd: MmdOptions;
  readonly terms: { readonly moments: boolean; readonly mmd: boolean };
  /** Which samples have which modality. Default: all have all. */
  readonly present?: Presence;
}

/** L_sem and L_MMD of latents `[N, d]`, one per modality. */
export function homogeneity(
  latents: readonly Tensor[],
  { moments: ofMoments, mmd: ofMmd, terms, present = [] }: HomogeneityOptions,
): { readonly moments?: Tensor; readonly mmd?: Tensor } {
  const { form } = ofMoments;
  const agreement = (): Tensor =>
    form === 'halves' ? halvedMomentLoss(latents, present) : momentLoss(latents, { form, present });
  return {
    ...(terms.moments && { moments: agreement() }),
    ...(terms.mmd && { mmd: mmdLoss(latents, { ...ofMmd, present }) }),
  };
}

/**
 * The losses of Eq. 13, each times its weight; their sum is what training minimises. A weight of 0 leaves its loss out; a
 * loss without a weight is a RangeError.
 */
export function weighted(
  losses: Readonly<Record<string, Tensor>>,
  weights: Readonly<Record<string, number>>,
): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(losses).flatMap(([name, loss]) => {
      const weight = weights[name];
      if (weight === undefined)
        throw new RangeError(`The loss "${name}" has no weight; there are ${Object.keys(weights).join(', ')}.`);
      return weight === 0 ? [] : [[name, loss.mul(weight)] as const];
    }),
  );
}
