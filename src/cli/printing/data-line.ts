import { listed } from '../../data/columns/names.ts';
import type { Dataset, LengthSource, Modality } from '../../data/dataset.ts';

/** The source of a modality's lengths in words, after a comma; empty where it goes without saying. */
function lengthText(source: LengthSource): string {
  switch (source.kind) {
    case 'key':
      return `, lengths from ${source.key}`;
    case 'modality':
      return `, lengths of ${source.modality}`;
    case 'trailing-zeros':
      return ', lengths from trailing zero rows';
    case 'single-step':
    case 'given':
      return '';
  }
}

function modalityText({ name, time, width, lengthSource, cleaned }: Modality): string {
  const mended = cleaned > 0 ? `, ${cleaned.toLocaleString('en')} values that were not finite set to 0` : '';
  return `${name} [${time}, ${width}]${lengthText(lengthSource)}${mended}`;
}

/** A dataset in one line: samples per split, and `[T, D]` and the source of the lengths of each modality. */
export function dataLine({ name, splits, modalities }: Dataset): string {
  const counts = Object.values(splits).map((samples) => samples.ids.length);
  return `${name}: ${counts.join('/')} samples; ${modalities.map(modalityText).join('; ')}`;
}

/** Of a dataset a line each: how its samples came together, and what lay beside them and is not read. */
export function dataNotes({ notes = [], ignored = [] }: Dataset): readonly string[] {
  return [...notes, ...(ignored.length > 0 ? [`Not read: ${listed(ignored)}.`] : [])];
}
