/** The thread that reads HDF5. Its library sees one file, whatever else the file names, and cannot write. */

import { randomUUID } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { Group, ready } from 'h5wasm';
import type { Slab } from './slabs.ts';
import { asText, decodeTexts, describe, hdf5Mark, type Hdf5Dataset, sizeProblem } from './types.ts';
import { FileProblem, serve } from '../sandbox/worker.ts';

/** A group by the names of what it holds. A group with several names is one object. */
export type Hdf5Group = Map<string, Hdf5Group | Hdf5Dataset>;

export interface Hdf5Tree {
  readonly root: Hdf5Group;
  readonly attributes: Record<string, string>;
  /** Objects that are not offered, and why. */
  readonly skipped: readonly string[];
}

export type Hdf5Service = {
  open: (path: string) => Promise<Hdf5Tree>;
  bytes: (path: string, bytes: number, slab: Slab) => Uint8Array<ArrayBuffer>;
  texts: (dataset: Hdf5Dataset, slab: Slab) => string[];
};

// A file may link one group to many names, and those to many again.
const mostNames = 1_000_000;
const deepest = 64;

const library = await ready;
let file = 0n;
let descriptor: number | undefined;

const service: Hdf5Service = {
  open(path) {
    closeLast();
    descriptor = openSync(path, 'r');
    const { size } = fstatSync(descriptor);
    if (!hasSignature(descriptor, size)) throw new FileProblem('is no HDF5 file; check its name and how it was made.');
    // A name that no file can know: links to other files end nowhere.
    const name = `/${randomUUID()}`;
    showFile(name, descriptor, size);
    file = library.open(name, library.H5F_ACC_RDONLY);
    if (file <= 0n) throw new FileProblem('is damaged or truncated; copy it again.');
    return Promise.resolve({ ...readTree(size), attributes: rootAttributes() });
  },

  bytes: (path, bytes, slab) =>
    withMemory(bytes, (pointer) => {
      readInto(path, pointer, slab);
      return library.HEAPU8.slice(pointer, pointer + bytes);
    }),

  texts({ path, text, bytesPerElement }, slab) {
    const count = slab.count.reduce((product, axis) => product * axis, 1);
    const bytes = count * bytesPerElement;
    return withMemory(bytes, (pointer) => {
      // A reading that fails half-way leaves pointers that nobody set.
      library.HEAPU8.fill(0, pointer, pointer + bytes);
      readInto(path, pointer, slab);
      if (!text!.variable) return decodeTexts(library.HEAPU8.slice(pointer, pointer + bytes), bytesPerElement, text!);
      const pointers = new Uint32Array(library.HEAPU8.slice(pointer, pointer + bytes).buffer);
      const texts = Array.from(pointers, (at) => (at === 0 ? '' : library.UTF8ToString(at)));
      if (slab.count.length === 0) library.reclaim_vlen_memory(file, path, '', BigInt(pointer));
      else library.reclaim_vlen_memory_count(file, path, '', BigInt(pointer), slab.count.map(BigInt));
      return texts;
    });
  },
};

function closeLast(): void {
  if (file > 0n) library.close_file(file);
  if (descriptor !== undefined) closeSync(descriptor);
  file = 0n;
  descriptor = undefined;
}

/** HDF5 may follow a block of the user's, of 512 bytes or a power of two times as many. */
function hasSignature(descriptor: number, size: number): boolean {
  const signature = Buffer.from(hdf5Mark, 'latin1');
  const bytes = Buffer.alloc(signature.length);
  for (let position = 0; position < size; position = position === 0 ? 512 : 2 * position) {
    if (readSync(descriptor, bytes, 0, bytes.length, position) < bytes.length) return false;
    if (bytes.equals(signature)) return true;
  }
  return false;
}

/** Gives the library's own, empty file system one file, which is read where it lies. */
function showFile(name: string, descriptor: number, size: number): void {
  library.FS.writeFile(name, new Uint8Array(0));
  const now = new Date(0);
  const attributes = { dev: 1, nlink: 1, uid: 0, gid: 0, rdev: 0, atime: now, mtime: now, ctime: now, blksize: 4096 };
  Object.assign(library.FS.lookupPath(name, {}).node, {
    node_ops: { getattr: () => ({ ...attributes, ino: 1, mode: 0o100444, size, blocks: Math.ceil(size / 512) }) },
    stream_ops: {
      read: (_: unknown, buffer: Uint8Array, offset: number, length: number, position: number) =>
        readSync(descriptor, buffer, offset, length, position),
      llseek: ({ position }: { readonly position: number }, offset: number, whence: 0 | 1 | 2) =>
        offset + [0, position, size][whence]!,
    },
  });
}

interface Found {
  readonly node: Hdf5Group | Hdf5Dataset;
  /** How many names there are below it. */
  names: number;
  /** Its own groups are being looked at. */
  open: boolean;
}

function readTree(fileSize: number): { readonly root: Hdf5Group; readonly skipped: string[] } {
  const skipped: string[] = [];
  const groups = new Map<string, Found>();

  const groupAt = (path: string, depth: number): Found | string => {
    const address = String(library.create_object_reference(file, path));
    const known = groups.get(address);
    if (known !== undefined) return known.open ? 'leads back to a group that it is in' : known;
    if (depth > deepest) throw new FileProblem(`nests groups more than ${deepest} deep; the file is damaged.`);
    const group: Hdf5Group = new Map();
    const found: Found = { node: group, names: 0, open: true };
    const names = library.get_names(file, path, false);
    groups.set(address, found);
    for (const name of names) {
      const childPath = `${path === '/' ? '' : path}/${name}`;
      const child = childAt(childPath, depth + 1);
      if (typeof child === 'string') skipped.push(`${childPath} (${child})`);
      else group.set(name, child.node);
      found.names += 1 + (typeof child === 'string' ? 0 : child.names);
      if (found.names > mostNames)
        throw new FileProblem(`holds more than ${mostNames} names; the file is damaged, or split it.`);
    }
    found.open = false;
    return found;
  };

  const childAt = (path: string, depth: number): Found | string => {
    try {
      return objectAt(path, depth);
    } catch (error) {
      // On a link to nowhere the library may fail with any error.
      if (!(error instanceof FileProblem) && isLink(path)) return 'a link to where nothing of this file is';
      throw error;
    }
  };

  const objectAt = (path: string, depth: number): Found | string => {
    const type = library.get_type(file, path);
    if (type === library.H5G_GROUP) return groupAt(path, depth);
    if (type === library.H5G_TYPE) return 'a type';
    if (type !== library.H5G_DATASET) throw new Error(`"${path}" is nothing`);
    const dataset = describe(path, library.get_dataset_metadata(file, path));
    if (typeof dataset === 'string') return dataset;
    const problem = sizeProblem(dataset, fileSize);
    if (problem !== undefined) throw new FileProblem(problem);
    return { node: dataset, names: 0, open: false };
  };

  const root = groupAt('/', 0);
  if (typeof root === 'string' || !(root.node instanceof Map))
    throw new FileProblem('has no root group; the file is damaged.');
  return { root: root.node, skipped };
}

function isLink(path: string): boolean {
  // The library says null where it says it is a text.
  const target: unknown = library.get_symbolic_link(file, path);
  return typeof target === 'string' || 'filename' in library.get_external_link(file, path);
}

/** Texts and numbers that are said of the file as a whole. */
function rootAttributes(): Record<string, string> {
  const root = new Group(file, '/');
  const names = library.get_attribute_names(file, '/');
  return Object.fromEntries(
    names.flatMap((name) => {
      const { size, total_size: count } = library.get_attribute_metadata(file, '/', name);
      if (size * count > 2 ** 20) return [];
      try {
        const text = asText(root.get_attribute(name, true));
        return text === undefined ? [] : [[name, text]];
      } catch {
        // An attribute of a type that the library does not read says nothing to us.
        return [];
      }
    }),
  );
}

function withMemory<T>(bytes: number, use: (pointer: number) => T): T {
  const pointer = library._malloc(Math.max(1, bytes));
  if (pointer === 0) throw new FileProblem(`needs ${bytes} bytes at once, which is more than its reader may have.`);
  try {
    return use(pointer);
  } finally {
    library._free(pointer);
  }
}

function readInto(path: string, pointer: number, { offset, count }: Slab): void {
  const [counts, offsets, strides] =
    count.length === 0 ? [null, null, null] : [count.map(BigInt), offset.map(BigInt), count.map(() => 1n)];
  const status = library.get_dataset_data(file, path, counts, offsets, strides, BigInt(pointer));
  if (status < 0) throw new FileProblem(`holds "${path}", which cannot be read${reasonOf(path)}`);
}

function reasonOf(path: string): string {
  const known = [1, 2, 3, 4, 5, 6];
  const unknown = library.get_dataset_filters(file, path).find(({ id }) => !known.includes(id));
  return unknown === undefined
    ? '; the file is damaged, or keeps it elsewhere.'
    : `: it is packed with filter ${unknown.id} (${unknown.name}); write it with gzip.`;
}

serve(service);
