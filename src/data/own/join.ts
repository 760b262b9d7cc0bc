/** Files of one dataset joined by the ids of samples, or by rows where none of them has ids. */
import { FormatError, quoted } from '../../files/error.ts';
import { listed } from '../columns/names.ts';

/** What one file holds of the samples, a row each. */
export interface Piece {
  /** As the description calls it. */
  readonly name: string;
  /** Its path, which errors name. */
  readonly file: string;
  /** The file as the description names it. */
  readonly shown: string;
  readonly rows: number;
  /** Of each row, where the file has ids. */
  readonly ids: readonly string[] | undefined;
  /** Whether a sample is one that some modality has; labels, groups and splits belong to samples that there are. */
  readonly isModality: boolean;
  /** Whether the file is of this split alone, so that all of its samples are of it. */
  readonly isOfSplit: boolean;
}

export interface Joined {
  readonly count: number;
  /** Of each sample, where some file has ids. */
  readonly ids: readonly string[] | undefined;
  /** Of each piece, by its name, the row of each sample; -1 for one that it lacks. */
  readonly rows: ReadonlyMap<string, readonly number[]>;
  /** Of what did not match, a line each. */
  readonly notes: readonly string[];
}

/**
 * Samples in the order of the file that `anchor` names, else of the first with ids, and then those that others add. An
 * array without ids is of the rows of that file. Throws a `FormatError` for ids that are missing or doubled where files are
 * joined by them, and for rows that do not match where they are not.
 */
export function join(
  pieces: readonly Piece[],
  { anchor, file }: { readonly anchor?: string; readonly file: string },
): Joined {
  const withIds = pieces.filter(({ ids }) => ids !== undefined);
  const first = withIds.find((piece) => piece.file === anchor) ?? withIds[0];
  checkRows(
    pieces.filter((piece) => piece === first || !piece.ids),
    file,
  );
  const without = [...new Set(pieces.flatMap((piece) => (piece.ids ? [] : [piece.shown])))];
  if (!first) {
    const { rows } = pieces[0]!;
    const notes =
      without.length > 1 ? [`${shown(without)} have no ids: row n of one goes with row n of the others.`] : [];
    return { count: rows, ids: undefined, rows: new Map(pieces.map(({ name }) => [name, upTo(rows)])), notes };
  }
  const byRow = without.filter((each) => each !== first.shown);
  const notes =
    byRow.length > 0
      ? [`${shown(byRow)} ${byRow.length > 1 ? 'have' : 'has'} no ids: row n goes with row n of ${first.shown}.`]
      : [];
  // Where one file alone has ids, nothing is joined by them.
  if (
    withIds.every(
      (piece) => piece.file === first.file && piece.ids!.length === first.rows && same(piece.ids!, first.ids!),
    )
  )
    return {
      count: first.rows,
      ids: first.ids,
      rows: new Map(pieces.map(({ name }) => [name, upTo(first.rows)])),
      notes,
    };
  return byIds(pieces, first, notes);
}

function byIds(pieces: readonly Piece[], first: Piece, said: readonly string[]): Joined {
  const places = new Map<readonly string[], ReadonlyMap<string, number>>();
  const placesIn = (piece: Piece): ReadonlyMap<string, number> => {
    const ids = piece.ids ?? first.ids!;
    const known = places.get(ids) ?? placesOf(ids, piece.ids ? piece.file : first.file);
    places.set(ids, known);
    return known;
  };
  const modalities = pieces.filter(({ isModality }) => isModality);
  const own = modalities.some(({ isOfSplit }) => isOfSplit)
    ? modalities.filter(({ isOfSplit }) => isOfSplit)
    : modalities;
  checkShared(pieces.filter((piece) => piece.ids));
  const inSome = new Set(own.flatMap((piece) => [...placesIn(piece).keys()]));
  const ids = [...new Set([...placesIn(first).keys(), ...inSome])].filter((id) => inSome.has(id));
  const rows = new Map(
    pieces.map((piece) => {
      const known = placesIn(piece);
      return [piece.name, ids.map((id) => known.get(id) ?? -1)] as const;
    }),
  );
  const notes = [...said];
  for (const [file, names] of namesByFile(modalities)) {
    const lacking = ids.filter((_, n) => rows.get(names[0]!)![n]! < 0);
    if (lacking.length > 0)
      notes.push(
        `${file} lacks ${lacking.length} of ${ids.length} samples (${few(lacking)}): they are kept without ${names.join(', ')}.`,
      );
  }
  const others = pieces.filter((piece) => !piece.isModality && (piece.isOfSplit || own.length === modalities.length));
  for (const [file, [name]] of namesByFile(others)) {
    const foreign = [...placesIn(others.find((piece) => piece.name === name)!).keys()].filter((id) => !inSome.has(id));
    if (foreign.length > 0)
      notes.push(`${file} has ${foreign.length} ids (${few(foreign)}) of which no modality has anything: left out.`);
  }
  return { count: ids.length, ids, rows, notes };
}

/**
 * Throws a `FormatError` for a modality none of whose ids another file has: each of its samples would lack all the rest.
 */
function checkShared(pieces: readonly Piece[]): void {
  for (const { isModality, file, ids } of pieces) {
    const others = pieces.filter((piece) => piece.file !== file);
    const first = others.find((piece) => piece.isModality);
    const known = new Set(others.flatMap((piece) => piece.ids!));
    if (!isModality || !first || ids!.some((id) => known.has(id))) continue;
    const other = first.shown;
    const alike = new Map(first.ids!.map((id) => [spelling(id), id]));
    const near = ids!.find((id) => alike.has(spelling(id)));
    throw new FormatError(
      file,
      near === undefined
        ? `has no id that ${other} has: it has ${few(ids!)}, and ${other} ${few(first.ids!)}; write them alike.`
        : `has no id that ${other} has, though ${quoted(near)} may be the ${quoted(alike.get(spelling(near))!)} of ${other}; write them alike.`,
    );
  }
}

/** An id without what exports change: upper case, zeros before a number, and .0 after it, the ending of a file. */
const spelling = (id: string): string =>
  id
    .toLowerCase()
    .replace(/\.\w{1,5}$/, '')
    .replaceAll(/(?<!\d)0+(?=\d)/g, '');

/** The row of each id. */
function placesOf(ids: readonly string[], file: string): ReadonlyMap<string, number> {
  const places = new Map<string, number>();
  for (const [row, id] of ids.entries()) {
    if (id === '')
      throw new FormatError(
        file,
        `row ${row} has no id, and files are joined by ids; give it one, or leave the row out.`,
      );
    const other = places.get(id);
    if (other !== undefined)
      throw new FormatError(
        file,
        `has the id ${quoted(id)} twice, in rows ${other} and ${row}, and files are joined by ids; keep one of them.`,
      );
    places.set(id, row);
  }
  return places;
}

function checkRows(pieces: readonly Piece[], file: string): void {
  const [first] = pieces;
  const other = pieces.find(({ rows }) => rows !== first!.rows);
  if (other)
    throw new FormatError(
      file,
      `${quoted(first!.name)} has ${first!.rows} rows and ${quoted(other.name)} ${other.rows}; they must match, or both have ids.`,
    );
}

function namesByFile(pieces: readonly Piece[]): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, string[]>();
  for (const { shown: file, name } of pieces) names.set(file, [...(names.get(file) ?? []), name]);
  return names;
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

const same = (a: readonly string[], b: readonly string[]): boolean => a === b || a.every((id, n) => id === b[n]);

const few = (ids: readonly string[]): string => listed(ids, 3);

const shown = (files: readonly string[]): string =>
  files.length < 2 ? files.join('') : `${files.slice(0, -1).join(', ')} and ${files.at(-1)!}`;
