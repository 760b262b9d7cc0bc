import { extname } from 'node:path';
import { FormatError, quoted } from '../files/error.ts';
import { beginsWith } from './bytes/begins-with.ts';
import { OpenFile } from './bytes/open-file.ts';
import type { OpenedFile } from './bytes/opened.ts';
import type { Source } from './bytes/stored.ts';
import type { Format, OpenOptions, UnknownFile } from './format.ts';
import { formats } from './formats.ts';
import { readZip, startsAsZip } from './zip/read.ts';

/**
 * Opens a data file of any format that is read, which its content tells and not its name. Text has no sign of its own
 * and is known by the ending of its name, also where it might be a pickle of protocol 0 or 1.
 */
export async function openFile(file: string, options: OpenOptions = {}): Promise<OpenedFile> {
  const source = await OpenFile.open(file);
  let unknown: UnknownFile;
  let format: Format;
  try {
    unknown = await signsOf(source);
    format = await formatOf(unknown);
  } finally {
    await source.close();
  }
  return format.open(file, unknown, options);
}

async function signsOf(source: Source): Promise<UnknownFile> {
  const { file, size } = source;
  if (size === 0) throw new FormatError(file, 'is empty; copy or write it again.');
  const start = new Uint8Array(Math.min(16, size));
  await source.read(start, 0);
  const [, refusal] = refusals.find(([mark]) => beginsWith(start, mark)) ?? [];
  if (refusal !== undefined) throw new FormatError(file, refusal);
  const ending = extname(file).toLowerCase();
  return { source, start, ending, ...(startsAsZip(start) && { members: [...readZip(source).keys()] }) };
}

/** Files that are not read, by the bytes that they begin with, and what to do with them. */
const refusals: readonly (readonly [mark: string, advice: string])[] = [
  // The number that PyTorch wrote first of all.
  ['\x80\x02\x8a\x0a\x6c\xfc\x9c\x46', "is in PyTorch's format from before 1.6; load it there and torch.save it."],
  ['\x1f\x8b', 'is compressed by gzip; gunzip it first.'],
  ['BZh', 'is compressed by bzip2; bunzip2 it first.'],
  ['\xfd7zXZ', 'is compressed by xz; unxz it first.'],
  ['\x28\xb5\x2f\xfd', 'is compressed by zstd; unzstd it first.'],
  ['7z\xbc\xaf', 'is a 7z archive; unpack it first.'],
  ['MATLAB 5.0', "is a MATLAB file before version 7.3; save it there with '-v7.3', which is HDF5."],
];

async function formatOf(file: UnknownFile): Promise<Format> {
  const { ending, members } = file;
  const recognised = formats.find(({ recognise }) => recognise?.(file));
  if (recognised !== undefined) return recognised;
  if (members !== undefined)
    throw new FormatError(
      file.source.file,
      `is a zip archive, but neither of NumPy arrays nor by torch.save: it holds ${quoted(members[0]!)}; unpack it first.`,
    );
  const text = formats.find((format) => isText(format) && format.endings.includes(ending));
  if (text !== undefined) return text;
  for (const format of formats) if (await format.guess?.(file)) return format;
  throw new FormatError(file.source.file, `is none of the files that are read: ${readable()}.`);
}

const isText = ({ recognise }: Format): boolean => recognise === undefined;

function readable(): string {
  const shown = ({ name, shownEndings }: Format): string =>
    shownEndings === undefined ? name : `${name} (${shownEndings.join(', ')})`;
  const known = formats.filter((format) => !isText(format)).map(shown);
  const texts = formats.filter(isText).map(shown);
  return `${known.join(', ')}, and ${texts.join(', ')} by these names`;
}
