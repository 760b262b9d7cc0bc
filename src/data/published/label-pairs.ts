/** Several labels as the code of the Multimodal Transformer (MulT) has them: for each of them absent and present, side by side. */
import { toNumbers } from '../../formats/bytes/array.ts';
import type { NumericArray } from '../tables/table.ts';

/** From `[N, labels, 2]` to `[N, labels]`: 1 where the second of a pair is the larger, NaN where one is NaN; undefined for other shapes. */
export function labelsOfPairs({ shape, data }: NumericArray, labels: number): Float32Array | undefined {
  if (shape.length !== 3 || shape[1] !== labels || shape[2] !== 2 || data.length === 0) return undefined;
  const values = toNumbers(data);
  return Float32Array.from({ length: values.length / 2 }, (_, i) => {
    const [absent, present] = [values[2 * i]!, values[2 * i + 1]!];
    return Number.isNaN(absent + present) ? NaN : Number(present > absent);
  });
}
