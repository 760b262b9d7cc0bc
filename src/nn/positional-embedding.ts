import { constant, type Tensor } from '../tensor/index.ts';

/** Sinusoidal positions added to `[N, T, D]`: sin and cos of t / 10000^(2i/D) (Vaswani et al., 2017). */
export function addPositions(x: Tensor): Tensor {
  const [, steps, width] = x.shape as [number, number, number];
  const data = Array.from({ length: steps * width }, (_, at) => {
    const [t, i] = [Math.floor(at / width), at % width];
    const angle = t / 10000 ** ((2 * Math.floor(i / 2)) / width);
    return i % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
  });
  return x.add(constant(data, [1, steps, width], x.dtype));
}
