/** The terms of the recipe `decoupled` that the paper has not: L_ind, L_pair and L_rec. */
import * as z from 'zod';
import { independenceLoss, pairingLoss, reconstructionLoss } from '../../alignment/index.ts';
import { constant, type Tensor } from '../../tensor/index.ts';
import { term, weight, type TermInputs } from './term.ts';

export const independence = term({
  symbol: 'L_ind',
  short: 'ind',
  weight: weight(0, 'of L_ind, the independence of unique and common features'),
  parts: [],
  settings: {
    independence: z
      .strictObject({
        ridge: z.number().positive().default(1e-3).describe('added to the diagonals of correlation matrices'),
      })
      .prefault({}),
  },
  build: (inputs, settings) => ({
    loss: independenceLoss(inputs.pooledUnique, inputs.pooledCommon, {
      ...settings.independence,
      present: inputs.present,
    }),
    diagnostics: blindness(inputs),
  }),
  warnings: {
    step: (diagnostics) => {
      const batch = diagnostics[overBatch];
      const filled = Object.entries(diagnostics).flatMap(([name, width]) =>
        name.startsWith(overModality) ? [{ modality: name.slice(overModality.length), width }] : [],
      );
      return [
        ...(batch === undefined ? [] : [{ about: overBatch, message: fillsBatch(batch) }]),
        ...(filled.length === 0 ? [] : [{ about: overModality, message: fillsModalities(filled) }]),
      ];
    },
  },
});

export const pairing = term({
  symbol: 'L_pair',
  short: 'pair',
  weight: weight(0, 'of L_pair, the agreement of the common features of one sample'),
  parts: [],
  settings: {
    pairing: z
      .strictObject({ temperature: z.number().positive().default(0.1).describe('τ of the pairing term') })
      .prefault({}),
  },
  build: ({ pooledCommon, present, rows }, settings) => {
    const loss = pairingLoss(pooledCommon, { ...settings.pairing, present, rows });
    const [batch, { dtype }] = [pooledCommon[0]!.shape[0]!, loss];
    return { loss, diagnostics: batch === 1 ? { [lone]: constant([batch], [], dtype) } : {} };
  },
  warnings: {
    step: (diagnostics) => (Object.hasOwn(diagnostics, lone) ? [{ about: lone, message: isLone }] : []),
  },
});

export const reconstruction = term({
  symbol: 'L_rec',
  short: 'rec',
  weight: weight(0, 'of L_rec, the reconstruction of each modality from its parts'),
  parts: [],
  settings: {
    reconstruction: z
      .strictObject({
        crossed: z.boolean().default(false).describe('also with the common features of the other modalities'),
      })
      .prefault({}),
  },
  build: ({ features, rebuilt, present }, settings) => ({
    loss: reconstructionLoss(features, rebuilt, { ...settings.reconstruction, present }),
  }),
});

/** The name of a diagnostic that is there where L_pair has no sample to tell another from. */
const lone = 'loneSample';

const isLone =
  'In a batch of one sample there is no other to tell it from: L_pair is 0 and does nothing there. Make train.batchSize larger, ' +
  'or set train.lastBatch=fill where only the last batch of an epoch is such a one.';

/** Names of diagnostics that are there where L_ind sees nothing; the second stands before the name of a modality. */
const overBatch = 'latentsOverBatch';
const overModality = 'latentsOverModality.';

/** Widths at which independence means nothing, by what they reach: numbers that are known before training. */
function blindness({ modalities, features, pooledUnique, pooledCommon }: TermInputs): Record<string, Tensor> {
  const [batch, unique] = pooledUnique[0]!.shape as [number, number];
  const common = pooledCommon[0]!.shape[1]!;
  const known = (value: number): Tensor => constant([value], [], features[0]!.dtype);
  const reached = modalities.flatMap((m, i): [string, Tensor][] => {
    const width = features[i]!.shape[1]!;
    return Math.max(unique, common) >= width ? [[`${overModality}${m}`, known(width)]] : [];
  });
  const full: [string, Tensor][] = unique + common >= batch ? [[overBatch, known(batch)]] : [];
  return Object.fromEntries([...full, ...reached]);
}

const fillsBatch = (batch: number): string =>
  `model.uniqueWidth and model.commonWidth together reach the ${batch} samples of a batch, of which nothing can be told to be ` +
  'independent then. Make them narrower, or train.batchSize larger.';

/** One line for all: they are remedied together, by the narrowest that may have a narrower latent. */
function fillsModalities(filled: readonly { readonly modality: string; readonly width: number }[]): string {
  const named = filled.map(
    ({ modality, width }) => `"${modality}" with ${width} ${width === 1 ? 'feature' : 'features'}`,
  );
  const widths = filled.flatMap(({ width }) => (width > 1 ? [width] : []));
  const remedy =
    widths.length > 0
      ? `Set model.uniqueWidth and model.commonWidth below ${Math.min(...widths)}.`
      : 'No latent is narrower than a single feature.';
  return (
    `A latent is as wide as ${named.join(' and ')}, or wider: nothing needs to be left out of it, so unique and common features ` +
    `may each hold all that there is. ${remedy}`
  );
}
