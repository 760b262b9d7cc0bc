import { random } from '../data/random.ts';
import { size } from '../tensor/index.ts';
import type { ParameterSpec } from './network.ts';
import type { StateDict } from './state-dict.ts';

/**
 * Draws every parameter that is not given from a stream of its own, so that adding a layer does not change the others.
 * Throws a RangeError where a given one has another number of values than its shape.
 */
export function initialize(
  parameters: ReadonlyMap<string, ParameterSpec>,
  seed: number,
  given: StateDict = {},
): Record<string, Float32Array> {
  const drawn: Record<string, Float32Array> = {};
  for (const [name, { shape, init }] of parameters) {
    const known = given[name];
    if (known) {
      if (known.length !== size(shape))
        throw new RangeError(`Parameter "${name}" of shape [${shape}] cannot start as ${known.length} values.`);
      drawn[name] = known;
      continue;
    }
    const source = random(seed, 'init', name);
    drawn[name] = Float32Array.from({ length: size(shape) }, () => {
      if (init.kind === 'constant') return init.value;
      return init.kind === 'normal' ? source.normal() * init.deviation : (2 * source.uniform() - 1) * init.bound;
    });
  }
  return drawn;
}
