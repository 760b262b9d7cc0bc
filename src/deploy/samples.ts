/** Rows become samples: those of one text each by itself, those of several joined by their ids. */
import { quoted } from '../files/error.ts';
import { cellsInLine } from '../formats/delimited/json-line.ts';
import { kindByName, type TextKind } from '../formats/delimited/kinds.ts';
import { numbersIn, type ExportDescription } from './description.ts';
import type { PredictOptions } from './exported-model.ts';
import { noneOf } from './inputs.ts';
import { baseName, Preparing } from './preparing.ts';
import { rowsIn, type RowText } from './rows.ts';
import { SampleError, type PreparedSample, type Row } from './sample.ts';

/**
 * The samples in texts of rows, one after another. Of several texts, rows with the same id are one sample, in the order of the
 * first text and then of the others.
 *
 * Throws a SampleError for a row that is none or is not what the model takes, for ids that are missing or doubled where texts
 * are joined, and where no sample has any modality; a FormatError for what holds no rows.
 */
export async function* samplesOf(
  texts: readonly RowText[],
  description: ExportDescription,
  { warn = console.warn, ...options }: PredictOptions = {},
): AsyncGenerator<PreparedSample> {
  const preparing = new Preparing(description, options);
  // A number takes 24 characters and what is around it; some sequences are longer than the model takes.
  const most = longestLine + 64 * numbersIn(description.inputs);
  yield* texts.length === 1 ? single(texts[0]!, preparing, most) : joined(texts, preparing, most);
  if (!preparing.haveAny) throw noneOf(preparing.names, texts.map(({ name }) => name).join(', '));
  for (const line of preparing.warnings()) warn(line);
}

/** Characters of a line beside its numbers. */
const longestLine = 2 ** 22;

export interface TextOptions extends PredictOptions {
  /** What errors call the text; a name with an ending tells what it holds. Default: `text`. */
  readonly name?: string | undefined;
  /** Default: that of the name's ending, else JSON where the text begins as it, else CSV. */
  readonly kind?: TextKind | undefined;
}

/**
 * The samples in a text at hand, such as one that was pasted: JSON lines, CSV or TSV, or JSON of one object or a list of them.
 * Throws as `samplesOf` does.
 */
export async function samplesIn(
  text: string,
  description: ExportDescription,
  { name = 'text', kind, ...options }: TextOptions = {},
): Promise<readonly PreparedSample[]> {
  const isJson = /^\s*[[{]/.test(text);
  const rows = { name, kind: kind ?? kindByName(name) ?? (isJson ? 'JSON lines' : 'CSV') } as const;
  const pieces = [rows.kind === 'JSON lines' ? asLines(text) : text];
  const found: PreparedSample[] = [];
  for await (const sample of samplesOf([{ ...rows, pieces }], description, options)) found.push(sample);
  return found;
}

/** JSON of one object, or of a list of them, as lines; anything else as it is. */
function asLines(text: string): string {
  // No text of JSON holds the end of a line as it stands.
  if (cellsInLine(text)) return text.replaceAll(/[\r\n]+/g, ' ');
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) ? list.map((each) => JSON.stringify(each)).join('\n') : text;
  } catch {
    return text;
  }
}

async function* single(text: RowText, preparing: Preparing, most: number): AsyncGenerator<PreparedSample> {
  const placeOf = preparing.placesIn([{ name: baseName(text.name) }]);
  for await (const row of rowsIn(text, most)) yield preparing.sampleOfRows([row], placeOf);
}

async function* joined(texts: readonly RowText[], preparing: Preparing, most: number): AsyncGenerator<PreparedSample> {
  const byId = new Map<string, (Row | undefined)[]>();
  const files: { readonly name: string; readonly columns: ReadonlySet<string> }[] = [];
  for (const [n, text] of texts.entries()) {
    const columns = new Set<string>();
    for await (const row of rowsIn(text, most)) {
      for (const name of row.cells.keys()) columns.add(name);
      // Ids are joined without space around them.
      const id = preparing.idOf(row)?.trim();
      if (id === undefined || id === '') throw new SampleError(row.where, 'has no id, and files are joined by ids');
      const rows = byId.get(id) ?? texts.map(() => undefined);
      if (rows[n]) throw new SampleError(row.where, `has the id ${quoted(id)} again; keep one of them`);
      rows[n] = row;
      byId.set(id, rows);
    }
    files.push({ name: baseName(text.name), columns });
  }
  const placeOf = preparing.placesIn(files);
  for (const [id, rows] of byId) yield preparing.sampleOfRows(rows, placeOf, id);
}
