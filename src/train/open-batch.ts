/**
 * Graphs for batches of any size. Shapes are static, so such a graph is built for a size that stands for all, and every
 * dimension that is a multiple of it is written as a symbol. Any other number that a model makes of the size would be
 * written as it is, and be wrong for every real batch. Therefore a graph is built for two sizes, and must be the same.
 */
import {
  Constant,
  Expand,
  Reshape,
  sameShape,
  Tensor,
  topologicalOrder,
  type Node,
  type Shape,
} from '../tensor/index.ts';
import { dataDifference, type Difference } from './data-difference.ts';
import { nearestInput } from './nearest-input.ts';

/** A larger prime than any real dimension: it stands for the batch where the batch is open (`SymbolicBatch`). */
export const openBatch = { size: 1_000_003, name: 'batch' } as const;

/**
 * The second size: divided by every number up to 16, which the first is not, and so far from it that logarithms differ.
 */
const otherSize = 720_720;

type Outputs = Readonly<Record<string, Tensor>>;

/**
 * The graph that `build` makes for `openBatch.size`, to be compiled with the option `batch: openBatch`. Throws a
 * RangeError that begins with `title` and names the operator, where operators, their constants or their attributes
 * depend on the size by more than a dimension does that counts whole batches.
 */
export function withOpenBatch(title: string, build: (batch: number) => Outputs): Outputs {
  const [graph, other] = [build(openBatch.size), build(otherSize)];
  const found = graphDifference(Object.values(graph), Object.values(other));
  if (found !== undefined) throw dependsOnBatch(title, found);
  return graph;
}

/** What `build` returns for `openBatch.size`; a RangeError that begins with `title` where another size changes it. */
export function forAnyBatch<T>(title: string, build: (batch: number) => T): T {
  const [value, other] = [build(openBatch.size), build(otherSize)];
  const found = dataDifference(value, other);
  if (found !== undefined) throw dependsOnBatch(title, `it has ${found.path.replace(/^\./, '')} ${told(found)}`);
  return value;
}

const dependsOnBatch = (title: string, found: string): RangeError =>
  new RangeError(
    `${title} depends on the size of the batch: ${found}. ` +
      'It must serve any size: let operators take the size when they run, as mean() does, and use no number made of it.',
  );

/** The first operator in which graphs of the two sizes differ, in words. */
function graphDifference(outputs: readonly Tensor[], others: readonly Tensor[]): string | undefined {
  const [order, otherOrder] = [topologicalOrder(outputs), topologicalOrder(others)];
  const partners = new Map<Tensor, Tensor>();
  for (const [i, node] of order.entries()) {
    const other = otherOrder[i];
    if (node.op !== other?.op)
      return `${place(node)} stands where a batch of ${otherSize} has ${other ? named(other, otherSize) : 'nothing'}`;
    if (!node.inputs.every((x, k) => partners.get(x) === other.inputs[k]))
      return `${place(node)} has other operands for a batch of ${otherSize}`;
    const found = nodeDifference(node, other, order);
    if (found !== undefined) return found;
    node.outputs.forEach((y, k) => partners.set(y, other.outputs[k]!));
  }
  const end = outputs.findIndex((y, k) => partners.get(y) !== others[k]);
  return end < 0
    ? undefined
    : `it ends in ${place(outputs[end]!.node)} where a batch of ${otherSize} goes on to ${named(others[end]!.node, otherSize)}`;
}

/** The first constant or attribute in which two applications of one operator differ, in words. */
function nodeDifference(node: Node, other: Node, order: readonly Node[]): string | undefined {
  const [attributes, others] = [attributesOf(node), attributesOf(other)];
  for (const [name, value] of Object.entries(attributes)) {
    const isData = node.op.name === Constant.name && name === 'data';
    // A constant with a value for every sample is refused where it is written, in words of its own.
    if (isData && !sameShape(node.outputs[0]!.shape, other.outputs[0]!.shape)) continue;
    if (isGraph(value)) {
      const found = graphDifference(value, others[name] as readonly Tensor[]);
      if (found !== undefined) return found;
      continue;
    }
    const found = dataDifference(value, others[name], name === 'shape' ? sameDimension : Object.is);
    if (found === undefined) continue;
    return isData
      ? `${place(reader(node, order))} takes the constant ${told(found)}`
      : `${place(node)} has ${name}${found.path} ${told(found)}`;
  }
  return undefined;
}

const attributesOf = ({ attrs }: Node): Readonly<Record<string, unknown>> => ({ ...(attrs ?? {}) });

/** Whether an attribute holds a graph of its own, as that of a loop does. */
const isGraph = (value: unknown): value is readonly Tensor[] =>
  Array.isArray(value) && value.length > 0 && value.every((x) => x instanceof Tensor);

/** Whether a dimension counts the same number of batches, or of their squares, or is the same number. */
const sameDimension = (a: unknown, b: unknown): boolean =>
  Object.is(a, b) ||
  (isMultiple(a, openBatch.size) && isMultiple(b, otherSize) && sameDimension(a / openBatch.size, b / otherSize));

const isMultiple = (d: unknown, size: number): d is number => typeof d === 'number' && d >= size && d % size === 0;

const told = ({ value, other }: Difference): string =>
  `${text(value)} for a batch of ${openBatch.size} and ${text(other)} for one of ${otherSize}`;

const text = (value: unknown): string => (value === undefined ? 'none' : JSON.stringify(value));

/** The first operator that computes with a constant, past those that only give it another shape. */
function reader(node: Node, order: readonly Node[]): Node {
  const next = order.find(({ inputs }) => inputs.some((x) => x.node === node));
  if (next === undefined) return node;
  return next.op.name === Expand.name || next.op.name === Reshape.name ? reader(next, order) : next;
}

const named = ({ op, outputs }: Node, size: number): string => `${op.name} [${shapeText(outputs[0]!.shape, size)}]`;

function place(node: Node): string {
  const near = nearestInput(node);
  return `${named(node, openBatch.size)}${near === undefined ? '' : ` near the input "${near}"`}`;
}

const shapeText = (shape: Shape, size: number): string =>
  shape.map((d) => (!isMultiple(d, size) ? d : d === size ? openBatch.name : `${d / size}*${openBatch.name}`)).join();
