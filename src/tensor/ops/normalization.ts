import { apply, type Op } from '../op.ts';
import type { Tensor } from '../tensor.ts';

/** Its outputs are the result, then the mean and the inverse deviation, which the gradient needs. */
const LayerNormalization: Op<{ readonly epsilon: number }> = {
  name: 'LayerNormalization',
  infer: ([x, weight, bias]) => {
    const width = x!.shape.at(-1);
    for (const p of [weight!, bias!])
      if (p.shape.length !== 1 || p.shape[0] !== width)
        throw new RangeError(
          `layerNorm() of [${x!.shape}] needs a weight and a bias of shape [${width}], got [${p.shape}].`,
        );
    const statistic = { shape: [...x!.shape.slice(0, -1), 1], dtype: x!.dtype };
    return [x!, statistic, statistic];
  },
  lower: (emit, inputs, { epsilon }) =>
    emit.node('LayerNormalization', inputs, { axis: -1, epsilon: { float: epsilon } }, { outputs: 3 }),
  grad: ([dy], { inputs: [x, weight], outputs: [, mean, inverse] }) => {
    const width = x!.shape.at(-1)!;
    const normal = x!.sub(mean!).mul(inverse!);
    const dweight = dy!.mul(normal);
    // Means over the last axis of dy·weight and of dy·weight·normal, as products with a column.
    const column = weight!.reshape([width, 1]);
    const average = (t: Tensor): Tensor => t.matmul(column, { scale: 1 / width });
    const dx = dy!
      .mul(weight!)
      .sub(average(dy!))
      .sub(normal.mul(average(dweight)))
      .mul(inverse!);
    return [dx, dweight, dy];
  },
};
/** (x − mean) / √(variance + ε) over the last axis, times `weight` `[D]` plus `bias` `[D]` (Ba et al., 2016). */
export function layerNorm(x: Tensor, weight: Tensor, bias: Tensor, { epsilon = 1e-5 } = {}): Tensor {
  if (x.dtype !== 'float64') return apply(LayerNormalization, [x, weight, bias], { epsilon });
  // The runtime's kernel rounds its statistics to float32.
  const centred = x.sub(x.mean([-1], true));
  const deviation = centred.square().mean([-1], true).add(epsilon).sqrt();
  return centred.div(deviation).mul(weight).add(bias);
}
