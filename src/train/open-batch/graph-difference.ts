/** The first difference between graphs that a model builds for two sizes of the batch, or twice for one. */
import {
  Constant,
  Expand,
  Reshape,
  sameShape,
  Tensor,
  topologicalOrder,
  type Node,
  type Shape,
} from '../../tensor/index.ts';
import { dataDifference, type Difference } from '../../json/difference.ts';
import { nearestInput } from '../diverged/nearest-input.ts';

/** The sizes of the batch that were built for; where they are the same, the model was built twice. */
export interface Sizes {
  readonly first: number;
  readonly second: number;
}

export interface Found {
  /** What differs, in words. */
  readonly what: string;
  /** The operator of the first graph that it concerns. */
  readonly node?: Node;
}

/** A value of either build, in words. */
export const told = ({ value, other }: Difference, { first, second }: Sizes): string =>
  first === second
    ? `${text(value)} and then ${text(other)}`
    : `${text(value)} where N is ${first} and ${text(other)} where N is ${second}`;

/** The first operator in which two graphs differ by more than a dimension does that counts whole batches. */
export function graphDifference(
  outputs: readonly Tensor[],
  others: readonly Tensor[],
  sizes: Sizes,
): Found | undefined {
  const elsewhere = sizes.first === sizes.second ? 'a second build' : `N = ${sizes.second}`;
  const [order, otherOrder] = [topologicalOrder(outputs), topologicalOrder(others)];
  const partners = new Map<Tensor, Tensor>();
  for (const [i, node] of order.entries()) {
    const other = otherOrder[i];
    if (node.op !== other?.op) {
      const instead = other ? named(other, sizes.second) : 'nothing';
      return { what: `${place(node, sizes.first)} stands where ${elsewhere} has ${instead}`, node };
    }
    if (!node.inputs.every((x, k) => partners.get(x) === other.inputs[k]))
      return { what: `${place(node, sizes.first)} has other operands for ${elsewhere}`, node };
    const found = nodeDifference(node, other, order, sizes);
    if (found !== undefined) return found;
    node.outputs.forEach((y, k) => partners.set(y, other.outputs[k]!));
  }
  const end = outputs.findIndex((y, k) => partners.get(y) !== others[k]);
  if (end < 0) return undefined;
  const { node } = outputs[end]!;
  const goesOn = named(others[end]!.node, sizes.second);
  return { what: `it ends in ${place(node, sizes.first)} where ${elsewhere} goes on to ${goesOn}`, node };
}

/** The first constant or attribute in which two applications of one operator differ. */
function nodeDifference(node: Node, other: Node, order: readonly Node[], sizes: Sizes): Found | undefined {
  const [attributes, others] = [attributesOf(node), attributesOf(other)];
  for (const [name, value] of Object.entries(attributes)) {
    const isData = node.op.name === Constant.name && name === 'data';
    // A constant with a value for every sample is refused where it is written, in words of its own.
    if (isData && !sameShape(node.outputs[0]!.shape, other.outputs[0]!.shape)) continue;
    if (isGraph(value)) {
      const found = graphDifference(value, others[name] as readonly Tensor[], sizes);
      if (found !== undefined) return found;
      continue;
    }
    const same = name === 'shape' ? (a: unknown, b: unknown) => sameDimension(a, b, sizes) : Object.is;
    const found = dataDifference(value, others[name], same);
    if (found === undefined) continue;
    if (!isData) return { what: `${place(node, sizes.first)} has ${name}${found.path} ${told(found, sizes)}`, node };
    const takes = reader(node, order);
    return { what: `${place(takes, sizes.first)} takes the constant ${told(found, sizes)}`, node: takes };
  }
  return undefined;
}

const attributesOf = ({ attrs }: Node): Readonly<Record<string, unknown>> => ({ ...(attrs ?? {}) });

/** Whether an attribute holds a graph of its own, as that of a loop does. */
const isGraph = (value: unknown): value is readonly Tensor[] =>
  Array.isArray(value) && value.length > 0 && value.every((x) => x instanceof Tensor);

/** Whether a dimension is the same number, or counts the same number of batches, or of their squares. */
function sameDimension(a: unknown, b: unknown, { first, second }: Sizes): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'number' || typeof b !== 'number') return false;
  for (let [batches, size] = [first, second]; a >= batches && a % batches === 0; batches *= first, size *= second) {
    if ((a / batches) * size === b) return true;
  }
  return false;
}

const text = (value: unknown): string => (value === undefined ? 'none' : JSON.stringify(value));

/** The first operator that computes with a constant, past those that only give it another shape. */
function reader(node: Node, order: readonly Node[]): Node {
  const next = order.find(({ inputs }) => inputs.some((x) => x.node === node));
  if (next === undefined) return node;
  return next.op.name === Expand.name || next.op.name === Reshape.name ? reader(next, order) : next;
}

const named = ({ op, outputs }: Node, size: number): string => `${op.name} [${shapeText(outputs[0]!.shape, size)}]`;

function place(node: Node, size: number): string {
  const near = nearestInput(node);
  return `${named(node, size)}${near === undefined ? '' : ` near the input "${near}"`}`;
}

const shapeText = (shape: Shape, size: number): string =>
  shape.map((d) => (d < size || d % size > 0 ? d : d === size ? 'N' : `${d / size}*N`)).join();
