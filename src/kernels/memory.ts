/**
 * The memory of WebAssembly that kernels compute in. They reach no other: arrays that lie elsewhere are copied through
 * scratch space, in blocks small enough to stay in the processor's cache. Arrays made by `allocate` lie in such a
 * memory and are computed on where they are, which saves the copies.
 */
import { wasm } from './wasm.ts';

/** The exports of assembly/kernels.ts. */
interface Kernels {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  allFinite(start: number, count: number): number;
  sumOfSquares(start: number, count: number): number;
  adam(
    ...args: readonly [
      ...addresses: readonly [parameter: number, gradient: number, mean: number, variance: number],
      count: number,
      ...gradient: readonly [factor: number, l2: number],
      ...moments: readonly [beta1: number, rest1: number, beta2: number, rest2: number],
      ...denominator: readonly [correction: number, epsilon: number],
      ...parameter: readonly [rate: number, shrink: number],
    ]
  ): void;
  flush(start: number, count: number, least: number): void;
  approach(mean: number, value: number, count: number, rate: number): void;
  mask(
    ...args: readonly [
      ...place: readonly [start: number, count: number],
      ...stream: readonly [firstBlock: number, key0: number, key1: number],
      ...values: readonly [threshold: number, kept: number],
    ]
  ): void;
}

// Every engine has WebAssembly, but TypeScript declares it only for browsers.
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (module: object) => { readonly exports: Kernels };
};

/** Elements of one scratch array, 64 KiB: four of them and the arrays copied through them stay in the L2 cache. */
export const blockLength = 16384;

export interface Workspace {
  readonly kernels: Kernels;
  /** Four arrays `[blockLength]`. */
  readonly scratch: readonly [Float32Array, Float32Array, Float32Array, Float32Array];
}

const pageBytes = 65536;
const scratchBytes = 4 * blockLength * Float32Array.BYTES_PER_ELEMENT;
/** Bytes of a memory at most: addresses have 32 bits, and the end of an array, below the last page, has one too. */
const memoryBytes = 2 ** 32 - pageBytes;
/** Arrays of `allocate` begin at a multiple of so many bytes, a cache line. */
const alignment = 64;

let module: object | undefined;

/**
 * A memory of scratch space and, after it, so many bytes of 0. The first call compiles the kernels: importing does not.
 */
function openWorkspace(bytes: number): Workspace {
  module ??= new WebAssembly.Module(Uint8Array.from(atob(wasm), (character) => character.charCodeAt(0)));
  const { exports: kernels } = new WebAssembly.Instance(module);
  kernels.memory.grow(Math.ceil((scratchBytes + bytes) / pageBytes));
  const { buffer } = kernels.memory;
  const block = (i: number): Float32Array => new Float32Array(buffer, (i * scratchBytes) / 4, blockLength);
  return { kernels, scratch: [block(0), block(1), block(2), block(3)] };
}

let common: Workspace | undefined;

/** The memory that arrays from elsewhere are copied through. */
export const commonWorkspace = (): Workspace => (common ??= openWorkspace(0));

const homes = new WeakMap<ArrayBufferLike, Workspace>();

/**
 * The memory that an array of `allocate` lies in, whose kernels can compute on it in place; undefined for other arrays.
 */
export const homeOf = ({ buffer }: Float32Array): Workspace | undefined => homes.get(buffer);

/**
 * Arrays of zeros of the given lengths, in one memory that the kernels compute in; those that no longer fit its 4 GiB
 * are ordinary ones. Every kernel takes both kinds, with the same results, but is faster on these.
 */
export function allocate(lengths: readonly number[]): Float32Array[] {
  let end = scratchBytes;
  const places = lengths.map((length) => {
    const start = end;
    const next = start + Math.ceil((length * Float32Array.BYTES_PER_ELEMENT) / alignment) * alignment;
    if (next > memoryBytes) return undefined;
    end = next;
    return start;
  });
  const workspace = openWorkspace(end - scratchBytes);
  const { buffer } = workspace.kernels.memory;
  homes.set(buffer, workspace);
  return lengths.map((length, i) => {
    const start = places[i];
    return start === undefined ? new Float32Array(length) : new Float32Array(buffer, start, length);
  });
}
