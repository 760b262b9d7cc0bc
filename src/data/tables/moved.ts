/** The sentence on padding that was moved from the front of sequences to their end. */
import { quoted } from '../../files/error.ts';
import type { Modality } from '../dataset.ts';
import { lengthColumn } from './modalities.ts';

/** Undefined where none of the `count` samples of a modality was moved. */
export function movedText(modality: Modality, count: number): string | undefined {
  const { name, moved = 0 } = modality;
  if (moved === 0) return undefined;
  const key = lengthColumn(modality);
  const by = key === undefined ? 'steps of zeros stand in front of' : 'by the lengths given, padding stood in front of';
  const undo =
    key === undefined
      ? 'taken for padding and moved to the end; data.padding=end takes them for time steps'
      : 'moved to the end';
  return `${quoted(name)}: ${by} ${moved} of ${count} samples: ${undo}.`;
}
