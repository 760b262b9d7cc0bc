import { blockLength, commonWorkspace, homeOf } from './memory.ts';

export interface MaskOptions {
  /** Key of the random numbers, two words of 32 bits. */
  readonly key: readonly [number, number];
  /** Of 65536 equally likely numbers, those below this one drop an element: 0..65535. */
  readonly threshold: number;
  /** What kept elements are. */
  readonly kept: number;
}

// Elements per turn of the kernel's loop, and per block of the generator.
const stride = 32;
const perBlock = 4;

/** Fills with 0 or `kept` by Threefry-2x32-13: element i is decided by 16 bits of block ⌊i / 4⌋. */
export function fillMask(mask: Float32Array, { key: [key0, key1], threshold, kept }: MaskOptions): void {
  const home = homeOf(mask);
  // Whole strides alone, since after the end of an array in a memory of its own lies another one.
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
