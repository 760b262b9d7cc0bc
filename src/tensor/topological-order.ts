import type { Node, Tensor } from './tensor.ts';

/**
 * The nodes that `outputs` depend on, each after its inputs. Not by recursion: unrolled loops are thousands of nodes
 * deep.
 */
export function topologicalOrder(outputs: readonly Tensor[]): Node[] {
  const order: Node[] = [];
  const done = new Set<Node>();
  // The path being walked, and for each of its nodes the position of the input that is visited next.
  const path: Node[] = [];
  const next: number[] = [];
  for (const { node } of outputs) {
    if (done.has(node)) continue;
    path.push(node);
    next.push(0);
    while (path.length > 0) {
      const at = path.length - 1;
      const top = path[at]!;
      const child = top.inputs[next[at]!++]?.node;
      if (!child) {
        path.pop();
        next.pop();
        done.add(top);
        order.push(top);
      } else if (!done.has(child)) {
        path.push(child);
        next.push(0);
      }
    }
  }
  return order;
}
