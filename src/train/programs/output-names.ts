/** Names of a program's outputs, which are one flat list: the kind of output, then its own name, as in "loss task". */
import type { Values } from '../../runtime/compile.ts';
import type { Tensor } from '../../tensor/index.ts';

export const named = (kind: string, tensors: Readonly<Record<string, Tensor>>): Record<string, Tensor> =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [`${kind} ${name}`, tensor]));

/** Results by kind, then by name. */
export function byKind(results: Readonly<Record<string, Values>>): Record<string, Record<string, Values>> {
  const kinds: Record<string, Record<string, Values>> = {};
  for (const [key, value] of Object.entries(results)) {
    const space = key.indexOf(' ');
    (kinds[key.slice(0, space)] ??= {})[key.slice(space + 1)] = value;
  }
  return kinds;
}

/** Results that are single numbers. */
export const scalars = (values: Readonly<Record<string, Values>> = {}): Record<string, number> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Number(value[0])]));

/** Results that are arrays of float32. */
export const arrays = (values: Readonly<Record<string, Values>> = {}): Record<string, Float32Array> =>
  values as Record<string, Float32Array>;
