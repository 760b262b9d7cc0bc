/** Tables of new samples, whose columns are called as those of the training were, with the modalities that a model takes. */
import { basename } from 'node:path';
import { NdArray } from '../../formats/bytes/array.ts';
import { quoted } from '../../files/error.ts';
import { encoded } from '../columns/encode.ts';
import { type ColumnEncoding, columnOf } from '../columns/numbers.ts';
import { listed } from '../columns/names.ts';
import type { ColumnEncodings, ModalitySources } from '../dataset.ts';
import {
  absentKey,
  type Columns,
  emptyKey,
  lengthKey,
  rowCount,
  splitTable,
  type SplitTable,
  texts,
  unevenKey,
} from './table.ts';

/** What a run keeps of where its modalities were found. */
export interface TrainedPlaces {
  readonly columns?: ColumnEncodings | undefined;
  readonly sources?: ModalitySources | undefined;
}

/**
 * The table with each modality that it has not by its own name: from the array that was called so in training, or from
 * the columns that were put side by side. Of a modality it may lack all columns, which makes it absent, or some, which are
 * missing numbers then; `note` is told of these.
 */
export function asTrained(
  table: SplitTable,
  { columns: encodings = {}, sources = {}, isDescribed = false }: TrainedPlaces & { readonly isDescribed?: boolean },
  note: (text: string) => void,
): SplitTable {
  const { file, split, columns } = table;
  const made = new Map<string, unknown>();
  const isElsewhere = elsewhere(file, { columns: encodings, sources });
  const isOtherColumn = otherColumn(table, { sources, isDescribed });
  const hidden = new Set<string>();
  for (const [name, { key = name, lengths = lengthKey(key) }] of Object.entries(sources)) {
    if (name in encodings || isElsewhere(name)) continue;
    const isMeant = isOtherColumn(name) && columns.has(key);
    if ((isMeant || !columns.has(name)) && columns.has(key)) made.set(name, columns.get(key));
    const own = columns.get(lengths) ?? columns.get(lengthKey(key));
    if (own !== undefined && (isMeant || !columns.has(lengthKey(name)))) made.set(lengthKey(name), own);
    else if (isMeant) hidden.add(lengthKey(name));
    for (const keyOf of [absentKey, emptyKey, unevenKey])
      if (columns.has(keyOf(key)) && (isMeant || !columns.has(keyOf(name))))
        made.set(keyOf(name), columns.get(keyOf(key)));
      else if (isMeant) hidden.add(keyOf(name));
  }
  const written = (sources['text']?.texts ?? []).flatMap((name) => {
    const own = texts(columns.get(name));
    return own ? [own] : [];
  });
  if (written.length > 0 && !columns.has('raw_text'))
    made.set(
      'raw_text',
      written[0]!.map((_, n) =>
        written
          .map((own) => own[n] ?? '')
          .join(' ')
          .trim(),
      ),
    );
  for (const [name, own] of Object.entries(encodings)) {
    // A column of numbers may be called as the modality that it is a part of.
    if (isWide(table, name) || isElsewhere(name)) continue;
    const lacking = own.filter((each) => !columns.has(columnOf(each)));
    if (lacking.length === own.length) continue;
    if (lacking.length > 0)
      note(
        `has no ${listed(lacking.map(columnOf), 3)} of ${quoted(name)}: taken as missing; rename the column if it has another name.`,
      );
    const whole = withNothing(columns, lacking);
    made.set(name, encoded(whole, own, { file, ids: texts(columns.get('id')) }));
  }
  const kept = [...columns].filter(([name]) => !hidden.has(name));
  return made.size === 0 ? table : splitTable(file, split, new Map([...kept, ...made]));
}

/**
 * Whether a modality is not meant by the columns of a file that is called as another one of the training: where two files
 * had columns of the same names, each has its own.
 */
function elsewhere(file: string, { columns = {}, sources = {} }: TrainedPlaces): (modality: string) => boolean {
  const isHere = (name: string): boolean => basename(sources[name]?.file ?? '') === basename(file);
  const namesOf = (name: string): readonly string[] => columns[name]?.map(columnOf) ?? [sources[name]?.key ?? name];
  const known = new Set(Object.keys(sources).filter(isHere).flatMap(namesOf));
  return (name) => known.size > 0 && !isHere(name) && namesOf(name).every((each) => known.has(each));
}

/**
 * Whether a column that is called as a modality is another one: the array of the modality is called otherwise, as in
 * training. Not where a description names the modalities, nor where that array is one of another modality, too.
 */
function otherColumn(
  { columns }: SplitTable,
  { sources, isDescribed }: { readonly sources: ModalitySources; readonly isDescribed: boolean },
): (modality: string) => boolean {
  const keyOf = (name: string): string => sources[name]?.key ?? name;
  const isUsed = (key: string): boolean =>
    key in sources || Object.keys(sources).filter((name) => keyOf(name) === key).length > 1;
  return (name) => !isDescribed && columns.has(name) && keyOf(name) !== name && !isUsed(keyOf(name));
}

const isWide = ({ numbers }: SplitTable, name: string): boolean => (numbers.get(name)?.shape.length ?? 0) > 1;

/** The columns with those that are lacking, in which every value is missing. */
function withNothing(columns: Columns, lacking: readonly ColumnEncoding[]): Columns {
  if (lacking.length === 0) return columns;
  const rows = Math.max(...[...columns.values()].map((column) => rowCount(column) ?? 0));
  const nothing = new NdArray([rows], 'float64', new Float64Array(rows).fill(Number.NaN));
  return new Map([...columns, ...lacking.map((each) => [columnOf(each), nothing] as const)]);
}
