/** Where in a step numbers first cease to be finite: told by running it again with every intermediate value. */
import type { Compile, RuntimeOptions, Values } from '../../runtime/compile.ts';
import { topologicalOrder, type Tensor } from '../../tensor/index.ts';
import { inputName, nearestInput } from './nearest-input.ts';

export interface StepGraph {
  /** Losses and diagnostics. */
  readonly forward: readonly Tensor[];
  readonly gradients: readonly Tensor[];
}

/**
 * The first op, in the order of computation, whose result is not finite, or the input that is not, in a few words such
 * as `Log [32,4], which makes -Infinity in the forward pass near the input "head.weight"`. Undefined where all are
 * finite.
 */
export async function firstNonFinite(
  { forward, gradients }: StepGraph,
  feeds: Readonly<Record<string, Values>>,
  { compile, ...options }: RuntimeOptions & { readonly compile: Compile },
): Promise<string | undefined> {
  const order = topologicalOrder([...forward, ...gradients]);
  for (const node of order) {
    const name = inputName(node);
    const value = name === undefined ? undefined : oddOne(feeds[name]);
    if (value !== undefined) return `the input "${name!}", which holds ${value}`;
  }
  const computed = order.flatMap(({ inputs, outputs }) =>
    inputs.length === 0 ? [] : outputs.filter(({ dtype }) => dtype.startsWith('float')),
  );
  const program = await compile(Object.fromEntries(computed.map((tensor, i) => [`value ${i}`, tensor])), options);
  const results = await program.run(feeds).finally(() => program.dispose());
  const ahead = new Set(topologicalOrder(forward));
  const found = computed.flatMap((tensor, i) => {
    const value = oddOne(results[`value ${i}`]);
    return value === undefined ? [] : [{ tensor, value }];
  });
  const [first] = found;
  if (!first) return undefined;
  const where = (({ node }) => {
    const near = nearestInput(node);
    const pass = ahead.has(node) ? 'the forward pass' : 'the gradients';
    return near === undefined ? `in ${pass}` : `in ${pass} near the input "${near}"`;
  })(first.tensor);
  const told = `${first.tensor.node.op.name} [${first.tensor.shape.join(',')}], which makes ${first.value} ${where}`;
  // An infinity may be intended, as the logarithm of 0 is; NaN never is.
  const broken = found.find(({ value }) => Number.isNaN(value));
  return broken === undefined || broken === first
    ? told
    : `${told}; NaN comes first from ${broken.tensor.node.op.name} [${broken.tensor.shape.join(',')}]`;
}

/** The first value that is NaN or infinite; undefined where none is. */
function oddOne(values: Values | undefined): number | undefined {
  if (!(values instanceof Float32Array) && !(values instanceof Float64Array)) return undefined;
  return values.find((value) => !Number.isFinite(value));
}
