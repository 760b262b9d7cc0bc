/** The error of numbers that stand where the lengths of a file say that there is padding. */
import { FormatError, quoted } from '../../files/error.ts';
import type { Modality } from '../dataset.ts';
import type { BeyondLengths } from './padding.ts';
import { idsOf, lengthKey, type SplitTable } from './table.ts';

/** What one split of a file holds beyond the lengths of a modality. */
export interface Beyond extends BeyondLengths {
  readonly table: SplitTable;
}

/** Of the splits of one file: how many samples and numbers there are, which sample is the first, and what to do. */
export function beyondLengths(
  { name, lengthSource: source }: Modality,
  splits: readonly [Beyond, ...Beyond[]] | readonly Beyond[],
): FormatError {
  const [{ table, first }] = splits as readonly [Beyond];
  const total = (of: 'samples' | 'values'): number => splits.reduce((sum, each) => sum + each[of], 0);
  const [samples, values] = [total('samples'), total('values')];
  const id = idsOf(table, first + 1)[first];
  const where = `split "${table.split}", row ${first}${id === undefined ? '' : ` (${quoted(id)})`}`;
  const held = `${count(samples, 'sample')} ${samples === 1 ? 'holds' : 'hold'} ${count(values, 'number')} other than zero`;
  const padding = 'data.padding=end takes them for padding';
  return new FormatError(
    table.file,
    source.kind === 'modality'
      ? `modality ${quoted(name)} has no lengths of its own and as many steps as ${quoted(source.modality)}, but ${held} beyond the lengths of that (first in ${where}); give its own, ${quoted(lengthKey(name))}; ${padding}.`
      : `modality ${quoted(name)}: ${held} beyond their lengths (first in ${where}); correct the lengths, or leave them out; ${padding}.`,
  );
}

const count = (n: number, what: string): string => `${n.toLocaleString('en')} ${what}${n === 1 ? '' : 's'}`;
