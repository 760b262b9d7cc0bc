import { listed } from '../../data/columns/names.ts';
import type { Dataset, LengthSource, Modality } from '../../data/dataset.ts';
import { isNamedOtherwise } from '../../data/tables/modalities.ts';

/** The source of a modality's lengths in words, after a comma; empty where it goes without saying. */
function lengthText(source: LengthSource): string {
  switch (source.kind) {
    case 'key':
      return `, lengths from ${source.key}`;
    case 'modality':
      return `, lengths of ${source.modality}`;
    case 'trailing-zeros':
      return ', lengths from trailing zero rows';
    case 'leading-zeros':
      return ', lengths from leading zero rows';
    case 'single-step':
    case 'given':
      return '';
  }
}

function modalityText({ name, time, width, lengthSource, cleaned }: Modality, splits: Dataset['splits']): string {
  const counted = (n: number, what: string): string => `${n.toLocaleString('en')} ${what}${n === 1 ? '' : 's'}`;
  const missing = cleaned > 0 ? `, ${counted(cleaned, 'missing number')}` : '';
  const absences = Object.values(splits).flatMap(({ lengths }) => [...lengths[name]!].filter((length) => length === 0));
  const absent = absences.length > 0 ? `, absent from ${counted(absences.length, 'sample')}` : '';
  return `${name} [${time}, ${width}]${lengthText(lengthSource)}${missing}${absent}`;
}

/**
 * A dataset in one line: samples per split, and of each modality `[T, D]`, the source of the lengths, how many numbers are
 * missing and how many samples lack it.
 */
export function dataLine({ name, splits, modalities }: Dataset): string {
  const counts = Object.values(splits).map((samples) => samples.ids.length);
  return `${name}: ${counts.join('/')} samples; ${modalities.map((modality) => modalityText(modality, splits)).join('; ')}`;
}

/** A line on the columns that are not read and may hold features; none where there are no such columns. */
export function notRead({ ignored = [] }: Dataset): readonly string[] {
  const features = ignored.filter((name) => !isNamedOtherwise(name));
  return features.length > 0 ? [`Not read: ${listed(features)}.`] : [];
}
