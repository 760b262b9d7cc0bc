import { blockLength, commonWorkspace } from './memory.ts';

/** The kernel takes a multiple of so many elements. */
const stride = 16;

/** Whether no number is NaN or infinite. */
export function allFinite(x: Float32Array): boolean {
  const { kernels, scratch } = commonWorkspace();
  const [block] = scratch;
  for (let start = 0; start < x.length; start += blockLength) {
    const count = Math.min(blockLength, x.length - start);
    block.set(x.subarray(start, start + count));
    const whole = Math.ceil(count / stride) * stride;
    block.fill(0, count, whole);
    if (!kernels.allFinite(block.byteOffset, whole)) return false;
  }
  return true;
}
