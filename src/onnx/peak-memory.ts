/**
 * The memory that a graph takes while the runtime computes it, from its shapes alone: a value takes room from the operator
 * that makes it to the last one that reads it, and a run needs the most that is taken at once.
 */
import {
  Constant,
  Input,
  Loop,
  Reshape,
  size,
  topologicalOrder,
  type DType,
  type Node,
  type Tensor,
} from '../tensor/index.ts';
import { simplify } from './simplify.ts';

/** The size of a graph: its nodes, and bytes of its values. */
export interface GraphMemory {
  /** How many nodes it has. */
  readonly nodes: number;
  /** Of all that is fed in. */
  readonly inputs: number;
  /** Of all that is stored in the graph. */
  readonly constants: number;
  /** Of all that is given back. */
  readonly outputs: number;
  /** The most that computed values take at once, those given back among them. */
  readonly peak: number;
}

const bytesPer: Readonly<Record<DType, number>> = { float32: 4, float64: 8, int64: 8, bool: 1 };
const bytesOf = ({ shape, dtype }: Tensor): number => size(shape) * bytesPer[dtype];
const totalOf = (values: readonly Tensor[]): number => values.reduce((sum, value) => sum + bytesOf(value), 0);

/** The memory of computing `outputs`, which are simplified first, as they are before they run. */
export function peakMemory(outputs: readonly Tensor[]): GraphMemory {
  const simplified = simplify(outputs);
  const made = (name: string): Tensor[] =>
    topologicalOrder(simplified).flatMap(({ op, outputs: [value] }) => (op.name === name ? [value!] : []));
  return {
    nodes: topologicalOrder(simplified).length,
    inputs: totalOf(made(Input.name)),
    constants: totalOf(made(Constant.name)),
    outputs: totalOf(simplified),
    peak: peakOf(simplified),
  };
}

/** A stretch of memory that holds one value, or several in turn. */
interface Room {
  readonly bytes: number;
  /** How many operators have yet to read it, and one more for each output of the graph in it. */
  readers: number;
}

function peakOf(outputs: readonly Tensor[]): number {
  const order = executionOrder(outputs);
  const readers = new Map<Tensor, number>();
  for (const x of [...order.flatMap(({ inputs }) => inputs), ...outputs]) readers.set(x, (readers.get(x) ?? 0) + 1);
  const rooms = new Map<Tensor, Room>();
  let [held, peak] = [0, 0];
  for (const node of order) {
    // A given value in another shape is given too.
    if (isGiven(node) || (node.op.name === Reshape.name && !rooms.has(node.inputs[0]!))) continue;
    for (const y of node.outputs) {
      const shared = sharedRoom(node, bytesOf(y), rooms);
      const room = shared ?? { bytes: bytesOf(y), readers: 0 };
      if (!shared) held += room.bytes;
      room.readers += readers.get(y) ?? 0;
      rooms.set(y, room);
    }
    peak = Math.max(peak, held + (node.op.name === Loop.name ? peakOf(bodyOf(node)) : 0));
    for (const x of node.inputs) {
      const room = rooms.get(x);
      if (room && --room.readers === 0) held -= room.bytes;
    }
    for (const y of node.outputs) if (!readers.has(y)) held -= bytesOf(y);
  }
  return peak;
}

/** Whether a node's value is fed in or stored: it takes no room of its own while the graph runs. */
const isGiven = ({ op }: Node): boolean => op.name === Input.name || op.name === Constant.name;

const bodyOf = ({ attrs }: Node): readonly Tensor[] => (attrs as { readonly results: readonly Tensor[] }).results;

/** The room of an input in which the runtime puts the output: a reshape's, or one that an elementwise operator reads last. */
function sharedRoom({ op, inputs }: Node, bytes: number, rooms: ReadonlyMap<Tensor, Room>): Room | undefined {
  if (op.name === Reshape.name) return rooms.get(inputs[0]!);
  if (op.compute === undefined) return undefined;
  return inputs.map((x) => rooms.get(x)).find((room) => room?.readers === 1 && room.bytes === bytes);
}

/**
 * The nodes in the order in which ONNX Runtime computes them: depth first from the values that nobody reads, of those and
 * of each node's inputs the one that was written last before the others.
 */
function executionOrder(outputs: readonly Tensor[]): Node[] {
  const written = topologicalOrder(outputs);
  const index = new Map(written.map((node, i) => [node, i]));
  const read = new Set(written.flatMap(({ inputs }) => inputs.map(({ node }) => node)));
  const order: Node[] = [];
  const done = new Set<Node>();
  const stack = written.filter((node) => !read.has(node)).map((node) => ({ node, entered: false }));
  for (let top = stack.pop(); top; top = stack.pop()) {
    const { node, entered } = top;
    if (entered) order.push(node);
    if (entered || done.has(node)) continue;
    done.add(node);
    stack.push({ node, entered: true });
    const before = [...new Set(node.inputs.map((x) => x.node))].sort((a, b) => index.get(a)! - index.get(b)!);
    for (const each of before) if (!done.has(each)) stack.push({ node: each, entered: false });
  }
  return order;
}
