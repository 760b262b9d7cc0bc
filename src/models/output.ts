/** What a model of one's own builds, checked for what everything after it takes for granted. */
import * as z from 'zod';
import { input, sameShape, Tensor, topologicalOrder, type Shape } from '../tensor/index.ts';
import { outputsOf } from './task.ts';
import type { LabelClasses, Model, ModelInputs, ModelOutput, Stage, WholeBatch } from './model.ts';

/**
 * What the model of that name builds; a TypeError or a RangeError says which part is not what a model gives, or that `parts`
 * names a representation that is not there. Whatever `build` throws is an Error.
 */
export function checkedOutput(
  model: string,
  build: () => ModelOutput,
  inputs: ModelInputs,
  partsOf?: Model['parts'],
): ModelOutput {
  let output: ModelOutput;
  try {
    output = build();
  } catch (error) {
    if (error instanceof Error) throw error;
    throw new Error(`The model "${model}" cannot be built: ${thrown(error)}`, { cause: error });
  }
  const problem = outputProblem(output, inputs) ?? (partsOf && partsProblem(output, inputs, partsOf));
  if (!problem) return output;
  const { part, rule } = problem;
  throw new problem.kind(
    part === undefined
      ? `The model "${model}" builds nothing sound: ${rule}.`
      : `The model "${model}" gives no sound ${part}: it must ${rule}.`,
  );
}

/** In words what was thrown that is no Error. */
export const thrown = (value: unknown): string =>
  typeof value === 'string' && value !== ''
    ? value
    : `it throws ${typeof value === 'object' && value !== null ? 'an object' : value === '' ? '""' : String(value)}, which is no Error and tells no more.`;

const stages = z.array(
  z.strictObject({ name: z.string().min(1), epochs: z.int().nonnegative(), ownSchedule: z.boolean().optional() }),
);
const labelClasses = z.strictObject({ count: z.int().min(2), limit: z.number().positive() });
const grid = z.record(z.string(), z.array(z.number()).min(1));

/**
 * The stages of a model of one's own, the parameters that it has chosen on validation and the classes that it makes of
 * labels; a TypeError where they are none.
 */
export function checkedPlan<S extends z.ZodType>(
  model: Pick<Model<S>, 'name' | 'stages' | 'chosenOnValidation' | 'labelClasses'>,
  config: z.output<S>,
  training: { readonly stepsPerEpoch: number },
): {
  readonly stages: readonly Stage[];
  readonly chosenOnValidation: z.output<typeof grid>;
  readonly labelClasses?: LabelClasses;
} {
  const checked = <T>(part: string, schema: z.ZodType<T>, value: unknown, rule: string): T => {
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    throw new TypeError(`The model "${model.name}" gives no sound ${part}: it must return ${rule}.`);
  };
  return {
    stages: checked(
      'stages',
      stages,
      model.stages?.(config, training) ?? [],
      'a list of { name, epochs, ownSchedule }',
    ),
    chosenOnValidation: checked(
      'chosenOnValidation',
      grid,
      model.chosenOnValidation?.(config) ?? {},
      'an object of lists of numbers, by the names of parameters',
    ),
    ...(model.labelClasses && {
      labelClasses: checked(
        'labelClasses',
        labelClasses,
        model.labelClasses(config),
        '{ count, limit }, a whole number of 2 or more and a number above 0',
      ),
    }),
  };
}

interface Problem {
  readonly kind: typeof RangeError | typeof TypeError;
  /** Absent where there are no parts. */
  readonly part?: string;
  readonly rule: string;
}

const parts = 'build must return { prediction, losses, diagnostics, representations }';

// Names stand in a line of progress and are keys of JSON: words on one line, with a single blank between two.
const words = /^\p{L}[^\s\p{C}]*(?: [^\s\p{C}]+)*$/u;
const nameRule =
  'have another name, which begins with a letter, is on one line and is none that every JavaScript object has, such as constructor';

function outputProblem(output: ModelOutput, { features, labels, task }: ModelInputs): Problem | undefined {
  const given: unknown = output;
  if (given instanceof Promise) return { kind: TypeError, rule: `${parts} itself, and be no async function` };
  if (typeof given !== 'object' || given === null) return { kind: TypeError, rule: `${parts}, not ${String(given)}` };
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
    task.kind === 'regression' ? [batch] : [batch, outputsOf(task)],
  );
  if (predicted) return predicted;
  for (const group of ['losses', 'diagnostics', 'representations'] as const) {
    const held: unknown = output[group];
    // An object that is written with the key __proto__ has no such entry: its prototype is that tensor.
    if (typeof held !== 'object' || held === null || held instanceof Tensor)
      return { kind: TypeError, part: group, rule: 'be an object of tensors by name, {} where there are none' };
    for (const [name, tensor] of Object.entries(held) as [string, unknown][]) {
      if (name in Object.prototype || !words.test(name))
        return { kind: RangeError, part: `${group}.${JSON.stringify(name.slice(0, 80))}`, rule: nameRule };
      const width = (tensor instanceof Tensor && tensor.shape[1]) || 1;
      const problem = tensorProblem(`${group}.${name}`, tensor, group === 'representations' ? [batch, width] : []);
      if (problem) return problem;
    }
  }
  if (Object.hasOwn(output.losses, 'total'))
    return { kind: RangeError, part: 'losses.total', rule: 'have another name, as total is the sum of all losses' };
  if (labels && Object.keys(output.losses).length === 0)
    return { kind: TypeError, part: 'losses', rule: 'have one at least where it is given labels' };
  return output.wholeBatch && wholeBatchProblem(output, output.wholeBatch, { batch, features, labels });
}

interface Whole {
  readonly batch: number;
  readonly features: ModelInputs['features'];
  readonly labels: Tensor | undefined;
}

/** What keeps losses from being built for samples that are gathered: built for those of the batch, they are to be its own. */
function wholeBatchProblem(
  { losses }: ModelOutput,
  { reads, build }: WholeBatch,
  { batch, features, labels }: Whole,
): Problem | undefined {
  const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null;
  if (!isObject(reads) || typeof build !== 'function')
    return { kind: TypeError, part: 'wholeBatch', rule: 'be { reads, build }, tensors by name and a function of them' };
  for (const [name, tensor] of Object.entries(reads) as [string, unknown][])
    if (!(tensor instanceof Tensor) || tensor.shape[0] !== batch)
      return { kind: RangeError, part: `wholeBatch.reads.${name}`, rule: 'be a tensor [N, …], a row for each sample' };
  // Tensors that stand for those of all samples: what else of the batch the losses use is that of a part alone.
  const gathered = Object.fromEntries(
    Object.entries(reads).map(([name, { shape, dtype }]) => [name, input(`read ${name}`, shape, dtype)]),
  );
  const built: unknown = build(gathered);
  const own: unknown = isObject(built) ? Reflect.get(built as object, 'losses') : undefined;
  if (!isObject(own) || !isObject(Reflect.get(built as object, 'diagnostics')))
    return { kind: TypeError, part: 'wholeBatch.build', rule: 'return { losses, diagnostics }' };
  const inside = new Set(
    [...Object.values(features).flatMap(({ value, mask }) => [value, mask]), labels].map((tensor) => tensor?.node),
  );
  const leaving = topologicalOrder(Object.values(own as Record<string, Tensor>)).some((node) => inside.has(node));
  if (leaving)
    return {
      kind: RangeError,
      part: 'wholeBatch.build',
      rule: 'make its losses of what it is given alone: name in reads all of the batch that they use',
    };
  const other = Object.keys(own as object).find((name) => !Object.hasOwn(losses, name));
  if (other === undefined) return undefined;
  return { kind: RangeError, part: `wholeBatch.build: losses.${other}`, rule: 'be called as one of the losses is' };
}

function partsProblem(
  { representations }: ModelOutput,
  { features }: ModelInputs,
  partsOf: NonNullable<Model['parts']>,
): Problem | undefined {
  const there = Object.keys(representations).join(', ');
  for (const modality of Object.keys(features)) {
    const named: unknown = partsOf(modality);
    for (const part of ['unique', 'common'] as const) {
      const name: unknown = typeof named === 'object' && named !== null ? Reflect.get(named, part) : undefined;
      if (typeof name === 'string' && Object.hasOwn(representations, name)) continue;
      const rule = `name a representation that build gives (${there || 'it gives none'}), but names ${typeof name === 'string' ? `"${name}"` : 'none'}`;
      return { kind: RangeError, part: `parts("${modality}").${part}`, rule };
    }
  }
  return undefined;
}
