/** Which columns of a dataset's tables are modalities, of which shape, and where their true lengths come from. */
import { FormatError, quoted } from '../../files/error.ts';
import type { LengthSource, Modality } from '../dataset.ts';
import { NdArray } from '../../formats/bytes/array.ts';
import { isMissing } from '../../formats/delimited/cells.ts';
import { isNothing } from './splits.ts';
import { lengthKey, numeric, type NumericArray, type SplitTable, texts } from './table.ts';
import { tokenCountKey } from './tokens.ts';

// Labels (whole or per modality) come with many names; taking one for a feature would leak it.
const otherNames =
  /label|target|annotation|length|^(id|ids|index|text_bert|raw_text|video|video_id|segment|sentiment|emotions?|masks?)$/i;
/** Whether the name of a column says that it holds no features, but labels, ids, lengths or texts. */
export const isNamedOtherwise = (name: string): boolean => otherNames.test(name);
const usualOrder = ['text', 'audio', 'vision'];

export interface ModalityOptions {
  /** Default: every numeric column `[N, T, D]` or `[N, D]` whose name is not that of something else, such as `labels`. */
  readonly names: readonly string[] | undefined;
  /** Leaves out those of `names` that a split lacks, unless that is all of them. */
  readonly ifAny: boolean;
  /** Whether a person said that they are modalities, so that any name is one. */
  readonly described: boolean;
  /** Whether `text` holds tokens, whose number is its length. */
  readonly tokens: boolean;
}

/** The modalities, each of which is in every split, once, and equally wide; T is that of the longest split. */
export function modalitiesOf(
  tables: readonly SplitTable[],
  { names: asked, ifAny, described, tokens }: ModalityOptions,
): Modality[] {
  if (!asked)
    for (const table of tables)
      for (const name of table.columns.keys()) if (!isNamedOtherwise(name)) checkWidths(table, name, ifAny);
  const found = featureNames(tables);
  // A column that holds something is not passed over as if samples lacked the modality.
  for (const name of (ifAny && asked) || [])
    for (const table of tables) {
      checkObjects(name, table);
      if (isFeature(table.numbers.get(name))) continue;
      if (holdsNumbers(table, name)) checkShapes(name, [table], ifAny);
      checkTexts(name, table);
    }
  // Lists that are all empty, too, are of samples that lack the modality.
  const isHeld = (array: NumericArray | undefined): boolean => isFeature(array) && !array!.shape.slice(1).includes(0);
  const held = asked?.filter((name) => tables.every(({ numbers }) => isHeld(numbers.get(name))));
  const names = (ifAny && held?.length ? held : asked) ?? found;
  checkNames(names, tables, { available: described ? names.filter((name) => isColumn(tables, name)) : found, ifAny });
  return names.map((name): Modality => {
    const width = shapeIn(tables[0]!, name)[2];
    const time = Math.max(...tables.map((table) => timeSteps(table, name)));
    if (tokens && name === 'text')
      return { name, time, width, lengthSource: { kind: 'key', key: tokenCountKey }, cleaned: 0, tokens: true };
    return { name, time, width, lengthSource: lengthSource(name, tables), cleaned: 0 };
  });
}

/** Text, audio, vision, then in the order of the file. */
function featureNames(tables: readonly SplitTable[]): string[] {
  const names = tables.flatMap(({ numbers }) =>
    [...numbers].flatMap(([key, array]) => (!isNamedOtherwise(key) && isFeature(array) ? [key] : [])),
  );
  const rank = (name: string): number => (usualOrder.indexOf(name) + usualOrder.length + 1) % (usualOrder.length + 1);
  return [...new Set(names)].sort((a, b) => rank(a) - rank(b));
}

export const isFeature = (array: NumericArray | undefined): boolean =>
  array?.shape.length === 2 || array?.shape.length === 3;

/** Whether a column has a number, or a list that is not empty, in any row. */
function holdsNumbers({ columns, numbers }: SplitTable, name: string): boolean {
  const array = numbers.get(name);
  if (array) return Array.from(array.data as ArrayLike<number | bigint>).some((value) => !Number.isNaN(Number(value)));
  const column = columns.get(name);
  const items = column instanceof NdArray ? column.data : column;
  return Array.isArray(items) && items.some((item) => numeric(item) !== undefined);
}

/** Throws a `FormatError` for a column of texts in the place of a modality: it would be passed over as if samples lacked it. */
function checkTexts(name: string, { file, columns, numbers }: SplitTable): void {
  const column = columns.get(name);
  const items = column instanceof NdArray ? column.data : column;
  if (numbers.has(name) || !Array.isArray(items)) return;
  const isText = (item: unknown): boolean => typeof item === 'string' && item.trim() !== '';
  // Where one row of a table of text holds something else, the lists of all others are texts, too.
  const odd = items.findIndex((item) => isText(item) && !isListOfNumbers(item as string));
  const row = odd < 0 ? items.findIndex(isText) : odd;
  if (row >= 0) throw noList(name, row, { file, columns });
}

/** Throws a `FormatError` for an object in the place of a modality, whose fields are columns of their own. */
function checkObjects(name: string, { file, columns }: SplitTable): void {
  const fields = [...columns].flatMap(([key, column]) => (key.startsWith(`${name}/`) ? [texts(column) ?? []] : []));
  const rows = fields.map((items) => items.findIndex((item) => !isMissing(item))).filter((row) => row >= 0);
  if (rows.length > 0) throw noList(name, Math.min(...rows), { file, columns });
}

function noList(name: string, row: number, { file, columns }: Pick<SplitTable, 'file' | 'columns'>): FormatError {
  const id = texts(columns.get('id'))?.[row];
  return new FormatError(
    file,
    `row ${row}${id === undefined ? '' : ` (${quoted(id)})`}: ${quoted(name)} is no list of numbers; ` +
      'correct it, or give null where a sample lacks the modality.',
  );
}

function isListOfNumbers(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return isNothing(value) || (Array.isArray(value) && numeric(value, 1) !== undefined);
  } catch {
    return false;
  }
}

const isColumn = (tables: readonly SplitTable[], name: string): boolean =>
  tables.some(({ columns }) => columns.has(name));

function checkNames(
  names: readonly string[],
  tables: readonly SplitTable[],
  { available, ifAny }: { readonly available: readonly string[]; readonly ifAny: boolean },
): void {
  const { file } = tables[0]!;
  if (available.length === 0)
    throw new FormatError(
      file,
      'holds no features: no numeric array [N, T, D] or [N, D] in any split; ' +
        'say which columns are features in a dataset.yaml (decalign init-data).',
    );
  if (names.length === 0 || new Set(names).size !== names.length)
    throw new FormatError(file, `cannot be read as modalities [${names.join(', ')}]; name one or more, each once.`);
  for (const name of names) {
    if (!available.includes(name) && (isNamedOtherwise(name) || !isColumn(tables, name)))
      throw new FormatError(file, `has no modality ${quoted(name)}; it has ${available.map(quoted).join(', ')}.`);
    checkShapes(name, tables, ifAny);
  }
}

/** Throws a `FormatError` for a list of arrays of numbers that are not equally wide, which are no modality as they are. */
function checkWidths({ file, split, columns, numbers }: SplitTable, name: string, ifAny: boolean): void {
  const column = columns.get(name);
  const items = column instanceof NdArray && column.dtype === 'object' ? column.data : column;
  const isArray = (item: unknown): boolean => item instanceof NdArray || Array.isArray(item);
  const isNothing = (item: unknown): boolean => item === null || item === undefined || item === '';
  if (numbers.has(name) || !Array.isArray(items) || !items.some(isArray)) return;
  if (!items.every((item) => isArray(item) || isNothing(item))) return;
  const shapes = items.map((item) => numeric(item)?.shape);
  const first = shapes.findIndex((shape) => shape !== undefined && shape[0] !== 0);
  const width = (shape: readonly number[] | undefined): number | undefined =>
    shape && (shape.length === 2 ? shape[1]! : 1);
  const other = shapes.findIndex(
    (shape) =>
      shape && shape[0] !== 0 && (width(shape) !== width(shapes[first]) || shape.length !== shapes[first]?.length),
  );
  if (first < 0 || other < 0) return;
  const ids = texts(columns.get('id'));
  const sample = (row: number): string => `row ${row}${ids?.[row] === undefined ? '' : ` (${quoted(ids[row])})`}`;
  throw new FormatError(
    file,
    `split "${split}": ${quoted(name)} is ${width(shapes[first])} wide in ${sample(first)} and ${width(shapes[other])} in ${sample(other)}; ` +
      `extract it alike for all samples, or leave it out ${ifAny ? 'of the file: a model predicts without it' : 'by --modalities'}.`,
  );
}

function checkShapes(name: string, tables: readonly SplitTable[], ifAny: boolean): void {
  for (const table of tables) checkWidths(table, name, ifAny);
  for (const { file, split, columns, numbers } of tables) {
    const array = numbers.get(name);
    const isThere = columns.has(name);
    // A split that has no samples at all is told as such.
    const isEmpty = isThere && holdsNoRows(columns.get(name)) && !holdsNoRows(columns.get('id') ?? []);
    if (isEmpty)
      throw new FormatError(
        file,
        `split "${split}" holds nothing as ${quoted(name)}; give null for each sample that lacks the modality, ` +
          `or leave it out ${ifAny ? 'of the file: a model predicts without it' : 'by --modalities'}.`,
      );
    if (!isFeature(array))
      throw new FormatError(
        file,
        isThere
          ? `split "${split}": ${quoted(name)} is no numeric array [N, T, D]; pad its rows to one length.`
          : `split "${split}" has no modality ${quoted(name)}; add it, or choose modalities that every split has.`,
      );
    if (array?.shape[0] === 0) throw new FormatError(file, `split "${split}" is empty; it needs at least one sample.`);
  }
  const [first, ...others] = tables as readonly [SplitTable, ...SplitTable[]];
  const width = shapeIn(first, name)[2];
  for (const table of others) {
    const other = shapeIn(table, name)[2];
    if (other !== width)
      throw new FormatError(
        table.file,
        `modality ${quoted(name)} is ${width} wide in split "${first.split}" and ${other} in "${table.split}"; ` +
          'extract it alike for all splits.',
      );
  }
  if (width === 0) throw new FormatError(first.file, `modality ${quoted(name)} is 0 wide; it holds no features.`);
}

/** Whether a column is null, or a list or array without a row. */
const holdsNoRows = (column: unknown): boolean =>
  column === null ||
  (Array.isArray(column) && column.length === 0) ||
  (column instanceof NdArray && column.shape[0] === 0);

/** `[N, T, D]` of a modality; a vector per sample is one time step. */
export const featureShape = ({ shape }: NumericArray): readonly [number, number, number] =>
  shape.length === 2 ? [shape[0]!, 1, shape[1]!] : [shape[0]!, shape[1]!, shape[2]!];

const shapeIn = ({ numbers }: SplitTable, name: string): readonly [number, number, number] =>
  featureShape(numbers.get(name)!);

/** Time steps of a column; 0 where it is no feature of the split. */
const timeSteps = (table: SplitTable, name: string): number =>
  isFeature(table.numbers.get(name)) ? shapeIn(table, name)[1] : 0;

/**
 * Where the true lengths of `modality` come from, for all splits alike: its own lengths, those of another modality with
 * as many time steps, or the zero rows at the end.
 */
function lengthSource(modality: string, tables: readonly SplitTable[]): LengthSource {
  if (tables.every((table) => timeSteps(table, modality) === 1)) return { kind: 'single-step' };
  const given = (name: string): boolean => tables.every(({ columns }) => columns.has(lengthKey(name)));
  if (given(modality)) return { kind: 'key', key: lengthKey(modality) };
  const aligned = [...tables[0]!.columns.keys()].find(
    (other) => given(other) && tables.every((table) => timeSteps(table, other) === timeSteps(table, modality)),
  );
  return aligned === undefined ? { kind: 'trailing-zeros' } : { kind: 'modality', modality: aligned };
}

/** The column that the true lengths of a modality are read from, where there is one. */
export const lengthColumn = ({ lengthSource: source }: Modality): string | undefined =>
  source.kind === 'key' ? source.key : source.kind === 'modality' ? lengthKey(source.modality) : undefined;
