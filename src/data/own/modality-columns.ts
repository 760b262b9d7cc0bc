/** The arrays of modalities that are made of columns of tables, with what is learnt of these from the training split. */
import { toNumbers } from '../../formats/bytes/array.ts';
import { FormatError, quoted } from '../../files/error.ts';
import { encoded, encodingOf } from '../columns/encode.ts';
import type { ColumnEncoding } from '../columns/numbers.ts';
import type { ColumnEncodings } from '../dataset.ts';
import { type Columns, numeric, texts } from '../tables/table.ts';
import type { DividedPart } from './divide.ts';
import type { Part, PartModality } from './part.ts';

/** How the columns of each modality that has some become numbers: as a run learnt it, else by the training split. */
export function encodingsOf(
  parts: readonly DividedPart[],
  known: ColumnEncodings | undefined,
  file: string,
): ColumnEncodings {
  const made: Record<string, readonly ColumnEncoding[]> = {};
  for (const { name, types } of parts[0]!.part.modalities) {
    if (types === undefined) continue;
    if (!isTypes(types)) {
      made[name] = known![name]!;
      continue;
    }
    made[name] = [...types].flatMap(
      ([column, type]) => encodingOf(column, type, () => trainingValues(parts, name, column, file)) ?? [],
    );
  }
  return made;
}

const isTypes = (
  types: NonNullable<PartModality['types']>,
): types is Exclude<typeof types, readonly ColumnEncoding[]> => types instanceof Map;

/** The values of a column in the training samples that have the modality, as texts. */
function trainingValues(parts: readonly DividedPart[], name: string, column: string, file: string): readonly string[] {
  const training = parts.find(({ rows }) => rows.has('train'));
  if (!training)
    throw new FormatError(
      file,
      `the values of ${quoted(column)} are learnt from the training split, and there is none; list them under "types" as "category: [...]".`,
    );
  const modality = training.part.modalities.find((each) => each.name === name)!;
  const values = cellTexts(modality.columns.get(column));
  return training.rows.get('train')!.flatMap((n) => values[modality.rows[n]!] ?? []);
}

function cellTexts(column: unknown): readonly string[] {
  const array = numeric(column);
  return array
    ? toNumbers(array.data).map((value) => (Number.isNaN(value) ? '' : String(value)))
    : (texts(column) ?? []);
}

/** The array of a modality with its lengths, a row for each of its file; none where it is made of nothing but text. */
export function modalityColumns(
  { name, file, ids, columns, types }: PartModality,
  encodings: ColumnEncodings,
): Columns {
  if (types === undefined) return columns;
  const own = encodings[name]!;
  return own.length === 0 ? new Map() : new Map([[name, encoded(columns, own, { file, ids })]]);
}

/** The columns of free text with one text per sample: several are put together in the order of the description. */
export function rawText({
  modalities,
  count,
}: Part): { readonly columns: readonly string[]; readonly texts: readonly string[] } | undefined {
  const found = modalities.flatMap(({ columns, types, rows }) =>
    types === undefined || !isTypes(types)
      ? []
      : [...types].flatMap(([column, type]) =>
          type === 'text' ? [{ column, rows, texts: texts(columns.get(column)) ?? [] }] : [],
        ),
  );
  if (found.length === 0) return undefined;
  const together = Array.from({ length: count }, (_, n) =>
    found
      .map(({ rows, texts: own }) => own[rows[n]!] ?? '')
      .join(' ')
      .trim(),
  );
  return { columns: found.map(({ column }) => column), texts: together };
}
