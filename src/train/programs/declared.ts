/** What a network that is trained has declared, as programs of training take it. */
import type { Scope } from '../../nn/index.ts';
import { size, type Tensor } from '../../tensor/index.ts';
import type { StateDict } from '../state-dict.ts';

/** The parameters that are trained, in the order of their declaration. */
export const trainedIn = (scope: Scope): (readonly [name: string, value: Tensor])[] =>
  [...scope.parameters].flatMap(([name, { value, group }]) => (group.frozen ? [] : [[name, value] as const]));

/** The running states as they are before the first step. */
export const initialStates = (scope: Scope): StateDict =>
  Object.fromEntries(
    [...scope.states].map(([name, { value, initial }]) => [name, new Float32Array(size(value.shape)).fill(initial)]),
  );

/** What the running states become by a step. */
export const nextStates = (scope: Scope): Readonly<Record<string, Tensor>> =>
  Object.fromEntries([...scope.states].map(([name, { next }]) => [name, next]));
