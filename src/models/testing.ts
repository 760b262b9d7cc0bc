/** Helpers of the tests of models: one batch through DecAlign, with weights that depend on their names alone. */
import { merge, type Tree } from '../json/tree.ts';
import { Scope } from '../nn/index.ts';
import { compile, type Program } from '../runtime/node.ts';
import { numbers, testValues } from '../runtime/testing.ts';
import { constant, gradients, input, size, type DType, type Tensor } from '../tensor/index.ts';
import { authorsForm } from './decalign/config.ts';
import { decalign, buildDecAlign, type DecAlignConfig, type ModelTask } from './index.ts';

/** A recipe at a size that tests can afford, with some values of its own. */
export const settings = (recipe: 'paper' | 'authors', own: Tree = {}): DecAlignConfig => {
  const small = { width: 4, heads: 2, layers: 1, mixture: { prototypes: 3 }, weights: { contrastive: 0.01 } };
  return decalign.config.parse(merge(merge(recipe === 'authors' ? authorsForm : {}, small), own));
};

export interface Modality {
  readonly name: string;
  readonly time: number;
  readonly width: number;
  /** True lengths of the samples; without them every step is true. */
  readonly lengths?: readonly number[];
  /** 1 for a sample that has the modality, 0 for one that lacks it; without them models are told nothing of it. */
  readonly present?: readonly number[];
  /** Values `[N, T, D]`; default: uneven ones that depend on the name. */
  readonly values?: readonly number[];
}

export interface Batch {
  readonly modalities: readonly Modality[];
  readonly labels: readonly number[];
  readonly task?: ModelTask;
  readonly dtype?: DType;
  /** The stage of training that is under way. */
  readonly stage?: string;
  /** Values of parameters that are not those of `valuesFor`. */
  readonly parameters?: Readonly<Record<string, readonly number[]>>;
}

/** Uneven values that belong to a name. */
export const valuesFor = (name: string, n: number, low = -0.7, high = 0.7): number[] =>
  testValues(n, 1 + Array.from(name).reduce((sum, c) => (31 * sum + c.charCodeAt(0)) % 9973, 7), low, high);

export const featuresOf = ({ name, time, width, values }: Modality, batch: number): readonly number[] =>
  values ?? valuesFor(`features ${name}`, batch * time * width, -2, 2);

export interface Outcome {
  readonly prediction: number[];
  readonly losses: Readonly<Record<string, number>>;
  readonly diagnostics: Readonly<Record<string, number>>;
  readonly representations: Readonly<Record<string, number[]>>;
  readonly gradients: Readonly<Record<string, number[]>>;
  /** Parameter shapes by name. */
  readonly shapes: Readonly<Record<string, readonly number[]>>;
}

interface Compiled {
  readonly program: Program;
  readonly shapes: Readonly<Record<string, readonly number[]>>;
}
/** Programs by what they were built from: tests that only change values share one. */
const compiled = new Map<string, Compiled>();

async function programFor(
  config: DecAlignConfig,
  { modalities, labels, task, dtype, stage }: Batch,
): Promise<Compiled> {
  const n = labels.length;
  const inputs = modalities.map(
    ({ name, time, width, lengths, present }) => [name, time, width, !!lengths, !!present] as const,
  );
  const key = JSON.stringify([config, inputs, n, task, dtype, stage]);
  const found = compiled.get(key);
  if (found) return found;
  const scope = new Scope(dtype ? { dtype } : {});
  const features = Object.fromEntries(
    inputs.map(([name, time, width, masked]) => {
      const value = input(`features ${name}`, [n, time, width], dtype);
      return [name, masked ? { value, mask: input(`mask ${name}`, [n, time], dtype) } : { value }];
    }),
  );
  const told = inputs.flatMap(([name, , , , present]): [string, Tensor][] =>
    present ? [[name, input(`present ${name}`, [n], dtype)]] : [],
  );
  const label = input('labels', [n], dtype);
  const progress = {
    epoch: constant([1], []),
    rows: constant(
      labels.map((_, row) => row),
      [n],
      'int64',
    ),
    samples: n,
    stage,
  };
  const given = {
    features,
    present: Object.fromEntries(told),
    labels: label,
    task: task ?? { kind: 'regression' as const },
  };
  const built = buildDecAlign(scope, { ...given, ...(stage !== undefined && { progress }) }, config);
  const total = Object.values(built.losses).reduce((a, b) => a.add(b));
  const parameters = [...scope.parameters].map(([name, { value }]) => [name, value] as const);
  const grads = gradients(
    total,
    parameters.map(([, value]) => value),
  );
  const named = parameters.flatMap(([name], i): [string, Tensor][] => (grads[i] ? [[name, grads[i]]] : []));
  const groups = {
    losses: built.losses,
    diagnostics: built.diagnostics,
    representations: built.representations,
    gradients: Object.fromEntries(named),
  };
  const flat = Object.entries(groups).flatMap(([group, values]) =>
    Object.entries(values).map(([name, value]) => [`${group} ${name}`, value] as const),
  );
  const program = await compile({ ...Object.fromEntries(flat), 'prediction ': built.prediction }, { threads: 1 });
  const made = { program, shapes: Object.fromEntries(parameters.map(([name, { shape }]) => [name, shape])) };
  compiled.set(key, made);
  return made;
}

/** Everything that one batch gives. */
export async function runBatch(config: DecAlignConfig, given: Batch): Promise<Outcome> {
  const batch = { dtype: 'float64' as const, ...given };
  const { modalities, labels, parameters = {} } = batch;
  const { program, shapes } = await programFor(config, batch);
  const array = batch.dtype === 'float64' ? Float64Array : Float32Array;
  const values: Record<string, readonly number[]> = { labels };
  for (const m of modalities) {
    values[`features ${m.name}`] = featuresOf(m, labels.length);
    if (m.present) values[`present ${m.name}`] = m.present;
    const lengths = m.lengths ?? [];
    values[`mask ${m.name}`] = lengths.flatMap((l) => Array.from({ length: m.time }, (_, t) => Number(t < l)));
  }
  for (const [name, shape] of Object.entries(shapes)) values[name] = parameters[name] ?? valuesFor(name, size(shape));
  const feeds = Object.fromEntries(Object.entries(values).map(([name, list]) => [name, array.from(list)]));
  const results = Object.entries(await program.run(feeds));
  const group = (prefix: string): Record<string, number[]> =>
    Object.fromEntries(
      results.flatMap(([name, list]) =>
        name.startsWith(`${prefix} `) ? [[name.slice(prefix.length + 1), numbers(list)] as const] : [],
      ),
    );
  const scalars = (prefix: string): Record<string, number> =>
    Object.fromEntries(Object.entries(group(prefix)).map(([name, [value]]) => [name, value!]));
  return {
    prediction: group('prediction')['']!,
    losses: scalars('losses'),
    diagnostics: scalars('diagnostics'),
    representations: group('representations'),
    gradients: group('gradients'),
    shapes,
  };
}
