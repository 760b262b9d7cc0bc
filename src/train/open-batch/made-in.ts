/** Which line of a program made an operator: asked only of graphs in which something is wrong. */
import { watchNodes, type Node } from '../../tensor/index.ts';

/** What `build` returns, and for each operator that it makes the line outside this package that made it, if it is known. */
export function traced<T>(build: () => T): { readonly value: T; readonly madeIn: (node: Node) => string | undefined } {
  const stacks = new Map<Node, Error>();
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 50;
  try {
    const value = watchNodes((node) => stacks.set(node, new Error()), build);
    return { value, madeIn: (node) => lineIn(stacks.get(node)?.stack ?? '') };
  } finally {
    Error.stackTraceLimit = limit;
  }
}

/** The folder of this package's code, as addresses and as paths begin. */
const ours = new URL('../..', import.meta.url);

/** `FILE:LINE` of the innermost call in a stack that is neither of this package nor of another. */
function lineIn(stack: string): string | undefined {
  const places = [...stack.matchAll(/^ +at .*?\(?((?:file:|https?:|[A-Z]:\\|\/)[^()\n]*):(\d+):\d+\)?$/gm)];
  const own = places.find(
    ([, file = '']) => ![ours.href, ours.pathname, '/node_modules/'].some((part) => file.includes(part)),
  );
  return own && `${decodeURI(own[1]!.replace(/^file:\/\//, ''))}:${own[2]!}`;
}
