import { Input, type Node } from '../../tensor/index.ts';

/** The name of an input node; undefined for any other. */
export const inputName = (node: Node): string | undefined =>
  node.op.name === Input.name ? (node.attrs as { readonly name: string }).name : undefined;

/** The name of the input that is the fewest operators away from a node: it tells where in a model the node is. */
export function nearestInput(node: Node): string | undefined {
  const seen = new Set<Node>([node]);
  const waiting = [node];
  for (const next of waiting) {
    const name = inputName(next);
    if (name !== undefined) return name;
    for (const { node: below } of next.inputs)
      if (!seen.has(below)) {
        seen.add(below);
        waiting.push(below);
      }
  }
  return undefined;
}
