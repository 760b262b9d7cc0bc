/** A process that reads one file, and tells how long it took and how much memory it needed. */
import { isInFile, NdArray } from '../src/formats/bytes/array.ts';
import { openFile } from '../src/formats/open.ts';
import { OpenFile } from '../src/formats/bytes/open-file.ts';
import { readPickleFrom } from '../src/formats/pickle/read.ts';
import { loadDataset } from '../src/data/datasets/load.ts';
import { inMemory } from '../src/data/features.ts';

export interface LoadTold {
  readonly file: string;
  /** `nothing`; every array in the pickle as float32, as pickle.load reads them; the one of a file of any format; or the dataset, checked and cleaned. */
  readonly read: 'nothing' | 'arrays' | 'array' | 'dataset';
}

export interface Loaded {
  readonly ms: number;
  /** Of the arrays. */
  readonly bytes: number;
  /** Most resident memory that the process ever had, in bytes. */
  readonly peak: number;
}

async function arrays(path: string): Promise<Float32Array[]> {
  const file = await OpenFile.open(path);
  const read: Float32Array[] = [];
  for (const split of (readPickleFrom(file, { file: path }) as Map<string, Map<string, unknown>>).values())
    for (const column of split.values())
      if (column instanceof NdArray && isInFile(column.elements)) read.push(await column.elements.readFloat32());
  await file.close();
  return read;
}

async function array(path: string): Promise<Float32Array[]> {
  const { value, close } = await openFile(path);
  const read: Float32Array[] = [];
  for (const found of value instanceof Map ? (value as Map<unknown, unknown>).values() : [value])
    if (found instanceof NdArray && isInFile(found.elements)) read.push(await found.elements.readFloat32());
  await close();
  return read;
}

async function features(path: string): Promise<Float32Array[]> {
  const { splits } = await loadDataset(path);
  return Object.values(splits).flatMap((samples) => Object.values(samples.features).map((each) => inMemory(each).data));
}

const told = JSON.parse(process.argv[2]!) as LoadTold;
const readers = { nothing: () => [], arrays, array, dataset: features };
const start = performance.now();
const read = await readers[told.read](told.file);
const ms = performance.now() - start;
const bytes = read.reduce((sum, { byteLength }) => sum + byteLength, 0);
console.log(JSON.stringify({ ms, bytes, peak: 1024 * process.resourceUsage().maxRSS } satisfies Loaded));
