import { blockLength, commonWorkspace, homeOf } from './memory.ts';

export interface MaskOptions {
  /** Key of the random numbers, two words of 32 bits. */
  readonly key: readonly [number, number];
  /** An element is dropped where a random number of 0..65535 is below this one, which is of 0..65535 too. */
  readonly threshold: number;
  /** The value of elements that are kept. */
  readonly kept: number;
}

// The kernel takes a multiple of `stride` elements; a block of the generator decides `perBlock` of them.
const stride = 32;
const perBlock = 4;

/** Fills with 0 or `kept` by Threefry-2x32-13: element i is decided by 16 bits of block ⌊i / 4⌋. */
export function fillMask(mask: Float32Array, { key: [key0, key1], threshold, kept }: MaskOptions): void {
  const home = homeOf(mask);
  // Only whole strides are filled in place: after the end of an array lies another one of the same memory.
  const there = home ? mask.length - (mask.length % stride) : 0;
  home?.kernels.mask(mask.byteOffset, there, 0, key0, key1, threshold, kept);
  const {
    kernels,
    scratch: [block],
  } = commonWorkspace();
  for (let start = there; start < mask.length; start += blockLength) {
    const count = Math.min(blockLength, mask.length - start);
    kernels.mask(block.byteOffset, Math.ceil(count / stride) * stride, start / perBlock, key0, key1, threshold, kept);
    mask.set(block.subarray(0, count), start);
  }
}
