/** Settings that may differ by modality. */
import * as z from 'zod';

/** One value for all modalities, or one by name, where `other` stands for those not named. */
export const perModality = <T extends z.ZodType>(value: T) => z.union([value, z.record(z.string(), value)]);

/** What a setting `model.KEY` is for a modality. */
export function valueFor<T extends number>(setting: T | Readonly<Record<string, T>>, modality: string, key: string): T {
  if (typeof setting === 'number') return setting;
  const found = setting[modality] ?? setting['other'];
  if (found === undefined)
    throw new RangeError(
      `model.${key} names ${Object.keys(setting).join(', ')} but not the modality "${modality}"; add it, or "other".`,
    );
  return found;
}
