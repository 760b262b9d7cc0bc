/** The thread that writes HDF5, into a file that the other side has opened. */

import { fstatSync, ftruncateSync, readSync, writeSync } from 'node:fs';
import { ready } from 'h5wasm';
import type { Slab } from './slabs.ts';
import { bytesPerElement, type NumericDType } from '../bytes/numbers.ts';
import { FileProblem, serve } from '../sandbox/worker.ts';

export type Hdf5WriteService = {
  create: (descriptor: number) => void;
  group: (path: string) => void;
  /** A dataset of numbers that are still to come. */
  dataset: (path: string, shape: readonly number[], dtype: NumericDType) => void;
  /** A box of its numbers. */
  put: (path: string, bytes: Uint8Array, slab: Slab) => void;
  texts: (path: string, shape: readonly number[], texts: readonly string[]) => void;
  /** Ends the file; returns its length. */
  finish: () => number;
};

// The library's numbers for classes of types.
const classes = { integer: 0, float: 1, text: 3 } as const;

const library = await ready;
// The library keeps the time at which a dataset was made; the same data are to give the same bytes.
Date.now = () => 0;

const name = '/written';
let file = 0n;
let descriptor = -1;
let pointer = 0;
let room = 0;

const service: Hdf5WriteService = {
  create(opened) {
    descriptor = opened;
    showFile();
    file = library.open(name, library.H5F_ACC_TRUNC);
    if (file <= 0n) throw new FileProblem('cannot be written as HDF5.');
  },

  group: (path) => told(path, () => library.create_group(file, path)),

  // Without numbers the library makes the dataset and then complains; only what it made counts.
  dataset: (path, shape, dtype) =>
    told(path, () => {
      const metadata = typeOf(/float/.test(dtype) ? classes.float : classes.integer, bytesPerElement(dtype), shape);
      library.create_dataset(file, path, 0n, { ...metadata, signed: !/^(uint|bool)/.test(dtype) });
      return library.get_type(file, path) === library.H5G_DATASET ? 0 : -1;
    }),

  put: (path, bytes, { offset, count }) =>
    told(path, () => {
      if (bytes.length > room) {
        if (room > 0) library._free(pointer);
        pointer = library._malloc(bytes.length);
        room = bytes.length;
      }
      library.HEAPU8.set(bytes, pointer);
      const [counts, offsets, strides] =
        count.length === 0 ? [null, null, null] : [count.map(BigInt), offset.map(BigInt), count.map(() => 1n)];
      return library.set_dataset_data(file, path, counts, offsets, strides, BigInt(pointer));
    }),

  texts: (path, shape, texts) =>
    told(path, () => {
      const utf8 = { ...typeOf(classes.text, 4, shape), vlen: true, cset: 1, strpad: 0 };
      return library.create_vlen_str_dataset(file, path, texts, utf8);
    }),

  finish() {
    if (library.close_file(file) < 0) throw new FileProblem('cannot be written as HDF5 to its end.');
    return fstatSync(descriptor).size;
  },
};

function told(path: string, action: () => number): void {
  let reason = '';
  try {
    if (action() >= 0) return;
  } catch (error) {
    if (error instanceof FileProblem) throw error;
    reason = ` (${error instanceof Error ? error.message : String(error)})`;
  }
  throw new FileProblem(`cannot hold "${path}"${reason}; .npz and .pkl may.`);
}

function typeOf(type: number, size: number, shape: readonly number[]) {
  const flags = { signed: true, littleEndian: true, vlen: false, maxshape: null, chunks: null, total_size: 0 };
  return { type, size, shape: shape.map(BigInt), ...flags };
}

/** Gives the library's own, empty file system one file, which is written where it lies. */
function showFile(): void {
  library.FS.writeFile(name, new Uint8Array(0));
  const time = new Date(0);
  const attributes = {
    dev: 1,
    nlink: 1,
    uid: 0,
    gid: 0,
    rdev: 0,
    atime: time,
    mtime: time,
    ctime: time,
    blksize: 4096,
  };
  const size = (): number => fstatSync(descriptor).size;
  Object.assign(library.FS.lookupPath(name, {}).node, {
    node_ops: {
      getattr: () => ({ ...attributes, ino: 1, mode: 0o100644, size: size(), blocks: Math.ceil(size() / 512) }),
      setattr: (_: unknown, { size: length }: { readonly size?: number }) => {
        if (length !== undefined) attempt(() => ftruncateSync(descriptor, length));
      },
    },
    stream_ops: {
      read: (_: unknown, buffer: Uint8Array, offset: number, length: number, position: number) =>
        readSync(descriptor, buffer, offset, length, position),
      write: (_: unknown, buffer: Uint8Array, offset: number, length: number, position: number) =>
        attempt(() => writeSync(descriptor, buffer, offset, length, position)),
      llseek: ({ position }: { readonly position: number }, offset: number, whence: 0 | 1 | 2) =>
        offset + [0, position, size()][whence]!,
    },
  });
}

/** An error of the system about the disk is for the user, not for the library. */
function attempt<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw new FileProblem(`cannot be written (${error instanceof Error ? error.message : String(error)}).`);
  }
}

serve(service);
