/** Samples in files of rows, in Node. */
import process from 'node:process';
import { FormatError } from '../files/error.ts';
import { encodingOf, textOf } from '../formats/delimited/encoding.ts';
import { kindByName } from '../formats/delimited/kinds.ts';
import type { ExportDescription } from './description.ts';
import type { PredictOptions } from './exported-model.ts';
import type { RowText } from './rows.ts';
import type { PreparedSample } from './sample.ts';
import { samplesOf } from './samples.ts';

/**
 * The samples in files of rows as the model was trained on, one after another: CSV (`.csv`), TSV (`.tsv`) or else JSON lines, of
 * which `-` is standard input. Files are read as they are wanted; several, whose rows with the same id are one sample, are read
 * whole first.
 *
 * Throws a FormatError for a file that cannot be read or holds no rows, and a SampleError for a row that is none or is not what
 * the model takes, for ids that are missing or doubled where files are joined, and where no sample has any modality.
 */
export async function* readSamples(
  files: string | readonly string[],
  description: ExportDescription,
  { warn = console.warn, ...options }: PredictOptions = {},
): AsyncGenerator<PreparedSample> {
  const texts = [files].flat().map((file): RowText => ({
    name: file === '-' ? 'standard input' : file,
    kind: kindByName(file) ?? 'JSON lines',
    pieces: file === '-' ? standardInput() : piecesOf(file, warn),
  }));
  if (texts.length === 0) throw new RangeError('readSamples() needs the name of at least one file.');
  yield* samplesOf(texts, description, { warn, ...options });
}

async function* piecesOf(file: string, warn: (line: string) => void): AsyncGenerator<string> {
  try {
    const { encoding, note } = await encodingOf(file);
    if (note !== undefined) warn(`${file} ${note}`);
    yield* textOf(file, encoding);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new FormatError(file, code === undefined ? message : `cannot be read (${code})`, { cause: error });
  }
}

async function* standardInput(): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const decoded = (piece?: Uint8Array): string => {
    try {
      return decoder.decode(piece, { stream: piece !== undefined });
    } catch (error) {
      throw new FormatError('standard input', 'is not UTF-8; save it so.', { cause: error });
    }
  };
  for await (const piece of process.stdin as AsyncIterable<Buffer>) yield decoded(piece);
  yield decoded();
}
