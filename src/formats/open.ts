import { extname } from 'node:path';
import { FormatError, quoted } from '../files/error.ts';
import { openDelimited } from './delimited/read.ts';
import { openHdf5 } from './hdf5/read.ts';
import { openNpy } from './numpy/npy.ts';
import { openNpz } from './numpy/npz.ts';
import { OpenFile } from './bytes/open-file.ts';
import type { OpenedFile } from './opened.ts';
import { openParquet } from './parquet/read.ts';
import { openPickle } from './pickle/read.ts';
import { openSafetensors } from './safetensors/read.ts';
import type { Source } from './bytes/stored.ts';
import { isTorchPickle, openTorch } from './torch/read.ts';
import { readZip, startsAsZip } from './zip/read.ts';

type Opener = (file: string) => Promise<OpenedFile>;

/**
 * Opens a data file of any format that is read, which its content tells and not its name. Text has no sign of its own
 * and is known by its name, `.csv`, `.tsv` or `.jsonl`, also where it might be a pickle of protocol 0 or 1.
 */
export async function openFile(file: string): Promise<OpenedFile> {
  const source = await OpenFile.open(file);
  let opener: Opener;
  try {
    opener = await openerOf(source);
  } finally {
    await source.close();
  }
  return opener(file);
}

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

/** By the bytes that a file begins with. */
const openers: readonly (readonly [start: Uint8Array, Opener])[] = [
  [ascii('\x93NUMPY'), openNpy],
  [ascii('\x89HDF\r\n\x1a\n'), openHdf5],
  [ascii('PAR1'), openParquet],
  ...[2, 3, 4, 5].map((protocol) => [Uint8Array.of(0x80, protocol), openPickle] as const),
];

/** The same of what is not read, with what to do. */
const refusals: readonly (readonly [start: Uint8Array, what: string])[] = [
  // The number that PyTorch wrote first of all.
  [
    ascii('\x80\x02\x8a\x0a\x6c\xfc\x9c\x46'),
    "is in PyTorch's format from before 1.6; load it there and torch.save it.",
  ],
  [ascii('\x1f\x8b'), 'is compressed by gzip; gunzip it first.'],
  [ascii('BZh'), 'is compressed by bzip2; bunzip2 it first.'],
  [ascii('\xfd7zXZ'), 'is compressed by xz; unxz it first.'],
  [ascii('\x28\xb5\x2f\xfd'), 'is compressed by zstd; unzstd it first.'],
  [ascii('7z\xbc\xaf'), 'is a 7z archive; unpack it first.'],
  [ascii('MATLAB 5.0'), "is a MATLAB file before version 7.3; save it there with '-v7.3', which is HDF5."],
];

const textOpeners: Readonly<Record<string, Opener>> = Object.fromEntries(
  ['.csv', '.tsv', '.jsonl', '.ndjson'].map((name) => [name, openDelimited]),
);

const pickleNames = ['.pkl', '.pickle', '.p'];

const readable =
  'NumPy (.npy, .npz), Python pickle (.pkl), safetensors, PyTorch (.pt, .pth), HDF5 (.h5, .csd), Parquet, and CSV, TSV ' +
  'and JSON lines by these names';

async function openerOf(source: Source): Promise<Opener> {
  const { file, size } = source;
  if (size === 0) throw new FormatError(file, 'is empty; copy or write it again.');
  const start = new Uint8Array(Math.min(16, size));
  await source.read(start, 0);
  const begins = ([bytes]: readonly [Uint8Array, unknown]): boolean => bytes.every((byte, i) => byte === start[i]);
  const refusal = refusals.find(begins);
  if (refusal !== undefined) throw new FormatError(file, refusal[1]);
  const extension = extname(file).toLowerCase();
  // First of all: the length that it begins with may look like the mark of another format.
  if (isSafetensors(start, size)) return openSafetensors;
  if (startsAsZip(start)) return zipOpener(source);
  const opener = openers.find(begins)?.[1] ?? textOpeners[extension];
  if (opener !== undefined) return opener;
  // Pickles of protocols 0 and 1 begin with any opcode, and all end with the same.
  const end = new Uint8Array(1);
  await source.read(end, size - 1);
  if (pickleNames.includes(extension) || ('(]}c'.includes(String.fromCharCode(start[0]!)) && end[0] === 0x2e))
    return openPickle;
  // What HDF5 calls a user block, of any length that is a power of two, comes before its mark.
  for (let position = 512; position <= 4096 && position + 8 <= size; position *= 2) {
    const mark = new Uint8Array(8);
    await source.read(mark, position);
    if (ascii('\x89HDF\r\n\x1a\n').every((byte, i) => byte === mark[i])) return openHdf5;
  }
  throw new FormatError(file, `is none of the files that are read: ${readable}.`);
}

function isSafetensors(start: Uint8Array, size: number): boolean {
  if (start.length < 10 || start[8] !== 0x7b) return false;
  const length = Number(new DataView(start.buffer).getBigUint64(0, true));
  return length >= 2 && length <= size - 8;
}

function zipOpener(source: Source): Opener {
  const paths = [...readZip(source).keys()];
  if (paths.some(isTorchPickle)) return openTorch;
  if (paths.length === 0 || paths.some((path) => path.endsWith('.npy'))) return openNpz;
  const [first] = paths;
  throw new FormatError(
    source.file,
    `is a zip archive, but neither of NumPy arrays nor by torch.save: it holds ${quoted(first!)}; unpack it first.`,
  );
}
