import {
  apply,
  applyAll,
  Constant,
  constant,
  Expand,
  full,
  Gemm,
  Input,
  Loop,
  MatMul,
  Reshape,
  sameShape,
  size,
  Tensor,
  topologicalOrder,
  Transpose,
  type DType,
  type Node,
  type Op,
} from '../tensor/index.ts';

/**
 * The same values (up to rounding and the sign of a zero) with fewer nodes: constants folded, neutral operations and
 * chains of reshapes, transposes and expansions removed, transposes absorbed by products, equal nodes computed once.
 * Dead nodes fall away by themselves.
 */
export function simplify(outputs: readonly Tensor[]): Tensor[] {
  const replaced = new Map<Tensor, Tensor>();
  const settled = new Set<Tensor>();
  const seen = new Map<string, readonly Tensor[]>();
  const ids = new Map<object, number>();
  const id = (x: object): number => {
    const known = ids.get(x);
    if (known !== undefined) return known;
    ids.set(x, ids.size);
    return ids.size - 1;
  };

  /** Outputs of a node of settled inputs, or those of the equal node met before. */
  const unique = (node: Node): readonly Tensor[] => {
    const key = keyOf(node, id);
    const known = key === undefined ? undefined : seen.get(key);
    if (known) return known;
    if (key !== undefined) seen.set(key, node.outputs);
    for (const y of node.outputs) settled.add(y);
    return node.outputs;
  };

  const order = topologicalOrder(outputs);
  const uses = new Map<Tensor, number>();
  for (const x of [...order.flatMap(({ inputs }) => inputs), ...outputs]) uses.set(x, (uses.get(x) ?? 0) + 1);

  const settle = (node: Node, inputs: readonly Tensor[]): readonly Tensor[] => {
    const used = (i: number): number => uses.get(node.inputs[i]!) ?? Infinity;
    const rewritten = node.outputs.length === 1 ? rewrite(node, inputs, used) : undefined;
    if (rewritten) return [made(rewritten)];
    const attrs = node.op.name === Loop.name ? simplerBody(node.attrs as LoopBody) : node.attrs;
    const same = attrs === node.attrs && inputs.every((x, i) => x === node.inputs[i]);
    return unique(same ? node : applyAll(node.op, inputs, attrs)[0]!.node);
  };

  /** Settles what a rule returned: a settled tensor, or a few new nodes over settled ones, which rules may match again. */
  const made = (y: Tensor): Tensor =>
    settled.has(y) ? y : settle(y.node, y.node.inputs.map(made))[y.node.outputs.indexOf(y)]!;

  for (const node of order) {
    const results = settle(
      node,
      node.inputs.map((x) => replaced.get(x)!),
    );
    node.outputs.forEach((y, i) => replaced.set(y, results[i]!));
  }
  return outputs.map((y) => replaced.get(y)!);
}

type LoopBody = typeof Loop extends Op<infer A> ? A : never;
const simplerBody = (body: LoopBody): LoopBody => ({ ...body, results: simplify(body.results) });

/** Nodes of equal keys compute equal values. Inputs are themselves, and so are constants of some size. */
function keyOf({ op, inputs, attrs }: Node, id: (x: object) => number): string | undefined {
  if (op.name === Input.name) return undefined;
  if (op.name === Constant.name && (attrs as { data: ArrayLike<number> }).data.length > small) return undefined;
  return `${id(op)}(${inputs.map(id).join()})${written(attrs, id)}`;
}

/** A value as text, different for different values: tensors are named by identity, zeros by their sign. */
function written(value: unknown, id: (x: object) => number): string {
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'function' || value instanceof Tensor) return `#${id(value)}`;
  if (ArrayBuffer.isView(value)) return written([...(value as Float32Array)], id);
  if (Array.isArray(value)) return `[${value.map((x) => written(x, id)).join()}]`;
  if (typeof value === 'object' && value)
    return `{${Object.entries(value)
      .map(([key, x]) => `${key}:${written(x, id)}`)
      .join()}}`;
  return String(value);
}

/** Constants of more values are neither folded nor compared. */
const small = 64;

const constantData = (x: Tensor): ArrayLike<number> | undefined =>
  x.node.op.name === Constant.name ? (x.node.attrs as { data: ArrayLike<number> }).data : undefined;

/** The one value of a constant, or of an expanded one. */
function scalarOf(x: Tensor): number | undefined {
  const source = x.node.op.name === Expand.name || x.node.op.name === Reshape.name ? x.node.inputs[0]! : x;
  const data = constantData(source);
  return data?.length === 1 ? data[0] : undefined;
}

/**
 * The tensor that replaces a node of settled inputs, or undefined where the rule does not match; `used` says how often the
 * graph uses an input, as far as is known.
 */
type Rule = (node: Node, inputs: readonly Tensor[], used: (input: number) => number) => Tensor | undefined;

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
  if (!compute || !inputs.every(constantData) || size(y.shape) > small) return undefined;
  const data = inputs.map(constantData);
  if (data.some((d, i) => d!.length !== 1 && !sameShape(inputs[i]!.shape, y.shape))) return undefined;
  const values = Array.from({ length: size(y.shape) }, (_, i) =>
    stored(compute(...data.map((d, k) => stored(d![d!.length === 1 ? 0 : i]!, inputs[k]!.dtype))), y.dtype),
  );
  const exact = y.dtype !== 'int64' || values.every(Number.isSafeInteger);
  return exact ? constant(values, y.shape, y.dtype) : undefined;
};

/** A number as a tensor of that dtype holds it; integers divide towards zero. */
const stored = (x: number, dtype: DType): number =>
  dtype === 'float32' ? Math.fround(x) : dtype === 'int64' ? Math.trunc(x) : x;

/** An elementwise operation stretches its operands by itself. */
const dropExpand: Rule = (node, inputs) => {
  if (!node.op.compute || inputs.length < 2) return undefined;
  const { shape } = node.outputs[0]!;
  for (let i = 0; i < inputs.length; i++) {
    const x = inputs[i]!;
    if (x.node.op.name !== Expand.name) continue;
    const y = apply(node.op, inputs.with(i, x.node.inputs[0]!), node.attrs);
    if (sameShape(y.shape, shape)) return y;
  }
  return undefined;
};

/** (x · s) · t = x · (s · t), for scalars whose product neither over- nor underflows. */
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
  if (!(Math.abs(product) > 1e-30 && Math.abs(product) < 1e30)) return undefined;
  return rest.mul(stored(product, rest.dtype));
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
  return data && data.length <= small ? constant(data, shape, x!.dtype) : undefined;
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

type Product = typeof MatMul extends Op<infer A> ? A : never;

/** A product can read its operands transposed at no cost, so that a transpose before it goes. */
const absorbTransposes: Rule = (node, inputs) => {
  if (node.op.name !== MatMul.name || !inputs.some(swapsLastTwo)) return undefined;
  const [a, b] = inputs.map((x) => (swapsLastTwo(x) ? x.node.inputs[0]! : x));
  const flags = node.attrs as Product;
  return apply(MatMul, [a!, b!], {
    scale: flags.scale,
    transposeA: flags.transposeA !== swapsLastTwo(inputs[0]!),
    transposeB: flags.transposeB !== swapsLastTwo(inputs[1]!),
  });
};

/** A product can be scaled at no cost, so that a factor after it goes, if nothing else uses the product without it. */
const absorbScale: Rule = (node, [x, factor], used) => {
  const scale = node.op.name === 'Mul' ? scalarOf(factor!) : undefined;
  if (scale === undefined || x!.node.op.name !== MatMul.name || used(0) > 1) return undefined;
  if (!sameShape(x!.shape, node.outputs[0]!.shape)) return undefined;
  const flags = x!.node.attrs as Product;
  return apply(MatMul, x!.node.inputs, { ...flags, scale: flags.scale * scale });
};

/** Where a product has more results, the runtime adds a bias faster in a pass of its own, which all threads share. */
const smallProduct = 2 ** 14;

/** A small product of matrices and the addition of a bias are one node, if nothing else uses the product without it. */
const absorbBias: Rule = (node, inputs, used) => {
  if (node.op.name !== 'Add') return undefined;
  const { shape } = node.outputs[0]!;
  const i = inputs.findIndex((x, i) => x.node.op.name === MatMul.name && used(i) === 1 && sameShape(x.shape, shape));
  const [x, bias] = [inputs[i], inputs[1 - i]];
  if (!x || shape.length !== 2 || size(shape) > smallProduct || bias!.shape.length > 2 || sameShape(bias!.shape, shape))
    return undefined;
  const product = x.node.attrs as Product;
  // The runtime keeps the scale of a Gemm in float32, and so would round that of a float64 product.
  if (x.dtype !== 'float32' && Math.fround(product.scale) !== product.scale) return undefined;
  return apply(Gemm, [...x.node.inputs, bias!], product);
};

/** A sum over the leading axes of a large tensor is a product with a row of ones, which the runtime does twice as fast. */
const sumByProduct: Rule = (node, [x]) => {
  if (node.op.name !== 'ReduceSum' || x!.dtype !== 'float32') return undefined;
  const { axes } = node.attrs as { axes: readonly number[] };
  const rest = x!.shape.slice(axes.length);
  if (!axes.every((axis, i) => axis === i) || rest.length === 0) return undefined;
  const [rows, columns] = [size(x!.shape.slice(0, axes.length)), size(rest)];
  if (rows < 128 || columns < 16) return undefined;
  return full([1, rows], 1)
    .matmul(x!.reshape([rows, columns]))
    .reshape(node.outputs[0]!.shape);
};

const dropDetach: Rule = (node, [x]) => (node.op.name === 'Detach' || node.op.name === 'WithGradient' ? x : undefined);

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
  absorbScale,
  absorbBias,
  sumByProduct,
];

function rewrite(node: Node, inputs: readonly Tensor[], used: (input: number) => number): Tensor | undefined {
  for (const rule of rules) {
    const y = rule(node, inputs, used);
    if (y) return y;
  }
  return undefined;
}
