import { constant, type Tensor } from '../tensor/index.ts';

/**
 * How sinusoidal positions are laid out: sin and cos of t / 10000^(2i/D) in turn (Vaswani et al., 2017), or all sines and
 * then all cosines of (t + 1) / 10000^(i/(D/2 − 1)) (tensor2tensor, fairseq, and with them Tsai et al.'s code).
 */
export type PositionLayout = 'interleaved' | 'halves';

/** Sinusoidal positions added to `[N, T, D]`. */
export function addPositions(x: Tensor, layout: PositionLayout = 'interleaved'): Tensor {
  const [, steps, width] = x.shape as [number, number, number];
  const half = Math.floor(width / 2);
  const data = Array.from({ length: steps * width }, (_, at) => {
    const [t, i] = [Math.floor(at / width), at % width];
    if (layout === 'halves') {
      // Of an odd width the last feature has no position.
      const angle = (t + 1) / 10000 ** ((i % half) / Math.max(half - 1, 1));
      return i < half ? Math.sin(angle) : i < 2 * half ? Math.cos(angle) : 0;
    }
    const angle = t / 10000 ** ((2 * Math.floor(i / 2)) / width);
    return i % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
  });
  return x.add(constant(data, [1, steps, width], x.dtype));
}
