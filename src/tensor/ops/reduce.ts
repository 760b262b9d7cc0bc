import { apply, type Gradient, type Op } from '../op.ts';
import { normalizeAxes, normalizeAxis, size, type Shape } from '../shape.ts';
import type { Tensor } from '../tensor.ts';

interface Reduction {
  readonly axes: readonly number[];
  readonly keep: boolean;
}
const reduced = (shape: Shape, { axes, keep }: Reduction): Shape =>
  shape.flatMap((d, i) => (axes.includes(i) ? (keep ? [1] : []) : [d]));

/** A reduced tensor with its axes put back as 1, so that it broadcasts against the input. */
const kept = (y: Tensor, x: Tensor, { axes }: Reduction): Tensor => y.reshape(reduced(x.shape, { axes, keep: true }));

const reduction = (
  name: string,
  grad: Gradient<Reduction>,
): ((x: Tensor, axes?: readonly number[], keep?: boolean) => Tensor) => {
  const op: Op<Reduction> = {
    name,
    infer: ([x], attrs) => [{ shape: reduced(x!.shape, attrs), dtype: x!.dtype }],
    lower: (emit, [x], { axes, keep }) => emit.node(name, [x!, emit.ints(axes)], { keepdims: Number(keep) }),
    grad,
  };
  return (x, axes, keep = false) => {
    const along = normalizeAxes(axes, x.shape.length);
    return along.length === 0 ? x : apply(op, [x], { axes: along, keep });
  };
};

export const sum = reduction('ReduceSum', ([dy], { inputs: [x], attrs }) => [kept(dy!, x!, attrs).expand(x!.shape)]);

const toExtremes: Gradient<Reduction> = ([dy], { inputs: [x], outputs: [y], attrs }) => {
  const extreme = x!.equal(kept(y!, x!, attrs)).cast(x!.dtype);
  return [extreme.mul(kept(dy!, x!, attrs).div(extreme.sum(attrs.axes, true)))];
};
/** The largest value; where several are the largest, they share the gradient evenly. */
export const maximum = reduction('ReduceMax', toExtremes);
/** The smallest value; where several are the smallest, they share the gradient evenly. */
export const minimum = reduction('ReduceMin', toExtremes);

/** log Σ exp x, finite for any finite x; where every x is -∞ so is the result, and no gradient flows. */
export const logSumExp = reduction('ReduceLogSumExp', ([dy], { inputs: [x], outputs: [y], attrs }) => {
  const finite = kept(y!, x!, attrs).max(x!.dtype === 'float64' ? -Number.MAX_VALUE : -3.4028234663852886e38);
  return [kept(dy!, x!, attrs).mul(x!.sub(finite).exp())];
});

/**
 * The mean of however many values there are when it runs. Its gradient divides by their number as a constant, and so is
 * of no use in a graph whose batch is open.
 */
export const mean = reduction('ReduceMean', ([dy], { inputs: [x], attrs }) => {
  const count = size(attrs.axes.map((axis) => x!.shape[axis]!));
  return [
    kept(dy!, x!, attrs)
      .mul(1 / count)
      .expand(x!.shape),
  ];
});

interface Along {
  readonly axis: number;
}
const along = (name: string, grad: Gradient<Along>): ((x: Tensor, axis?: number) => Tensor) => {
  const op: Op<Along> = {
    name,
    infer: ([x]) => [x!],
    lower: (emit, inputs, { axis }) => emit.node(name, inputs, { axis }),
    grad,
  };
  return (x, axis = -1) => apply(op, [x], { axis: normalizeAxis(axis, x.shape.length) });
};

export const softmax = along('Softmax', ([dy], { outputs: [y], attrs: { axis } }) => {
  const weighted = dy!.mul(y!);
  return [weighted.sub(y!.mul(weighted.sum([axis], true)))];
});

export const logSoftmax = along('LogSoftmax', ([dy], { outputs: [y], attrs: { axis } }) => [
  dy!.sub(y!.exp().mul(dy!.sum([axis], true))),
]);
