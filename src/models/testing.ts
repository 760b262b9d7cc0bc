/** Helpers of the tests of models: one batch through DecAlign, with weights that depend on their names alone. */
import { Scope } from '../nn/index.ts';
import { evaluate, testValues } from '../runtime/testing.ts';
import { gradients, input, size, type DType, type Tensor } from '../tensor/index.ts';
import { decalign, buildDecAlign, type DecAlignConfig, type ModelTask } from './index.ts';

type Tree = Readonly<Record<string, unknown>>;
const isTree = (x: unknown): x is Tree => typeof x === 'object' && x !== null && !Array.isArray(x);
const merge = (a: Tree, b: Tree): Tree => ({
  ...a,
  ...Object.fromEntries(Object.entries(b).map(([k, v]) => [k, isTree(v) && isTree(a[k]) ? merge(a[k], v) : v])),
});

/** A recipe at a size that tests can afford, with some values of its own. */
export const settings = (recipe: 'paper' | 'authors', own: Tree = {}): DecAlignConfig => {
  const small = { width: 4, heads: 2, layers: 1, mixture: { prototypes: 3 }, weights: { contrastive: 0.01 } };
  return decalign.config.parse(merge(merge(decalign.recipes[recipe]!, small), own)) as DecAlignConfig;
};

export interface Modality {
  readonly name: string;
  readonly time: number;
  readonly width: number;
  /** True lengths of the samples; without them every step is true. */
  readonly lengths?: readonly number[];
  /** Values `[N, T, D]`; default: uneven ones that depend on the name. */
  readonly values?: readonly number[];
}

export interface Batch {
  readonly modalities: readonly Modality[];
  readonly labels: readonly number[];
  readonly task?: ModelTask;
  readonly dtype?: DType;
  /** Values of parameters that are not those of `valuesFor`. */
  readonly parameters?: Readonly<Record<string, readonly number[]>>;
}

/** Uneven values that belong to a name. */
export const valuesFor = (name: string, n: number, low = -0.7, high = 0.7): number[] =>
  testValues(n, 1 + [...name].reduce((sum, c) => (31 * sum + c.charCodeAt(0)) % 9973, 7), low, high);

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

/** Everything that one batch gives. */
export async function runBatch(
  config: DecAlignConfig,
  { modalities, labels, task = { kind: 'regression' }, dtype = 'float64', parameters = {} }: Batch,
): Promise<Outcome> {
  const n = labels.length;
  const scope = new Scope({ dtype });
  const feeds: Record<string, readonly number[]> = { labels };
  const features = Object.fromEntries(
    modalities.map((m) => {
      feeds[`features ${m.name}`] = featuresOf(m, n);
      const value = input(`features ${m.name}`, [n, m.time, m.width], dtype);
      if (!m.lengths) return [m.name, { value }];
      feeds[`mask ${m.name}`] = m.lengths.flatMap((l) => Array.from({ length: m.time }, (_, t) => Number(t < l)));
      return [m.name, { value, mask: input(`mask ${m.name}`, [n, m.time], dtype) }];
    }),
  );
  const built = buildDecAlign(scope, { features, labels: input('labels', [n], dtype), task }, config);
  const names = [...scope.parameters.keys()];
  const wrt = names.map((name) => scope.parameters.get(name)!.value);
  for (const [i, name] of names.entries()) feeds[name] = parameters[name] ?? valuesFor(name, size(wrt[i]!.shape));
  const total = Object.values(built.losses).reduce((a, b) => a.add(b));
  const grads = gradients(total, wrt);
  const groups: Record<string, Readonly<Record<string, Tensor>>> = {
    losses: built.losses,
    diagnostics: built.diagnostics,
    representations: built.representations,
    gradients: Object.fromEntries(names.flatMap((name, i) => (grads[i] ? [[name, grads[i]] as const] : []))),
  };
  const flat = Object.entries(groups).flatMap(([group, values]) =>
    Object.entries(values).map(([name, value]) => [`${group} ${name}`, value] as const),
  );
  const results = await evaluate({ ...Object.fromEntries(flat), prediction: built.prediction }, feeds);
  const group = (prefix: string): Record<string, number[]> =>
    Object.fromEntries(Object.keys(groups[prefix]!).map((name) => [name, results[`${prefix} ${name}`]!]));
  const scalars = (prefix: string): Record<string, number> =>
    Object.fromEntries(Object.entries(group(prefix)).map(([name, [value]]) => [name, value!]));
  return {
    prediction: results['prediction']!,
    losses: scalars('losses'),
    diagnostics: scalars('diagnostics'),
    representations: group('representations'),
    gradients: group('gradients'),
    shapes: Object.fromEntries(names.map((name, i) => [name, wrt[i]!.shape])),
  };
}
