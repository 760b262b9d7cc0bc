import { applyAll, type Op } from '../op.ts';
import { sameShape } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { topologicalOrder } from '../topological-order.ts';
import { constant, input, Input } from './leaves.ts';

interface LoopBody {
  readonly limit: number;
  /** Placeholders of the iteration's state, then of the captured outer values. */
  readonly placeholders: readonly Tensor[];
  readonly states: number;
  /** Results of an iteration: whether to go on, then the next state. */
  readonly results: readonly Tensor[];
}

export const Loop: Op<LoopBody> = {
  name: 'Loop',
  infer: ([when, ...inputs], { states, results }) => {
    const [again] = results;
    for (const [name, x] of Object.entries({ when: when!, again: again! }))
      if (x.dtype !== 'bool' || x.shape.length > 0)
        throw new TypeError(`loop() needs a bool scalar for "${name}", got ${x.dtype} [${x.shape}].`);
    if (results.length - 1 !== states)
      throw new RangeError(`loop() has ${states} states but its body returns ${results.length - 1}.`);
    results.slice(1).forEach((next, i) => {
      const state = inputs[i]!;
      if (!sameShape(next.shape, state.shape) || next.dtype !== state.dtype)
        throw new RangeError(
          `loop() state ${i} is ${state.dtype} [${state.shape}] but its body returns ${next.dtype} [${next.shape}].`,
        );
    });
    return inputs.slice(0, states);
  },
  lower: (emit, [when, ...inputs], { limit, placeholders, states, results }) => {
    const iteration = input('iteration', [], 'int64');
    const condition = input('condition', [], 'bool');
    const body = {
      inputs: [iteration, condition, ...placeholders.slice(0, states)],
      outputs: results,
      captured: placeholders.slice(states).map((placeholder, i) => [placeholder, inputs[states + i]!] as const),
    };
    const start = [emit.scalar(limit, 'int64'), when!, ...inputs.slice(0, states)];
    return emit.node('Loop', start, { body: { body } }, { outputs: states });
  },
  // There is none by design: a fixed point is differentiated by a theorem of its own, not through the iterations.
  grad: null,
};

export interface LoopStep {
  readonly next: readonly Tensor[];
  /** A bool scalar: whether to go round again. */
  readonly again: Tensor;
}

export interface LoopOptions {
  readonly state: readonly Tensor[];
  readonly captured: readonly Tensor[];
  readonly limit: number;
  /** A bool scalar: whether to begin at all. Default: yes. */
  readonly when?: Tensor;
}

/**
 * The state after repeating `body` at run time while it says `again`, at most `limit` times, and not at all unless
 * `when` holds. Values from outside must be named in `captured`; the body gets them as its second argument.
 */
export function loop(
  { state, captured, limit, when = always() }: LoopOptions,
  body: (state: readonly Tensor[], captured: readonly Tensor[]) => LoopStep,
): readonly Tensor[] {
  if (limit < 1) return state;
  const outer = [...state, ...captured];
  const placeholders = outer.map((x, i) => input(`body ${i}`, x.shape, x.dtype));
  const { next, again } = body(placeholders.slice(0, state.length), placeholders.slice(state.length));
  for (const { op, attrs, outputs } of topologicalOrder([again, ...next]))
    if (op.name === Input.name && !placeholders.includes(outputs[0]!))
      throw new Error(
        `The body of loop() uses "${(attrs as { name: string }).name}" from outside; name it in "captured".`,
      );
  return applyAll(Loop, [when, ...outer], { limit, placeholders, states: state.length, results: [again, ...next] });
}

/** A bool scalar that always holds. */
export const always = (): Tensor => constant([1], [], 'bool');
