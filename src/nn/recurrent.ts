import { concat, withGradient, type Tensor } from '../tensor/index.ts';
import { dropout } from './dropout.ts';
import { byFanIn } from './initializers.ts';
import type { Scope } from './scope.ts';
import { masked, withValue, type Sequence } from './sequence.ts';

export interface RecurrentOptions {
  readonly layers?: number;
  /** A second pass from each sample's true end to its start, put beside the first. */
  readonly bidirectional?: boolean;
  /** Dropout rate of what one layer hands to the next. Default 0. */
  readonly dropout?: number;
}

export interface Recurrent {
  /** States of the last layer `[N, T, directions · hidden]`; padding is zero. */
  readonly outputs: Sequence;
  /**
   * The last state of each layer and direction, `[N, layers · directions, hidden]`: forwards that at the true end,
   * backwards that at the start.
   */
  readonly last: Tensor;
}

export interface Lstm extends Recurrent {
  /** Cells c of the last layer, laid out as the outputs; padding is zero. */
  readonly cells: Sequence;
}

/**
 * Long short-term memory (Hochreiter and Schmidhuber, 1997) over `[N, T, D]`, with PyTorch's parameters:
 *
 *   i, f, o = σ(W x_t + U h_{t-1} + b)    g = tanh(W x_t + U h_{t-1} + b)
 *   c_t = f ∘ c_{t-1} + i ∘ g             h_t = o ∘ tanh(c_t)
 *
 * A masked step carries h and c on, so that padding counts nowhere and a reverse pass starts at the true end.
 */
export function lstm(scope: Scope, sequence: Sequence, hidden: number, options: RecurrentOptions = {}): Lstm {
  return stacked(scope, sequence, hidden, options, { gates: 4, sweep: lstmSweep });
}

/**
 * Gated recurrent units (Cho et al., 2014) over `[N, T, D]`, with PyTorch's parameters and its place for the reset gate:
 *
 *   r, z = σ(W x_t + U h_{t-1} + b)    n = tanh(W x_t + b + r ∘ (U h_{t-1} + b'))    h_t = (1 − z) ∘ n + z ∘ h_{t-1}
 *
 * A masked step carries h on, as in `lstm`.
 */
export function gru(scope: Scope, sequence: Sequence, hidden: number, options: RecurrentOptions = {}): Recurrent {
  const { outputs, last } = stacked(scope, sequence, hidden, options, { gates: 3, sweep: gruSweep });
  return { outputs, last };
}

/** One LSTM step: gates before their activation, in the order i, f, o, g along the last axis, and the cells before. */
function lstmCell(gates: Tensor, cells?: Tensor): { readonly hidden: Tensor; readonly cells: Tensor } {
  const axis = gates.shape.length - 1;
  const width = gates.shape[axis]! / 4;
  const [open, candidate] = gates.split(axis, [3 * width, width]);
  const [i, f, o] = open!.sigmoid().split(axis, [width, width, width]);
  const added = i!.mul(candidate!.tanh());
  const next = cells ? f!.mul(cells).add(added) : added;
  return { hidden: o!.mul(next.tanh()), cells: next };
}

/** PyTorch's rows i, f, g, o in the order that `lstmCell` reads: gates of one activation lie together. */
function lstmRows(x: Tensor): Tensor {
  const width = x.shape[0]! / 4;
  const [inputForget, candidate, output] = x.split(0, [2 * width, width, width]);
  return concat([inputForget!, output!, candidate!], 0);
}

/**
 * Generates a sequence `[N, steps, H]` by an LSTM with the parameters of PyTorch's LSTMCell: the input of the first step is
 * `start` `[N, H]`, that of every later one the hidden state of the step before. The sequence is the hidden states.
 */
export function lstmDecoder(scope: Scope, start: Tensor, steps: number): Tensor {
  const [batch, width] = start.shape as [number, number];
  const param = (name: string, shape: readonly number[]): Tensor => lstmRows(scope.param(name, shape, byFanIn(width)));
  const [input, weight] = ['weight_ih', 'weight_hh'].map((name) => param(name, [4 * width, width]));
  const [inputBias, hiddenBias] = ['bias_ih', 'bias_hh'].map((name) => param(name, [4 * width]));
  const bias = inputBias!.add(hiddenBias!).reshape([1, 1, 1, 4 * width]);
  const first = start
    .matmul(input!, { transposeB: true })
    .reshape([1, 1, batch, 4 * width])
    .add(bias);
  const later = steps > 1 ? [bias.expand([steps - 1, 1, batch, 4 * width])] : [];

  // From the second step on input and hidden state are one vector, so both weights act as their sum.
  const both = input!.add(weight!).reshape([1, 4 * width, width]);
  const { hidden } = lstmSteps(both, concat([first, ...later], 0));
  return concat(hidden, 0).reshape([steps, batch, width]).transpose([1, 0, 2]);
}

/** The directions of a layer side by side: G gates of H features each. */
interface Layer {
  /** W x of every step, without bias: `[T, directions, N, G·H]`; the reverse direction's steps are in its own order. */
  readonly inputs: Tensor;
  /** U `[directions, G·H, H]`. */
  readonly weight: Tensor;
  /** `[directions, G·H]`. */
  readonly inputBias: Tensor;
  readonly hiddenBias: Tensor;
  readonly masks: readonly StepMask[] | undefined;
}

/** `[1, directions, N, 1]`: 1 for the samples whose step is true, and 1 for those whose step is padding. */
interface StepMask {
  readonly real: Tensor;
  readonly padding: Tensor;
}

/** States by step, `[1, directions, N, H]`. */
interface States {
  readonly hidden: readonly Tensor[];
  readonly cells: readonly Tensor[];
}

interface Kind {
  readonly gates: number;
  readonly sweep: (layer: Layer) => States;
}

const lstmSweep = ({ inputs, weight, inputBias, hiddenBias, masks }: Layer): States =>
  lstmSteps(weight, inputs.add(perGate(inputBias.add(hiddenBias))), masks);

function lstmSteps(weight: Tensor, offsets: Tensor, masks?: readonly StepMask[]): States {
  const hidden: Tensor[] = [];
  const cells: Tensor[] = [];
  for (const [t, gates] of recurrence(weight, offsets, hidden).entries()) {
    const next = lstmCell(gates(), cells[t - 1]);
    cells.push(carried(masks?.[t], next.cells, cells[t - 1]));
    hidden.push(carried(masks?.[t], next.hidden, hidden[t - 1]));
  }
  return { hidden, cells };
}

function gruSweep({ inputs, weight, inputBias, hiddenBias, masks }: Layer): States {
  const width = weight.shape[2]!;
  const hidden: Tensor[] = [];
  const [gates, candidates] = inputs.add(perGate(inputBias)).split(3, [2 * width, width]);
  const [gatesOf, candidateOf] = [perStep(gates!), perStep(candidates!)];
  const offsets = perGate(hiddenBias).expand(inputs.shape);
  for (const [t, product] of recurrence(weight, offsets, hidden).entries()) {
    const [toGates, toCandidate] = product().split(3, [2 * width, width]);
    const [r, z] = gatesOf[t]!.add(toGates!).sigmoid().split(3, [width, width]);
    const n = candidateOf[t]!.add(r!.mul(toCandidate!)).tanh();
    const h = hidden[t - 1];
    const next = h ? n.add(z!.mul(h.sub(n))) : n.sub(z!.mul(n));
    hidden.push(carried(masks?.[t], next, h));
  }
  return { hidden, cells: [] };
}

/**
 * U h_{t-1} + offset_t, a function per step. It reads h_{t-1} off the list `hidden`, which grows as steps are taken; before
 * the first, h is 0.
 *
 * The gradient of U, Σ_t d_tᵀ h_{t-1}, is one product over all steps, taken at the offsets: d_t is their gradient too.
 */
function recurrence(weight: Tensor, offsets: Tensor, hidden: readonly Tensor[]): readonly (() => Tensor)[] {
  const [steps, directions, batch, rows] = offsets.shape as [number, number, number, number];
  const transposed = weight.transpose([0, 2, 1]).reshape([1, directions, weight.shape[2]!, rows]);
  const upright = weight.reshape([1, directions, rows, weight.shape[2]!]);
  const flat = (x: Tensor): Tensor => x.transpose([1, 0, 2, 3]).reshape([directions, x.shape[0]! * batch, x.shape[3]!]);
  const joint =
    steps === 1
      ? offsets
      : withGradient(offsets, [offsets, weight], (d) => [
          d,
          flat(d.slice(0, 1, steps)).matmul(flat(concat(hidden.slice(0, -1), 0)), { transposeA: true }),
        ]);
  return perStep(joint).map((offset, t) => () => {
    const h = hidden[t - 1];
    return h ? offset.add(withGradient(h.matmul(transposed), [h], (d) => [d.matmul(upright)])) : offset;
  });
}

/** `next` at true steps, else what was before it: 0 at the start. Products cost less than `where`. */
function carried(mask: StepMask | undefined, next: Tensor, before: Tensor | undefined): Tensor {
  if (!mask) return next;
  const taken = next.mul(mask.real);
  return before ? taken.add(before.mul(mask.padding)) : taken;
}

function stacked(
  scope: Scope,
  sequence: Sequence,
  hidden: number,
  { layers = 1, bidirectional = false, dropout: rate = 0 }: RecurrentOptions,
  { gates, sweep }: Kind,
): Lstm {
  const [batch, steps] = sequence.value.shape as [number, number, number];
  const directions = bidirectional ? ['', '_reverse'] : [''];
  const masks = sequence.mask && stepMasks(bothWays(trueSteps(sequence.mask), directions));
  const inOrder = (states: readonly Tensor[]): Tensor => {
    const [forward, reverse] = concat(states, 0).split(1, Array<number>(directions.length).fill(1));
    const sides = reverse ? concat([forward!, backwards(reverse)], 3) : forward!;
    return sides.reshape([steps, batch, directions.length * hidden]);
  };

  let x = sequence.value.transpose([1, 0, 2]);
  let cells = x;
  const last: Tensor[] = [];
  for (let layer = 0; layer < layers; layer++) {
    const given = layer === 0 ? x : dropout(scope, `layers.${layer - 1}`, x, rate);
    const states = sweep({ ...declare(scope, given, layer, directions, { gates, hidden }), masks });
    x = inOrder(states.hidden);
    if (states.cells.length > 0) cells = inOrder(states.cells);
    last.push(states.hidden.at(-1)!.reshape([directions.length, batch, hidden]));
  }
  const asSequence = (y: Tensor): Sequence => masked(withValue(sequence, y.transpose([1, 0, 2])));
  return { outputs: asSequence(x), cells: asSequence(cells), last: concat(last, 0).transpose([1, 0, 2]) };
}

/** Declares a layer over `x` `[T, N, D]` and projects every step for every direction, one product each. */
function declare(
  scope: Scope,
  x: Tensor,
  layer: number,
  directions: readonly string[],
  { gates, hidden }: { readonly gates: number; readonly hidden: number },
): Omit<Layer, 'masks'> {
  const [steps, batch, width] = x.shape as [number, number, number];
  const rows = gates * hidden;
  const arranged = gates === 4 ? lstmRows : (y: Tensor): Tensor => y;
  const sides = directions.map((direction, i) => {
    const param = (name: string, shape: readonly number[]): Tensor =>
      arranged(scope.param(`${name}_l${layer}${direction}`, shape, byFanIn(hidden)));
    const input = param('weight_ih', [rows, width]);
    const weight = param('weight_hh', [rows, hidden]).reshape([1, rows, hidden]);
    const [inputBias, hiddenBias] = ['bias_ih', 'bias_hh'].map((name) => param(name, [rows]).reshape([1, rows]));
    const inputs = (i === 0 ? x : backwards(x))
      .reshape([steps * batch, width])
      .matmul(input, { transposeB: true })
      .reshape([steps, 1, batch, rows]);
    return { inputs, weight, inputBias: inputBias!, hiddenBias: hiddenBias! };
  });
  const joined = (name: keyof (typeof sides)[number], axis: number): Tensor =>
    concat(
      sides.map((side) => side[name]),
      axis,
    );
  return {
    inputs: joined('inputs', 1),
    weight: joined('weight', 0),
    inputBias: joined('inputBias', 0),
    hiddenBias: joined('hiddenBias', 0),
  };
}

/** The parts of `x` along its first axis, each `[1, ...]`. */
const perStep = (x: Tensor): readonly Tensor[] => x.split(0, Array<number>(x.shape[0]!).fill(1));

const backwards = (x: Tensor): Tensor => concat(perStep(x).toReversed(), 0);

/** A mask `[N, T]` as `[T, 1, N, 1]`. */
const trueSteps = (mask: Tensor): Tensor => mask.transpose([1, 0]).reshape([mask.shape[1]!, 1, mask.shape[0]!, 1]);

function stepMasks(real: Tensor): readonly StepMask[] {
  const padding = perStep(real.neg().add(1));
  return perStep(real).map((step, t) => ({ real: step, padding: padding[t]! }));
}

const bothWays = (x: Tensor, directions: readonly string[]): Tensor =>
  concat(
    directions.map((_, i) => (i === 0 ? x : backwards(x))),
    1,
  );

/** A bias `[directions, G·H]` beside states `[T, directions, N, G·H]`. */
const perGate = (bias: Tensor): Tensor => bias.reshape([1, bias.shape[0]!, 1, bias.shape[1]!]);
