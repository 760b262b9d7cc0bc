import {
  apply,
  applyAll,
  Constant,
  constant,
  Expand,
  Input,
  MatMul,
  Reshape,
  sameShape,
  size,
  topologicalOrder,
  Transpose,
  type Node,
  type Tensor,
} from '../tensor/index.ts';

/**
 * The same values with fewer nodes: constants folded, neutral operations and chains of reshapes, transposes and
 * expansions removed, transposes absorbed by products, equal nodes computed once. Dead nodes fall away by themselves.
 */
export function simplify(outputs: readonly Tensor[]): Tensor[] {
  const replaced = new Map<Tensor, Tensor>();
  const seen = new Map<string, readonly Tensor[]>();
  const ids = new Map<Tensor, number>();
  const id = (x: Tensor): number => {
    const known = ids.get(x);
    if (known !== undefined) return known;
    ids.set(x, ids.size);
    return ids.size - 1;
  };

  const unique = (y: Tensor): readonly Tensor[] => {
    const { node } = y;
    const key = keyOf(node, id);
    const known = key === undefined ? undefined : seen.get(key);
    if (known) return known;
    if (key !== undefined) seen.set(key, node.outputs);
    return node.outputs;
  };

  for (const node of topologicalOrder(outputs)) {
    const inputs = node.inputs.map((x) => replaced.get(x)!);
    const changed = inputs.some((x, i) => x !== node.inputs[i]);
    const [first] = node.outputs;
    const rewritten = first && node.outputs.length === 1 ? rewrite(node, inputs) : undefined;
    const fresh = rewritten ? [rewritten] : changed ? applyAll(node.op, inputs, node.attrs) : node.outputs;
    // A rewrite may return one of several outputs of another node, which is already unique.
    const results =
      fresh.length === 1 && fresh[0]!.node.outputs.length === 1
        ? unique(fresh[0]!)
        : rewritten
          ? fresh
          : unique(fresh[0]!);
    node.outputs.forEach((y, i) => replaced.set(y, results[i]!));
  }
  return outputs.map((y) => replaced.get(y)!);
}

/** Nodes of equal keys compute equal values. Inputs are themselves; loops hold graphs of their own. */
function keyOf(node: Node, id: (x: Tensor) => number): string | undefined {
  const { op, inputs, attrs } = node;
  if (op.name === Input.name || op.name === 'Loop') return undefined;
  if (op.name === Constant.name) {
    const { data, shape, dtype } = attrs as { data: ArrayLike<number>; shape: readonly number[]; dtype: string };
    return data.length > 64
      ? undefined
      : `${dtype}[${shape}]${Array.from(data, (x) => (Object.is(x, -0) ? '-0' : x)).join()}`;
  }
  return `${op.name}(${inputs.map(id).join()})${attrs === undefined ? '' : JSON.stringify(attrs)}`;
}

const constantData = (x: Tensor): ArrayLike<number> | undefined =>
  x.node.op.name === Constant.name ? (x.node.attrs as { data: ArrayLike<number> }).data : undefined;

/** The one value of a constant, or of an expanded one. */
function scalarOf(x: Tensor): number | undefined {
  const source = x.node.op.name === Expand.name || x.node.op.name === Reshape.name ? x.node.inputs[0]! : x;
  const data = constantData(source);
  return data?.length === 1 ? data[0] : undefined;
}

type Rule = (node: Node, inputs: readonly Tensor[]) => Tensor | undefined;

const neutral =
  (op: string, value: number, sides: 'both' | 'right'): Rule =>
  (node, [a, b]) => {
    const { shape } = node.outputs[0]!;
    if (node.op.name !== op) return undefined;
    if (scalarOf(b!) === value && sameShape(a!.shape, shape)) return a;
    if (sides === 'both' && scalarOf(a!) === value && sameShape(b!.shape, shape)) return b;
    return undefined;
  };

/** Elementwise operations on constants are done now, in the precision of their dtype. */
const foldConstants: Rule = (node, inputs) => {
  const { compute } = node.op;
  const y = node.outputs[0]!;
  if (!compute || size(y.shape) > 64) return undefined;
  const data = inputs.map(constantData);
  if (data.some((d, i) => d === undefined || (d.length !== 1 && !sameShape(inputs[i]!.shape, y.shape))))
    return undefined;
  const rounded = y.dtype === 'float32' ? Math.fround : (x: number): number => x;
  const values = Array.from({ length: size(y.shape) }, (_, i) =>
    rounded(compute(...data.map((d) => d![d!.length === 1 ? 0 : i]!))),
  );
  return constant(values, y.shape, y.dtype);
};

/** An elementwise operation stretches its operands by itself. */
const dropExpand: Rule = (node, inputs) => {
  if (!node.op.compute || inputs.length < 2) return undefined;
  const { shape } = node.outputs[0]!;
  for (const [i, x] of inputs.entries()) {
    if (x.node.op.name !== Expand.name) continue;
    const slim = inputs.map((other, j) => (i === j ? x.node.inputs[0]! : other));
    const y = apply(node.op, slim, node.attrs);
    if (sameShape(y.shape, shape)) return rewrite(y.node, slim) ?? y;
  }
  return undefined;
};

/** (x · s) · t = x · (s · t), for scalars. */
const mergeScales: Rule = (node, [a, b]) => {
  if (node.op.name !== 'Mul') return undefined;
  const [x, scale] =
    scalarOf(b!) !== undefined
      ? [a!, scalarOf(b!)!]
      : scalarOf(a!) !== undefined
        ? [b!, scalarOf(a!)!]
        : [a!, undefined];
  if (scale === undefined || x.node.op.name !== 'Mul') return undefined;
  const inner = x.node.inputs.find((t) => scalarOf(t) !== undefined);
  const rest = x.node.inputs.find((t) => t !== inner);
  if (!inner || !rest || !sameShape(rest.shape, node.outputs[0]!.shape)) return undefined;
  const product = scale * scalarOf(inner)!;
  return rest.mul(rest.dtype === 'float32' ? Math.fround(product) : product);
};

/** -(-x) = x. */
const doubleNegation: Rule = (node, [x]) =>
  node.op.name === 'Neg' && x!.node.op.name === 'Neg' ? x!.node.inputs[0] : undefined;

const mergeReshapes: Rule = (node, [x]) => {
  if (node.op.name !== Reshape.name) return undefined;
  const { shape } = node.outputs[0]!;
  if (sameShape(x!.shape, shape)) return x;
  if (x!.node.op.name === Reshape.name) return x!.node.inputs[0]!.reshape(shape);
  const data = constantData(x!);
  return data && data.length <= 64 ? constant(data, shape, x!.dtype) : undefined;
};

const mergeExpands: Rule = (node, [x]) => {
  if (node.op.name !== Expand.name) return undefined;
  const { shape } = node.outputs[0]!;
  if (sameShape(x!.shape, shape)) return x;
  return x!.node.op.name === Expand.name ? x!.node.inputs[0]!.expand(shape) : undefined;
};

/** Two transposes are one; one that only moves axes of length 1 is a reshape. */
const mergeTransposes: Rule = (node, [x]) => {
  if (node.op.name !== Transpose.name) return undefined;
  const { order } = node.attrs as { order: readonly number[] };
  if (x!.node.op.name === Transpose.name) {
    const inner = (x!.node.attrs as { order: readonly number[] }).order;
    return x!.node.inputs[0]!.transpose(order.map((axis) => inner[axis]!));
  }
  const real = order.filter((axis) => x!.shape[axis] !== 1);
  return real.every((axis, i) => i === 0 || axis > real[i - 1]!) ? x!.reshape(node.outputs[0]!.shape) : undefined;
};

const swapsLastTwo = (x: Tensor): boolean => {
  if (x.node.op.name !== Transpose.name) return false;
  const { order } = x.node.attrs as { order: readonly number[] };
  const n = order.length;
  return order.every((axis, i) => axis === (i === n - 1 ? n - 2 : i === n - 2 ? n - 1 : i));
};

/** A product reads its operands transposed for nothing. */
const absorbTransposes: Rule = (node, inputs) => {
  if (node.op.name !== MatMul.name || !inputs.some(swapsLastTwo)) return undefined;
  const [a, b] = inputs.map((x) => (swapsLastTwo(x) ? x.node.inputs[0]! : x));
  const flags = node.attrs as { transposeA: boolean; transposeB: boolean };
  return apply(MatMul, [a!, b!], {
    transposeA: flags.transposeA !== swapsLastTwo(inputs[0]!),
    transposeB: flags.transposeB !== swapsLastTwo(inputs[1]!),
  });
};

const dropDetach: Rule = (node, [x]) => (node.op.name === 'Detach' ? x : undefined);

const rules: readonly Rule[] = [
  dropDetach,
  foldConstants,
  dropExpand,
  neutral('Add', 0, 'both'),
  neutral('Sub', 0, 'right'),
  neutral('Mul', 1, 'both'),
  neutral('Div', 1, 'right'),
  mergeScales,
  doubleNegation,
  mergeReshapes,
  mergeExpands,
  mergeTransposes,
  absorbTransposes,
];

function rewrite(node: Node, inputs: readonly Tensor[]): Tensor | undefined {
  for (const rule of rules) {
    const y = rule(node, inputs);
    if (y) return y;
  }
  return undefined;
}
