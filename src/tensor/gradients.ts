import { full } from './ops/leaves.ts';
import { sameShape, type Shape } from './shape.ts';
import type { Node, Tensor } from './tensor.ts';
import { topologicalOrder } from './topological-order.ts';

/**
 * Symbolic d`loss`/d`x` for each x in `wrt`, by reverse-mode differentiation.
 * `undefined` where the loss does not depend on x: having no gradient is not the same as a gradient of 0, since an
 * optimiser leaves such a parameter alone.
 */
export function gradients(loss: Tensor, wrt: readonly Tensor[]): (Tensor | undefined)[] {
  if (loss.shape.length > 0)
    throw new RangeError(`gradients() needs a scalar loss, got shape [${loss.shape}]; call .mean() or .sum() first.`);
  const order = topologicalOrder([loss]);
  const targets = new Set(wrt);
  const onPath = new Set<Node>();
  for (const node of order)
    if (node.outputs.some((y) => targets.has(y)) || node.inputs.some((x) => onPath.has(x.node))) onPath.add(node);

  const adjoint = new Map<Tensor, Tensor>([[loss, full([], 1, loss.dtype)]]);
  for (const node of order.reverse()) {
    // Nothing flows past a target unless another target lies behind it.
    if (!node.inputs.some((x) => onPath.has(x.node))) continue;
    const dys = node.outputs.map((y) => adjoint.get(y));
    if (dys.every((dy) => dy === undefined)) continue;
    if (!node.op.grad)
      throw new Error(
        `${node.op.name} has no gradient, and the loss depends on a parameter through it; detach() its result to hold it constant.`,
      );
    node.op.grad(dys, node).forEach((dx, i) => {
      const x = node.inputs[i]!;
      if (!dx || !onPath.has(x.node)) return;
      const previous = adjoint.get(x);
      const summed = sumTo(dx, x.shape);
      adjoint.set(x, previous ? previous.add(summed) : summed);
    });
  }
  return wrt.map((x) => adjoint.get(x));
}

/** Undoes broadcasting, here for all ops: sums a gradient over the axes that were stretched. */
function sumTo(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  const extra = x.shape.length - shape.length;
  const stretched = x.shape.flatMap((d, i) => (i < extra || (shape[i - extra] === 1 && d !== 1) ? [i] : []));
  return stretched.length === extra ? x.sum(stretched) : x.sum(stretched, true).reshape(shape);
}
