import type { Node, Tensor } from './tensor.ts';

/** Nodes that `outputs` depend on, each after its inputs. Iterative: unrolled loops are thousands of nodes deep. */
export function topologicalOrder(outputs: readonly Tensor[]): Node[] {
  const order: Node[] = [];
  const done = new Set<Node>();
  const stack: { node: Node; next: number }[] = [];
  for (const { node } of outputs) {
    if (!done.has(node)) stack.push({ node, next: 0 });
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const child = top.node.inputs[top.next++]?.node;
      if (!child) {
        stack.pop();
        if (!done.has(top.node)) order.push(top.node);
        done.add(top.node);
      } else if (!done.has(child)) stack.push({ node: child, next: 0 });
    }
  }
  return order;
}
