import { applyAll, type Op } from '../op.ts';
import { size } from '../shape.ts';
import type { Tensor } from '../tensor.ts';

/** The k largest values of the last axis, in descending order, and their positions. */
const TopK: Op<{ readonly k: number }> = {
  name: 'TopK',
  infer: ([x], { k }) => {
    const length = x!.shape.at(-1)!;
    if (k < 1 || k > length) throw new RangeError(`topK() of [${x!.shape}] needs k within 1..${length}, got ${k}.`);
    const shape = [...x!.shape.slice(0, -1), k];
    return [
      { shape, dtype: x!.dtype },
      { shape, dtype: 'int64' },
    ];
  },
  lower: (emit, [x], { k }) =>
    emit.node('TopK', [x!, emit.ints([k])], { axis: -1, largest: 1, sorted: 1 }, { outputs: 2 }),
  // Its only use is a median that serves as a scale and is held constant.
  grad: () => [undefined],
};

/**
 * The middle value of all entries (the lower middle of an even number). No gradient flows through it. The middle's
 * position is a constant, so the number of entries may not depend on a batch that is open.
 */
export function median(x: Tensor): Tensor {
  const n = size(x.shape);
  const k = Math.floor(n / 2) + 1;
  const [values] = applyAll(TopK, [x.reshape([n])], { k });
  return values!.slice(0, k - 1, k).reshape([]);
}
