/** What is fuzzed: a line per format. */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { resolveConfig } from '../../src/config/index.ts';
import { readDescription } from '../../src/data/own/schema.ts';
import { openInSandbox as openInDelimited, startDelimited } from '../../src/formats/delimited/read.ts';
import { openInSandbox as openInHdf5, startHdf5 } from '../../src/formats/hdf5/read.ts';
import { openNpy } from '../../src/formats/numpy/read-npy.ts';
import { openNpz } from '../../src/formats/numpy/read-npz.ts';
import { openFile } from '../../src/formats/open.ts';
import type { OpenedFile } from '../../src/formats/bytes/opened.ts';
import { openInSandbox as openInParquet, startParquet } from '../../src/formats/parquet/read.ts';
import { openPickle } from '../../src/formats/pickle/read.ts';
import { openSafetensors } from '../../src/formats/safetensors/read.ts';
import { writeSafetensors } from '../../src/formats/safetensors/write.ts';
import { openTorch } from '../../src/formats/torch/read.ts';
import { openModel } from '../../src/runs/open-model.ts';

/** What is opened: data, and what else may come from strangers. */
export interface Target {
  readonly format: string;
  /** Of the files written, which `openFile` knows texts by. */
  readonly extension: string;
  readonly open: (file: string) => Promise<OpenedFile>;
  /** Sound files. */
  readonly seeds: readonly Uint8Array[];
}

const fixtures = (...names: readonly string[]): Uint8Array[] =>
  names.map((name) => readFileSync(fileURLToPath(new URL(`../fixtures/data/${name}`, import.meta.url))));

const tensors = writeSafetensors(
  {
    'head.bias': { shape: [2], data: Float32Array.of(1, -2) },
    wide: { shape: [2, 3], data: Float64Array.of(1, 2, 3, 4, 5, 6) },
    mask: { shape: [3], data: Uint8Array.of(1, 0, 1), dtype: 'bool' },
    step: { shape: [], data: BigInt64Array.of(7n) },
  },
  { format: 'decalign' },
);

const npy = fixtures(...['fortran', 'words', 'objects', 'version3'].map((name) => `formats/${name}.npy`));
const npz = fixtures('numpy1.npz', 'numpy2-compressed.npz', 'formats/arrays.npz', 'formats/zip64.npz');
const pickles = fixtures(
  ...[0, 1, 2, 3, 4, 5].map((protocol) => `numpy2-protocol${protocol}.pkl`),
  'mmsa.pkl',
  ...['recursive', 'shared', 'command', 'out-of-band'].map((name) => `formats/${name}.pkl`),
);
const torch = fixtures('tensors.pth', 'checkpoint.pth', 'formats/features.pt', 'formats/big-endian.pt');

const table = new Uint8Array(
  parquetWriteBuffer({
    columnData: [
      { name: 'id', data: ['a', 'b', 'c'], type: 'STRING' },
      { name: 'label', data: [0.5, -1, 3], type: 'DOUBLE' },
      { name: 'split', data: [0, 0, 1], type: 'INT32' },
    ],
  }),
);
const texts = [
  'id,label,audio\na,0.5,"[1, 2]"\n"b ""c""",-1,"[3, 4]"\n',
  'id\tlabel\taudio\na\t0.5\t[1, 2]\nb\t-1\t[3, 4]\n',
  '{"id": "a", "label": 0.5, "audio": [[1, 2], [3, 4]]}\n{"id": "b", "label": -1, "audio": [[5, 6]]}\n',
].map((text) => new TextEncoder().encode(text));

interface Reader {
  readonly file: string;
  readonly ended: boolean;
  readonly close: () => Promise<void>;
}

/** A library takes longer to start in its thread than to open a file there, so one opens file after file. */
function reused<R extends Reader>(
  start: (file: string) => R,
  openIn: (reader: R, file: string) => Promise<Pick<OpenedFile, 'format' | 'value'>>,
): Target['open'] {
  let reader: R | undefined;
  return async (file) => {
    if (reader?.file !== file || reader.ended) {
      await reader?.close();
      reader = start(file);
    }
    return { ...(await openIn(reader, file)), file, close: () => Promise.resolve() };
  };
}

const limits = { seconds: 5, heap: 128 };
const hdf5 = reused((file) => startHdf5(file, { ...limits, wasm: 256 }), openInHdf5);
const parquet = reused((file) => startParquet(file, limits), openInParquet);
const delimited = reused((file) => startDelimited(file, limits), openInDelimited);

/** A reader that is done with its file when it returns. */
const reading =
  (format: string, read: (file: string) => unknown): Target['open'] =>
  (file) =>
    Promise.resolve().then(() => {
      read(file);
      return { format, file, value: undefined, close: () => Promise.resolve() };
    });
const run = (name: string): Uint8Array =>
  readFileSync(fileURLToPath(new URL(`../fixtures/runs/${name}`, import.meta.url)));
const configurations = [
  'model:\n  name: decalign\n  width: 8\n  dropout: { residual: 0.1 }\ntrain:\n  epochs: 3\n  learningRate: 1e-3\n',
  '{"recipe": "authors", "train": {"schedule": {"kind": "plateau"}, "clip": null}, "data": {"clipPercentiles": [1, 99]}}',
].map((text) => new TextEncoder().encode(text));
const descriptions = [
  'task: classification\nclasses: [no, yes]\nmodalities:\n  speech: { file: a.csv, key: speech }\nlabels: { file: a.csv, key: answer }\nsplit:\n  fractions: { train: 0.6, valid: 0.2, test: 0.2 }\n',
].map((text) => new TextEncoder().encode(text));
const configuration = (file: string): unknown =>
  resolveConfig({ file: { name: file, text: readFileSync(file, 'utf8') } });

export const targets: readonly Target[] = [
  { format: 'npy', extension: '.npy', open: openNpy, seeds: npy },
  { format: 'npz', extension: '.npz', open: openNpz, seeds: npz },
  { format: 'pickle', extension: '.pkl', open: openPickle, seeds: pickles },
  { format: 'safetensors', extension: '.safetensors', open: openSafetensors, seeds: [tensors] },
  { format: 'torch', extension: '.pt', open: openTorch, seeds: torch },
  { format: 'hdf5', extension: '.h5', open: hdf5, seeds: fixtures('formats/types.h5', 'formats/words.csd') },
  { format: 'parquet', extension: '.parquet', open: parquet, seeds: [table] },
  { format: 'csv', extension: '.csv', open: delimited, seeds: texts },
  { format: 'tsv', extension: '.tsv', open: delimited, seeds: texts },
  { format: 'jsonl', extension: '.jsonl', open: delimited, seeds: texts },
  {
    format: 'model',
    extension: '.safetensors',
    open: reading('model', openModel),
    seeds: [run('model-1.safetensors')],
  },
  { format: 'config', extension: '.yaml', open: reading('config', configuration), seeds: configurations },
  { format: 'description', extension: '.yaml', open: reading('description', readDescription), seeds: descriptions },
  { format: 'any', extension: '.bin', open: openFile, seeds: [...npy, ...npz, ...pickles, ...torch, tensors] },
];
