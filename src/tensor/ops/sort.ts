import { applyAll, type Op } from '../op.ts';
import { size } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { where } from './select.ts';

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
 * The middle value of all entries (the lower middle of an even number), or of those where `among`, of the same shape, is
 * 1 and not 0; infinity where it is 1 for none. No gradient flows through it. The middle's position is a constant, so the
 * number of entries may not depend on a batch that is open.
 */
export function median(x: Tensor, among?: Tensor): Tensor {
  const n = size(x.shape);
  if (among) {
    const finite = where(among.greater(0), x, Infinity).reshape([n]);
    const [descending] = applyAll(TopK, [finite], { k: n });
    // Those left out come first; of c others the lower middle is number ⌊(c − 1)/2⌋ from the end.
    const fromEnd = among.sum().sub(1).max(0).mul(0.5).floor();
    return descending!.gather(
      fromEnd
        .neg()
        .add(n - 1)
        .cast('int64'),
    );
  }
  const k = Math.floor(n / 2) + 1;
  const [values] = applyAll(TopK, [x.reshape([n])], { k });
  return values!.slice(0, k - 1, k).reshape([]);
}
