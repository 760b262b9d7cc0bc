/** Helpers of the tests of models: any model on one batch, and on any number of samples at once. */
import { createBatch, fillBatch } from '../../data/batch.ts';
import type { Samples } from '../../data/dataset.ts';
import { Scope } from '../../nn/index.ts';
import { compile } from '../../runtime/node.ts';
import { inUnitOfData } from '../../runs/label-scale.ts';
import { numbers } from '../../runtime/testing.ts';
import { gradients, input, size, type Tensor } from '../../tensor/index.ts';
import {
  compilePrediction,
  initialize,
  parametersOf,
  labelShape,
  placeholders,
  type InputSpec,
  type Network,
} from '../../train/index.ts';
import type { ModelOutput, ModelTask, Progress } from '../model.ts';
import { featuresOf, valuesFor, type Modality } from '../testing.ts';

export type Numbers = Readonly<Record<string, readonly number[]>>;

export interface OneBatch {
  readonly modalities: readonly Modality[];
  readonly labels: readonly number[];
  /** Labels of single modalities, by name. */
  readonly ownLabels?: Numbers;
  readonly task?: ModelTask;
  /** Values of parameters that are not those of `valuesFor`. */
  readonly parameters?: Numbers;
  /** Values of running states that are not what they start with. */
  readonly states?: Numbers;
  /** Default: epoch 1 of a training split that is this batch. */
  readonly epoch?: number;
  readonly stage?: string;
}

export interface BatchOutcome {
  readonly prediction: readonly number[];
  readonly losses: Readonly<Record<string, number>>;
  readonly diagnostics: Readonly<Record<string, number>>;
  /** Of the sum of losses, by parameter; those without one are not here. */
  readonly gradients: Numbers;
  /** What the running states become. */
  readonly next: Numbers;
  /** By parameter. */
  readonly shapes: Readonly<Record<string, readonly number[]>>;
}

export type Build = Network['build'];

/** A batch in float64 without dropout, as a training step sees it. */
export interface BatchProgram {
  /** Of this batch, or of one that differs from it in values alone. */
  run(batch: OneBatch): Promise<BatchOutcome>;
  dispose(): Promise<void>;
}

export async function runOneBatch(build: Build, batch: OneBatch): Promise<BatchOutcome> {
  const program = await compileBatch(build, batch);
  const outcome = await program.run(batch);
  await program.dispose();
  return outcome;
}

export async function compileBatch(build: Build, batch: OneBatch): Promise<BatchProgram> {
  const { modalities, task = { kind: 'regression' }, stage, ownLabels = {} } = batch;
  const samples = samplesIn(batch);
  const scope = new Scope({ dtype: 'float64' });
  const features = Object.fromEntries(
    modalities.map(({ name, time, width, lengths }) => {
      const value = input(`features ${name}`, [samples, time, width], 'float64');
      return [name, lengths ? { value, mask: input(`mask ${name}`, [samples, time], 'float64') } : { value }];
    }),
  );
  const present = modalities.flatMap(({ name, present: told }) =>
    told ? [[name, input(`present ${name}`, [samples], 'float64')] as const] : [],
  );
  const progress: Progress = {
    epoch: input('epoch', [1], 'float64').reshape([]),
    rows: input('rows', [samples], 'float64').cast('int64'),
    samples,
    stage,
  };
  // Labels and predictions are in the unit of the data, as those of a run are.
  const built = inUnitOfData({ name: 'one', build }).build(scope, {
    features,
    ...(present.length > 0 && { present: Object.fromEntries(present) }),
    labels: input('labels', labelShape(task, samples), 'float64'),
    ownLabels: mapValues(ownLabels, (_, name) => input(`labels ${name}`, [samples], 'float64')),
    task,
    progress,
  });
  const program = await compile(outputsOf(scope, built), { threads: 1 });
  return {
    async run(given) {
      const feeds = { ...batchFeeds(given), ...scopeFeeds(scope, given) };
      const known = Object.entries(feeds).filter(([name]) => program.inputs.has(name));
      const flat = await program.run(Object.fromEntries(known.map(([name, x]) => [name, Float64Array.from(x)])));
      const group = (prefix: string): Record<string, number[]> =>
        Object.fromEntries(
          Object.entries(flat).flatMap(([key, list]) =>
            key.startsWith(`${prefix} `) ? [[key.slice(prefix.length + 1), numbers(list)] as const] : [],
          ),
        );
      return {
        prediction: numbers(flat['prediction']!),
        losses: mapValues(group('loss'), ([value]) => value!),
        diagnostics: mapValues(group('diagnostic'), ([value]) => value!),
        gradients: group('gradient'),
        next: group('next'),
        shapes: mapValues(Object.fromEntries(scope.parameters), ({ value }) => value.shape),
      };
    },
    dispose: () => program.dispose(),
  };
}

/** The same names, each with what `of` makes of its value. */
export const mapValues = <T, R>(
  record: Readonly<Record<string, T>>,
  of: (value: T, name: string) => R,
): Record<string, R> => Object.fromEntries(Object.entries(record).map(([name, value]) => [name, of(value, name)]));

/** How many samples a batch has; of several labels each has L of them. */
const samplesIn = ({ labels, task }: OneBatch): number =>
  task ? labels.length / (labelShape(task, 1)[1] ?? 1) : labels.length;

const batchFeeds = (batch: OneBatch): Numbers => {
  const { modalities, labels, ownLabels = {}, epoch = 1 } = batch;
  const samples = samplesIn(batch);
  return {
    labels,
    epoch: [epoch],
    rows: Array.from({ length: samples }, (_, n) => n),
    ...Object.fromEntries(Object.entries(ownLabels).map(([name, values]) => [`labels ${name}`, values])),
    ...Object.fromEntries(
      modalities.flatMap((m) => [
        [`features ${m.name}`, featuresOf(m, samples)],
        [`present ${m.name}`, m.present ?? []],
        [`mask ${m.name}`, (m.lengths ?? []).flatMap((l) => Array.from({ length: m.time }, (_, t) => Number(t < l)))],
      ]),
    ),
  };
};

const scopeFeeds = (scope: Scope, { parameters = {}, states = {} }: OneBatch): Numbers => ({
  ...mapValues(
    Object.fromEntries(scope.parameters),
    ({ value }, name) => parameters[name] ?? valuesFor(name, size(value.shape)),
  ),
  ...mapValues(
    Object.fromEntries(scope.states),
    ({ value, initial }, name) => states[name] ?? Array<number>(size(value.shape)).fill(initial),
  ),
});

function outputsOf(scope: Scope, { prediction, losses, diagnostics }: ModelOutput): Record<string, Tensor> {
  const parameters = [...scope.parameters];
  const total = Object.values(losses).reduce((a, b) => a.add(b));
  const grads = gradients(
    total,
    parameters.map(([, { value }]) => value),
  );
  const prefixed = (prefix: string, tensors: Readonly<Record<string, Tensor>>): [string, Tensor][] =>
    Object.entries(tensors).map(([name, tensor]) => [`${prefix} ${name}`, tensor]);
  return Object.fromEntries([
    ['prediction', prediction],
    ...prefixed('loss', losses),
    ...prefixed('diagnostic', diagnostics),
    ...grads.flatMap((g, i): [string, Tensor][] => (g ? [[`gradient ${parameters[i]![0]}`, g]] : [])),
    ...prefixed('next', Object.fromEntries([...scope.states].map(([name, { next }]) => [name, next]))),
  ]);
}

/**
 * Modalities as a batch of training has them: samples of length 0 lack the modality, and hold numbers of about `garbage` in
 * its place.
 */
export function asBatched(modalities: readonly Modality[], count: number, garbage: number): Modality[] {
  return modalities.map((m) => {
    const { name, time, width, lengths = Array<number>(count).fill(time) } = m;
    const data = Float32Array.from(featuresOf(m, count), (value, i) =>
      lengths[Math.floor(i / (time * width))] === 0 ? garbage * Math.cos(i) : value,
    );
    const batch = createBatch([m], count);
    const samples: Samples = {
      ids: lengths.map(String),
      features: { [name]: { shape: [count, time, width], data } },
      lengths: { [name]: Int32Array.from(lengths) },
    };
    fillBatch(batch, samples, [...lengths.keys()]);
    const { features, present } = batch.modalities[name]!;
    const kept = m.lengths && { lengths: m.lengths.map((length) => Math.max(length, 1)) };
    return { ...m, values: [...features], present: [...present], ...kept };
  });
}

/** The same modalities with large numbers in all padded steps. */
export const withGarbage = (modalities: readonly Modality[], samples: number): Modality[] =>
  modalities.map((m) => ({
    ...m,
    values: featuresOf(m, samples).map((v, i) => {
      const [n, t] = [Math.floor(i / (m.time * m.width)), Math.floor(i / m.width) % m.time];
      return t < (m.lengths?.[n] ?? m.time) ? v : 1e3 * Math.cos(i);
    }),
  }));

/** The inputs of such modalities, with masks where they have lengths. */
export const specOf = (modalities: readonly Modality[]): InputSpec => ({
  features: modalities.map(({ name, time, width, lengths }) => ({ name, time, width, masked: !!lengths })),
  task: { kind: 'regression' },
});

/** The shape of every parameter that is declared for such inputs, by name. */
export function declaredBy(
  build: Build,
  modalities: readonly Modality[],
  { labels }: { readonly labels: boolean },
): Readonly<Record<string, readonly number[]>> {
  const scope = new Scope();
  const training = { samples: 6 };
  build(scope, placeholders(specOf(modalities), 6, { labels, ...(labels && { training }) }));
  return mapValues(Object.fromEntries(scope.parameters), ({ value }) => value.shape);
}

/** Largest difference in predictions and representations of samples together and one by one, by one program of open batch. */
export async function openBatchError(build: Build, modalities: readonly Modality[], count = 4): Promise<number> {
  const network: Network = { name: 'one', build };
  const spec = specOf(modalities);
  const parameters = initialize(parametersOf(network, spec), 1);
  const program = await compilePrediction(network, spec, { compile, threads: 1, representations: true });
  const feeds = (from: number, to: number): Record<string, Float32Array> =>
    Object.fromEntries(
      modalities.flatMap((m) => {
        const row = m.time * m.width;
        const masks = (m.lengths ?? [])
          .slice(from, to)
          .flatMap((l) => Array.from({ length: m.time }, (_, t) => +(t < l)));
        return [
          [`features.${m.name}`, Float32Array.from(featuresOf(m, count).slice(from * row, to * row))],
          [`mask.${m.name}`, Float32Array.from(masks)],
        ] as const;
      }),
    );
  const predict = async (from: number, to: number): Promise<Record<string, Float32Array>> => {
    const { prediction, representations } = await program.run(parameters, feeds(from, to));
    return { ...representations, prediction };
  };
  const together = await predict(0, count);
  let largest = 0;
  for (let n = 0; n < count; n++)
    for (const [name, alone] of Object.entries(await predict(n, n + 1))) {
      const width = together[name]!.length / count;
      alone.forEach((value, d) => {
        largest = Math.max(largest, Math.abs(value - together[name]![n * width + d]!));
      });
    }
  await program.dispose();
  return largest;
}
