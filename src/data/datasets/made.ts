/** Datasets that are made and not read: each has a name, which is given in the place of a path. */
import type { Dataset } from '../dataset.ts';
import type { TableOptions } from '../tables/dataset.ts';
import { digits, type DigitsOptions } from './digits.ts';
import { selectModalities } from './select.ts';
import { synthetic, type SyntheticOptions } from './synthetic.ts';

export const madeNames = ['synthetic', 'digits'] as const;
export type MadeName = (typeof madeNames)[number];

/** Options of the datasets that are made, of which each is used where that dataset is the source. */
export interface MadeOptions {
  readonly synthetic?: SyntheticOptions;
  readonly digits?: DigitsOptions;
}

/** Whether a source is made; a file or folder of the same name is given as `./synthetic`. */
export const isMade = (source: string): source is MadeName => madeNames.some((name) => name === source);

/** A line for each made dataset whose options are given and which none of the sources is: the options are not used. */
export const unusedNotes = (
  options: Readonly<Partial<Record<MadeName, unknown>>>,
  sources: readonly string[],
): string[] =>
  madeNames.flatMap((name) =>
    options[name] === undefined || sources.includes(name)
      ? []
      : [`data.${name} is for the dataset "${name}" alone: it is not used.`],
  );

/**
 * Throws a RangeError for modalities, a task or a column of groups that the dataset does not have, and an Error where a
 * package that it is made from is missing.
 */
export async function madeDataset(
  name: MadeName,
  { task, group, modalities, ifAny = false }: TableOptions,
  options: MadeOptions,
): Promise<Dataset> {
  if (group !== undefined) throw new RangeError(`The dataset "${name}" has no columns to group by.`);
  if (name === 'digits' && task !== undefined && task !== 'classification')
    throw new RangeError(`The dataset "digits" has one of ten classes for each sample, and no labels for ${task}.`);
  const dataset =
    name === 'digits' ? await digits(options.digits) : synthetic({ ...options.synthetic, ...(task && { task }) });
  return modalities === undefined ? dataset : selectModalities(dataset, modalities, { ifAny });
}
