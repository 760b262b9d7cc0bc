import { apply, type Emitter, type Op } from '../op.ts';
import { broadcast } from '../shape.ts';
import type { DType, Tensor } from '../tensor.ts';
import { full, lift } from './leaves.ts';

type Value = Tensor | number;

function unary(
  name: string,
  compute: (x: number) => number,
  grad: ((dy: Tensor, x: Tensor, y: Tensor) => Tensor | undefined) | null,
): (x: Tensor) => Tensor {
  const op: Op<void> = {
    name,
    infer: ([x]) => [x!],
    lower: (emit, inputs) => emit.node(name, inputs),
    grad: grad && (([dy], { inputs: [x], outputs: [y] }) => [grad(dy!, x!, y!)]),
    compute,
  };
  return (x) => apply(op, [x], undefined);
}

function binary(
  name: string,
  compute: (a: number, b: number) => number,
  grad: ((dy: Tensor, a: Tensor, b: Tensor, y: Tensor) => readonly [Tensor, Tensor]) | null,
  dtype?: DType,
): (a: Tensor, b: Value) => Tensor {
  const op: Op<void> = {
    name,
    infer: ([a, b]) => {
      if (a!.dtype !== b!.dtype)
        throw new TypeError(
          `${name} needs operands of one dtype, got ${a!.dtype} [${a!.shape}] and ${b!.dtype} [${b!.shape}]; use .cast().`,
        );
      return [{ shape: broadcast(a!.shape, b!.shape), dtype: dtype ?? a!.dtype }];
    },
    lower: (emit, inputs) => emit.node(name, inputs),
    grad: grad && (([dy], { inputs: [a, b], outputs: [y] }) => grad(dy!, a!, b!, y!)),
    compute,
  };
  return (a, b) => apply(op, [a, lift(b, a)], undefined);
}

const compare = (name: string, compute: (a: number, b: number) => boolean): ((a: Tensor, b: Value) => Tensor) =>
  binary(name, (a, b) => Number(compute(a, b)), null, 'bool');

/** 1 where the condition holds, else 0. To multiply by it costs a quarter of what `where` does. */
const indicator = (condition: Tensor, like: Tensor): Tensor => cast(condition, like.dtype);

export const add = binary(
  'Add',
  (a, b) => a + b,
  (dy) => [dy, dy],
);
export const sub = binary(
  'Sub',
  (a, b) => a - b,
  (dy) => [dy, dy.neg()],
);
export const mul = binary(
  'Mul',
  (a, b) => a * b,
  (dy, a, b) => [dy.mul(b), dy.mul(a)],
);
export const div = binary(
  'Div',
  (a, b) => a / b,
  (dy, _a, b, y) => {
    const da = dy.div(b);
    return [da, da.mul(y).neg()];
  },
);

/** The larger of two; where they are equal, the gradient goes to the first. */
export const max = binary('Max', Math.max, (dy, a, b) => {
  const first = dy.mul(indicator(a.greaterOrEqual(b), dy));
  return [first, dy.sub(first)];
});
/** The smaller of two; where they are equal, the gradient goes to the first. */
export const min = binary('Min', Math.min, (dy, a, b) => {
  const first = dy.mul(indicator(a.lessOrEqual(b), dy));
  return [first, dy.sub(first)];
});

export const greater = compare('Greater', (a, b) => a > b);
export const greaterOrEqual = compare('GreaterOrEqual', (a, b) => a >= b);
export const less = compare('Less', (a, b) => a < b);
export const lessOrEqual = compare('LessOrEqual', (a, b) => a <= b);
export const equal = compare('Equal', (a, b) => a === b);
export const and = compare('And', (a, b) => a !== 0 && b !== 0);
export const or = compare('Or', (a, b) => a !== 0 || b !== 0);
export const not = unary('Not', (x) => Number(x === 0), null);

export const neg = unary(
  'Neg',
  (x) => -x,
  (dy) => dy.neg(),
);
export const abs = unary('Abs', Math.abs, (dy, x) => dy.mul(x.sign()));
export const sign = unary('Sign', Math.sign, () => undefined);
export const exp = unary('Exp', Math.exp, (dy, _x, y) => dy.mul(y));
export const log = unary('Log', Math.log, (dy, x) => dy.div(x));
export const sqrt = unary('Sqrt', Math.sqrt, (dy, _x, y) => dy.mul(0.5).div(y));
export const reciprocal = unary(
  'Reciprocal',
  (x) => 1 / x,
  (dy, _x, y) => dy.mul(y).mul(y).neg(),
);
export const tanh = unary('Tanh', Math.tanh, (dy, _x, y) => dy.sub(dy.mul(y).mul(y)));
export const sigmoid = unary(
  'Sigmoid',
  (x) => 1 / (1 + Math.exp(-x)),
  (dy, _x, y) => {
    const scaled = dy.mul(y);
    return scaled.sub(scaled.mul(y));
  },
);
/**
 * erf x = 2/√π e^(−x²) Σ_n 2ⁿ x^(2n+1) / (2n+1)!! (Abramowitz and Stegun 7.1.6), in which no term cancels another.
 * Beyond ±6 it is ±1 in float64; within, 150 terms are enough for float64.
 */
const erfSeries = { limit: 6, scale: 2 / Math.sqrt(Math.PI) };
/** The n of the series' terms, from the last to the first. */
const erfTerms = Array.from({ length: 150 }, (_, i) => 150 - i);

const Erf: Op<void> = {
  name: 'Erf',
  infer: ([x]) => [x!],
  lower: (emit, [x], _, { inputs }) => {
    const { dtype } = inputs[0]!;
    // Gradient checks need float64, for which the runtime has no kernel.
    return dtype === 'float64' ? emitErfSeries(emit, x!) : emit.node('Erf', [x!]);
  },
  grad: ([dy], { inputs: [x] }) => [dy!.mul(x!.square().neg().exp()).mul(erfSeries.scale)],
  compute: (x) => {
    const kept = Math.min(Math.max(x, -erfSeries.limit), erfSeries.limit);
    let sum = 1;
    for (const n of erfTerms) sum = 1 + (sum * 2 * kept * kept) / (2 * n + 1);
    return erfSeries.scale * kept * Math.exp(-kept * kept) * sum;
  },
};
/** The error function 2/√π ∫₀ˣ e^(−t²) dt. */
export const erf = (x: Tensor): Tensor => apply(Erf, [x], undefined);

function emitErfSeries(emit: Emitter, x: string): string[] {
  const op = (name: string, ...inputs: readonly string[]): string => emit.node(name, inputs)[0]!;
  const scalar = (value: number): string => emit.scalar(value, 'float64');
  const kept = op('Min', op('Max', x, scalar(-erfSeries.limit)), scalar(erfSeries.limit));
  const square = op('Mul', kept, kept);
  let sum = scalar(1);
  for (const n of erfTerms) sum = op('Add', op('Mul', op('Mul', square, scalar(2 / (2 * n + 1))), sum), scalar(1));
  return [op('Mul', op('Mul', op('Mul', kept, scalar(erfSeries.scale)), op('Exp', op('Neg', square))), sum)];
}

const Positive: Op<void> = {
  name: 'Positive',
  infer: ([x]) => [x!],
  // HardSigmoid as a ramp so steep that it is a step for every normal number is five times as fast as the runtime's
  // Sign.
  lower: (emit, [x], _, { inputs }) =>
    inputs[0]!.dtype === 'float32'
      ? emit.node('HardSigmoid', [x!], { alpha: { float: 3e38 }, beta: { float: 0 } })
      : emit.node('Max', [...emit.node('Sign', [x!]), emit.scalar(0, inputs[0]!.dtype)]),
  grad: () => [undefined],
};
/** 1 where x > 0, else 0. No gradient flows through it. */
export const positive = (x: Tensor): Tensor => apply(Positive, [x], undefined);

/** max(x, 0); its gradient at 0 is 0. */
export const relu = unary(
  'Relu',
  (x) => Math.max(x, 0),
  (dy, _x, y) => dy.mul(positive(y)),
);
export const floor = unary('Floor', Math.floor, () => undefined);

/** Rounds to the nearest integer, halves to the even one. */
export const round = unary('Round', roundHalfToEven, () => undefined);

function roundHalfToEven(x: number): number {
  const nearest = Math.round(x);
  return Math.abs(x % 1) === 0.5 && nearest % 2 !== 0 ? nearest - 1 : nearest;
}

export const square = (x: Tensor): Tensor => x.mul(x);

const Pow: Op<{ readonly exponent: number }> = {
  name: 'Pow',
  infer: ([x]) => [x!],
  lower: (emit, [x], { exponent }, { inputs }) => emit.node('Pow', [x!, emit.scalar(exponent, inputs[0]!.dtype)]),
  grad: ([dy], { inputs: [x], attrs: { exponent } }) => [dy!.mul(pow(x!, exponent - 1)).mul(exponent)],
};
/** x to the power of a constant; some small whole and half powers are computed by products and roots. */
export function pow(x: Tensor, exponent: number): Tensor {
  if (exponent === 0) return full(x.shape, 1, x.dtype);
  if (exponent === 1) return x;
  if (exponent === 2) return square(x);
  if (exponent === 3) return square(x).mul(x);
  if (exponent === 0.5) return x.sqrt();
  if (exponent === -1) return x.reciprocal();
  if (exponent === 1.5) return x.mul(x.sqrt());
  return apply(Pow, [x], { exponent });
}

/** x kept within [low, high]; no gradient flows where it was outside. */
export function clamp(x: Tensor, { low, high }: { readonly low?: number; readonly high?: number }): Tensor {
  const raised = low === undefined ? x : x.max(low);
  return high === undefined ? raised : raised.min(high);
}

const elementTypes: Readonly<Record<DType, number>> = { float32: 1, float64: 11, int64: 7, bool: 9 };
const Cast: Op<{ readonly to: DType }> = {
  name: 'Cast',
  infer: ([x], { to }) => [{ shape: x!.shape, dtype: to }],
  lower: (emit, inputs, { to }) => emit.node('Cast', inputs, { to: elementTypes[to] }),
  grad: ([dy], { inputs: [x], attrs: { to } }) => [
    x!.dtype.startsWith('float') && to.startsWith('float') ? cast(dy!, x!.dtype) : undefined,
  ],
};
/** The same values in another dtype. No gradient flows through integers and booleans. */
export const cast = (x: Tensor, to: DType): Tensor => (x.dtype === to ? x : apply(Cast, [x], { to }));
