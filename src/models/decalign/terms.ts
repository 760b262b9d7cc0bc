/**
 * DecAlign's terms, one table: what each is called and weighs, how it is built from which settings, and what it warns of.
 * Keys of the configuration, switches, names in progress lines and warnings come from here.
 *
 *   Eq. 13   L_total = L_task + L_dec + α L_hete + β L_homo   (+ γ L_CT, Table 4)
 *            and, of ours, + L_ind + L_pair + L_rec with their weights, which are 0 in the paper's recipe
 *
 * A term is left out by its name in `model.without`, by the names of all its parts, or by a weight of 0. Whichever it is,
 * nothing of it is computed.
 */
import * as z from 'zod';
import { contrastiveLoss, decouplingLoss, homogeneity, sumOf } from '../../alignment/index.ts';
import { independence, pairing, reconstruction } from './decoupled.ts';
import type { Tensor } from '../../tensor/index.ts';
import { heterogeneityTerm, transportPlan } from './heterogeneity.ts';
import { term, weight, type BuiltTerm, type Settings, type TermInputs } from './term.ts';
import type { ModelWarnings, TransportPlan } from '../model.ts';

const decoupling = term({
  symbol: 'L_dec',
  short: 'dec',
  weight: weight(1, 'of L_dec'),
  parts: [],
  settings: {
    decoupling: z
      .strictObject({ form: z.enum(['cosine', 'squared']).default('cosine').describe('Eq. 1, or the mean square') })
      .prefault({}),
  },
  build({ unique, common, present }, settings) {
    const [own, shared] = [unique[0]!.shape[2]!, common[0]!.shape[2]!];
    if (own !== shared)
      throw new RangeError(
        `L_dec (Eq. 1) compares unique and common features of one width, but model.uniqueWidth is ${own} and model.commonWidth ${shared}; ` +
          'make them alike, or set model.weights.decoupling to 0.',
      );
    return { loss: decouplingLoss(unique, common, { ...settings.decoupling, present }) };
  },
});

const homogeneityTerm = term({
  symbol: 'L_homo',
  short: 'homo',
  weight: weight(0.05, 'β, of L_homo'),
  parts: ['moments', 'mmd'],
  settings: {
    latent: z
      .strictObject({
        width: z.int().positive().optional().describe('of the latent that moments and MMD compare; default: width'),
      })
      .prefault({}),
    moments: z
      .strictObject({
        form: z
          .enum(['norms', 'means', 'halves'])
          .default('norms')
          .describe(
            'Eq. 10, mean squares, or products of two halves of the batch, free of scale and of sampling noise',
          ),
      })
      .prefault({}),
    mmd: z
      .strictObject({
        bandwidth: z
          .union([z.number().positive(), z.array(z.number().positive()).min(1), z.literal('median')])
          .default('median')
          .describe('σ of the Gaussian kernel; several are averaged'),
        estimator: z
          .enum(['biased', 'unbiased'])
          .default('biased')
          .describe('of the MMD: with pairs of a sample and itself, or without, which can fall below 0'),
      })
      .prefault({}),
  },
  build({ latents, present }, { moments, mmd }, isOn) {
    const terms = { moments: isOn('moments'), mmd: isOn('mmd') };
    const parts = homogeneity(latents, { moments, mmd, terms, present });
    return { loss: sumOf(Object.values(parts)), parts };
  },
});

const contrastive = term({
  symbol: 'L_CT',
  short: 'ct',
  weight: weight(0.003, 'of L_CT'),
  parts: [],
  settings: {
    contrastive: z
      .strictObject({ temperature: z.number().positive().default(0.1).describe('τ of the contrastive term') })
      .prefault({}),
  },
  build: ({ fused, classes }, settings) => ({ loss: contrastiveLoss(fused, classes, settings.contrastive) }),
});

/** In the order of Eq. 13, and then those that the paper has not. */
export const terms = {
  decoupling,
  heterogeneity: heterogeneityTerm,
  homogeneity: homogeneityTerm,
  contrastive,
  independence,
  pairing,
  reconstruction,
};
export type TermName = keyof typeof terms;
type PartName = (typeof terms)[TermName]['parts'][number];

/** Keys under `model` of all terms. A term whose settings are not here cannot be built, as the compiler says. */
export const termSettings = {
  ...heterogeneityTerm.settings,
  ...homogeneityTerm.settings,
  ...contrastive.settings,
  ...decoupling.settings,
  ...independence.settings,
  ...pairing.settings,
  ...reconstruction.settings,
};

export const termNames = Object.keys(terms) as readonly TermName[];

/** An object with an entry for each term. */
const byTerm = <T>(of: (name: TermName) => T): Readonly<Record<TermName, T>> =>
  Object.fromEntries(termNames.map((name) => [name, of(name)])) as Record<TermName, T>;

/** Keys under `model.weights`. */
export const termWeights = byTerm((name) => terms[name].weight);

/** Names of losses in a line of progress. */
export const shortNames: Readonly<Record<string, string>> = byTerm((name) => terms[name].short);

/** All that `model.without` may name: terms, their parts, and one piece of the network. */
export const ablations: readonly (TermName | PartName | 'cross-modal-attention')[] = [
  ...termNames.flatMap((name) => [name, ...terms[name].parts]),
  'cross-modal-attention',
];

/** The part of DecAlign's configuration that says which terms there are, and how they are built. */
type TermConfig = Settings<typeof termSettings> & {
  readonly weights: Readonly<Record<TermName, number>>;
  readonly without: readonly (typeof ablations)[number][];
};

/** The terms that are not left out. */
function termsOn({ weights, without }: TermConfig): TermName[] {
  const isOn = (name: TermName | PartName): boolean => !without.includes(name);
  return termNames.filter((name) => {
    const { parts } = terms[name];
    return weights[name] > 0 && isOn(name) && (parts.length === 0 || parts.some(isOn));
  });
}

/** A term that settings both leave out and give a weight, of those that were given. */
export function termLeftOutAndWeighed(given: unknown): TermName | undefined {
  const { without, weights } = z.looseObject({ without: names, weights: factors }).safeParse(given).data ?? {};
  const isOff = (name: string): boolean => without?.includes(name) ?? false;
  return termNames.find((name) => {
    const { parts } = terms[name];
    return (weights?.[name] ?? 0) > 0 && (isOff(name) || (parts.length > 0 && parts.every(isOff)));
  });
}
const names = z.array(z.string()).optional();
const factors = z.record(z.string(), z.number()).optional();

/** Throws a RangeError where the settings of a term contradict each other. */
export function checkTerms(modalities: readonly string[], config: TermConfig): void {
  for (const name of termsOn(config)) terms[name].check?.(modalities, config, (part) => !config.without.includes(part));
}

/** Builds the terms that are not left out, in the order of Eq. 13. */
export function buildTerms(inputs: TermInputs, config: TermConfig): Partial<Record<TermName, BuiltTerm>> {
  return Object.fromEntries(
    termsOn(config).map((name) => [name, terms[name].build(inputs, config, (part) => !config.without.includes(part))]),
  );
}

/**
 * Without the terms of the paper, which draw features towards each other: with no task that holds them, to a point. Throws a
 * RangeError where nothing is left.
 */
export function pretrainingOf<C extends TermConfig>(config: C): C {
  const { independence, pairing, reconstruction } = config.weights;
  const alone = { ...config, weights: { ...byTerm(() => 0), independence, pairing, reconstruction } };
  if (termsOn(alone).length > 0) return alone;
  throw new RangeError(
    'model.pretraining.steps trains by the terms independence, pairing and reconstruction, of which none is on. Give one a ' +
      'weight, or set model.pretraining.steps to 0.',
  );
}

/** The plan between unique features `[N, d]` by modality; undefined where the terms solve for none. */
export const planOf = (unique: Readonly<Record<string, Tensor>>, config: TermConfig): TransportPlan | undefined =>
  termsOn(config).includes('heterogeneity') && !config.without.includes('transport')
    ? transportPlan(unique, config)
    : undefined;

/** The warnings of all terms. */
export const termWarnings: ModelWarnings = {
  step: (diagnostics, epoch) => termNames.flatMap((name) => terms[name].warnings?.step?.(diagnostics, epoch) ?? []),
  epoch: (means, epoch) => termNames.flatMap((name) => terms[name].warnings?.epoch?.(means, epoch) ?? []),
};
