/** What a model of one's own builds, checked for what everything after it takes for granted. */
import { sameShape, Tensor, type Shape } from '../tensor/index.ts';
import type { ModelInputs, ModelOutput } from './model.ts';

/** The output of the model of that name, as it is; a TypeError or a RangeError says which part is not what a model gives. */
export function checkedOutput(model: string, output: ModelOutput, inputs: ModelInputs): ModelOutput {
  const problem = outputProblem(output, inputs);
  if (!problem) return output;
  const { part, rule } = problem;
  throw new problem.kind(`The model "${model}" gives no sound ${part}: it must ${rule}.`);
}

interface Problem {
  readonly kind: typeof RangeError | typeof TypeError;
  readonly part: string;
  readonly rule: string;
}

function outputProblem(output: ModelOutput, { features, labels, task }: ModelInputs): Problem | undefined {
  const [batch] = Object.values(features)[0]!.value.shape as [number];
  const written = (shape: Shape): string => `[${shape.map((d) => (d === batch ? 'N' : d)).join(',')}]`;
  const tensorProblem = (part: string, tensor: unknown, shape: Shape): Problem | undefined => {
    if (!(tensor instanceof Tensor)) return { kind: TypeError, part, rule: `be a tensor of shape ${written(shape)}` };
    if (sameShape(tensor.shape, shape)) return undefined;
    return { kind: RangeError, part, rule: `have the shape ${written(shape)}, but has ${written(tensor.shape)}` };
  };

  const predicted = tensorProblem(
    'prediction',
    output.prediction,
    task.kind === 'regression' ? [batch] : [batch, task.classes],
  );
  if (predicted) return predicted;
  for (const group of ['losses', 'diagnostics', 'representations'] as const) {
    const held: unknown = output[group];
    if (typeof held !== 'object' || held === null)
      return { kind: TypeError, part: group, rule: 'be an object of tensors by name, {} where there are none' };
    for (const [name, tensor] of Object.entries(held) as [string, unknown][]) {
      const width = (tensor instanceof Tensor && tensor.shape[1]) || 1;
      const problem = tensorProblem(`${group}.${name}`, tensor, group === 'representations' ? [batch, width] : []);
      if (problem) return problem;
    }
  }
  if (labels && Object.keys(output.losses).length === 0)
    return { kind: TypeError, part: 'losses', rule: 'have one at least where it is given labels' };
  return undefined;
}
