/** Helpers of the tests of models: any model on one batch, any number of samples at once, and whether it learns. */
import { applyStandardisation, fitStandardisation } from '../../data/standardise.ts';
import { synthetic, type SyntheticOptions } from '../../data/datasets/synthetic.ts';
import type { Samples } from '../../data/dataset.ts';
import { Scope } from '../../nn/index.ts';
import { compile } from '../../runtime/node.ts';
import { evaluate } from '../../runtime/testing.ts';
import { gradients, input, size, type Tensor } from '../../tensor/index.ts';
import { compilePrediction, initialize, parametersOf, type InputSpec, type Network } from '../../train/index.ts';
import { trainConfig } from '../../train/train-config.ts';
import { train } from '../../train/trainer.ts';
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

type Build = Network['build'];

/** A batch in float64 without dropout, as a training step sees it. */
export async function runOneBatch(build: Build, batch: OneBatch): Promise<BatchOutcome> {
  const { modalities, labels, task = { kind: 'regression' }, epoch = 1, stage } = batch;
  const samples = labels.length;
  const scope = new Scope({ dtype: 'float64' });
  const feeds: Record<string, readonly number[]> = { labels, epoch: [epoch], rows: labels.map((_, n) => n) };
  const features = Object.fromEntries(
    modalities.map((m) => {
      const { name, time, width, lengths } = m;
      feeds[`features ${name}`] = featuresOf(m, samples);
      const value = input(`features ${name}`, [samples, time, width], 'float64');
      if (!lengths) return [name, { value }];
      feeds[`mask ${name}`] = lengths.flatMap((l) => Array.from({ length: time }, (_, t) => Number(t < l)));
      return [name, { value, mask: input(`mask ${name}`, [samples, time], 'float64') }];
    }),
  );
  const progress: Progress = {
    epoch: input('epoch', [1], 'float64').reshape([]),
    rows: input('rows', [samples], 'float64').cast('int64'),
    samples,
    stage,
  };
  const ownLabels = Object.fromEntries(
    Object.entries(batch.ownLabels ?? {}).map(([name, values]) => {
      feeds[`labels ${name}`] = values;
      return [name, input(`labels ${name}`, [samples], 'float64')];
    }),
  );
  const given = { features, labels: input('labels', [samples], 'float64'), ownLabels };
  const built = build(scope, { ...given, task, progress });
  for (const [name, { value }] of scope.parameters)
    feeds[name] = batch.parameters?.[name] ?? valuesFor(name, size(value.shape));
  for (const [name, { value, initial }] of scope.states)
    feeds[name] = batch.states?.[name] ?? Array<number>(size(value.shape)).fill(initial);
  const flat = await evaluate(outputsOf(scope, built), feeds);
  const group = (prefix: string): Record<string, number[]> =>
    Object.fromEntries(
      Object.entries(flat).flatMap(([key, list]) =>
        key.startsWith(`${prefix} `) ? [[key.slice(prefix.length + 1), list] as const] : [],
      ),
    );
  const scalars = (prefix: string): Record<string, number> =>
    Object.fromEntries(Object.entries(group(prefix)).map(([name, [value]]) => [name, value!]));
  return {
    prediction: flat['prediction']!,
    losses: scalars('loss'),
    diagnostics: scalars('diagnostic'),
    gradients: group('gradient'),
    next: group('next'),
    shapes: Object.fromEntries([...scope.parameters].map(([name, { value }]) => [name, value.shape])),
  };
}

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

/** The same modalities with large numbers in all padded steps. */
export const withGarbage = (modalities: readonly Modality[], samples: number): Modality[] =>
  modalities.map((m) => ({
    ...m,
    values: featuresOf(m, samples).map((v, i) => {
      const [n, t] = [Math.floor(i / (m.time * m.width)), Math.floor(i / m.width) % m.time];
      return t < (m.lengths?.[n] ?? m.time) ? v : 1e3 * Math.cos(i);
    }),
  }));

/** Largest difference between predictions of `count` samples together and one by one, by one program of open batch. */
export async function openBatchError(build: Build, modalities: readonly Modality[], count = 4): Promise<number> {
  const network: Network = { name: 'one', build };
  const spec: InputSpec = {
    features: modalities.map(({ name, time, width, lengths }) => ({ name, time, width, masked: !!lengths })),
    task: { kind: 'regression' },
  };
  const parameters = initialize(parametersOf(network, spec), 1);
  const program = await compilePrediction(network, spec, { compile, threads: 1 });
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
  const { prediction: together } = await program.run(parameters, feeds(0, count));
  let largest = 0;
  for (let n = 0; n < count; n++) {
    const { prediction: alone } = await program.run(parameters, feeds(n, n + 1));
    largest = Math.max(largest, Math.abs(alone[0]! - together[n]!));
  }
  await program.dispose();
  return largest;
}

export interface Learned {
  /** Of the validation split: the best epoch, and what predicting the training mean gives. */
  readonly mae: number;
  readonly meanMae: number;
}

/** A short training on a small synthetic set. */
export async function learn(
  build: Build,
  config: Readonly<Record<string, unknown>>,
  options: SyntheticOptions = { samples: { train: 240, valid: 120, test: 8 } },
): Promise<Learned> {
  const { splits, modalities } = synthetic(options);
  const statistics = fitStandardisation(splits.train!);
  const samples = (split: 'train' | 'valid'): Samples => applyStandardisation(splits[split]!, statistics);
  const spec: InputSpec = {
    features: modalities.map(({ name, time, width }) => ({ name, time, width, masked: time > 1 })),
    task: { kind: 'regression' },
  };
  const labels = splits.valid!.labels!;
  const maeOf = (prediction: (n: number) => number): number =>
    labels.reduce((sum, label, n) => sum + Math.abs(prediction(n) - label), 0) / labels.length;
  const mean = splits.train!.labels!.reduce((a, b) => a + b) / splits.train!.labels!.length;
  let mae = Infinity;
  const events = train({
    compile,
    network: { name: 'one', build },
    spec,
    train: samples('train'),
    valid: samples('valid'),
    seed: 1,
    config: trainConfig.parse({ average: 0, threads: 1, schedule: { kind: 'constant', warmup: 0 }, ...config }),
    selection: { metric: 'mae', better: 'lower' },
    evaluate: (prediction) => ({ mae: maeOf((n) => prediction[n]!) }),
  });
  for await (const event of events) if (event.type === 'epoch') mae = Math.min(mae, event.valid['mae']!);
  return { mae, meanMae: maeOf(() => mean) };
}
