/** Helpers of the tests of layers: run one with given parameters, and check its gradients, its parameters' included. */
import { evaluate, gradientError, testValues } from '../runtime/testing.ts';
import { input, size, type DType, type Shape, type Tensor } from '../tensor/index.ts';
import { Scope } from './scope.ts';

type Numbers = Readonly<Record<string, readonly number[]>>;

export interface LayerRun {
  readonly dtype?: DType;
  readonly training?: boolean;
}

/** The outputs of a layer in float64; parameters that `feeds` does not name take uneven values of their own. */
export async function runLayer(
  build: (scope: Scope, x: (name: string, shape: Shape) => Tensor) => Readonly<Record<string, Tensor>>,
  feeds: Numbers,
  { dtype = 'float64', training = false }: LayerRun = {},
): Promise<Record<string, number[]>> {
  const scope = new Scope({ dtype, training });
  const inputs = new Map<string, Tensor>();
  const outputs = build(scope, (name, shape) => {
    const x = inputs.get(name) ?? input(name, shape, dtype);
    inputs.set(name, x);
    return x.reshape(shape);
  });
  return evaluate(outputs, { ...parameterValues(scope), ...feeds });
}

/** Uneven values for every parameter of a scope, by name. */
const parameterValues = (scope: Scope): Record<string, number[]> =>
  Object.fromEntries(
    [...scope.parameters].map(([name, { value }], i) => [name, testValues(size(value.shape), i + 7, -0.7, 0.7)]),
  );

/** `gradientError` of a layer over its inputs and every parameter it declares. */
export function layerGradientError(
  build: (scope: Scope, ...inputs: Tensor[]) => Tensor,
  shapes: readonly Shape[],
): Promise<number> {
  const probe = new Scope({ dtype: 'float64' });
  build(probe, ...shapes.map((shape, i) => input(`x${i}`, shape, 'float64')));
  const declared = [...probe.parameters];
  return gradientError(
    (...inputs) => {
      const parameters = new Map(
        declared.map(([name, parameter], i) => [name, { ...parameter, value: inputs[shapes.length + i]! }]),
      );
      const scope = new Scope(
        { dtype: inputs[0]!.dtype },
        { parameters, dropouts: new Map(), states: new Map() },
        [],
        true,
      );
      return build(scope, ...inputs.slice(0, shapes.length));
    },
    [...shapes, ...declared.map(([, { value }]) => value.shape)],
  );
}

/** How each parameter of a layer starts, by name. */
export function initializersOf(build: (scope: Scope) => unknown): Record<string, unknown> {
  const scope = new Scope();
  build(scope);
  return Object.fromEntries([...scope.parameters].map(([name, { init }]) => [name, init]));
}
