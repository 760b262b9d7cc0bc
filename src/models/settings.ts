/** Kinds of settings that several models have, and checks of the modalities that they are for. */
import * as z from 'zod';

/** A probability of dropout, or a share. */
export const rate = z.number().min(0).lt(1);

/** Schemas of values by modality: the second choice of each `perModality`. */
const byModality = new WeakSet<z.ZodType>();

/** One value for all modalities, or one by name, where `other` stands for those not named. */
export function perModality<T extends z.ZodType>(value: T) {
  const named = z.record(z.string(), value);
  byModality.add(named);
  return z.union([value, named]);
}

/** Whether a schema is one that `perModality` made. */
export const isPerModality = (schema: z.ZodType): boolean =>
  schema instanceof z.ZodUnion && schema.options.some((each) => byModality.has(each as z.ZodType));

/** The value of the setting `model.KEY` for a modality; a RangeError where it names others, and no `other`. */
export function valueFor<T extends number>(setting: T | Readonly<Record<string, T>>, modality: string, key: string): T {
  if (typeof setting === 'number') return setting;
  const found = setting[modality] ?? setting['other'];
  if (found === undefined)
    throw new RangeError(
      `model.${key} names ${Object.keys(setting).join(', ')} but not the modality "${modality}"; add it, or "other".`,
    );
  return found;
}

/** The modality that is treated as text: the one of that name, else the first. */
export const textOf = (names: readonly string[]): string => (names.includes('text') ? 'text' : names[0]!);

/** Two modalities or more, and a width that the heads divide, for a model that has heads. */
export function checkModalities(
  model: string,
  names: readonly string[],
  attention?: { readonly width: number; readonly heads: number },
): void {
  if (names.length < 2)
    throw new RangeError(`${model} needs at least two modalities, got ${names.join(', ') || 'none'}.`);
  if (attention && attention.width % attention.heads !== 0)
    throw new RangeError(`model.heads (=${attention.heads}) must divide model.width (=${attention.width}).`);
}
