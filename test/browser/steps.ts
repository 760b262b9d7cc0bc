/** A few training steps of a small DecAlign: the same code in Node and in the page. */
import {
  Adam,
  clipFactor,
  compilePrediction,
  compileTraining,
  fillDropoutMask,
  globalNorm,
  initialize,
  networkOf,
  parametersOf,
  random,
  resolveConfig,
  type InputSpec,
  type Network,
  type TrainOptions,
} from '../../src/web.ts';

export type Recipe = 'decoupled' | 'paper' | 'authors';

export interface Steps {
  /** Of each step, by name. */
  readonly losses: readonly Readonly<Record<string, number>>[];
  /** After the last step, by name. */
  readonly parameters: Readonly<Record<string, readonly number[]>>;
  /** `[batch]`, with the parameters after the last step. */
  readonly prediction: readonly number[];
}

const seed = 1;
const batch = 6;
const count = 3;
const spec: InputSpec = {
  task: { kind: 'regression' },
  features: [
    { name: 'text', time: 4, width: 3, masked: true },
    { name: 'audio', time: 5, width: 2, masked: true },
    { name: 'vision', time: 3, width: 4, masked: false },
  ],
};

const small = { width: 8, heads: 2, layers: 1, mixture: { prototypes: 3, iterations: 2 } };
/** Where sweeps are unrolled, few of them: starting a program takes a browser the longer, the more nodes it has. */
const sizes = { decoupled: small, paper: small, authors: { ...small, transport: { sweeps: 5 } } } as const;

type Arrays = Readonly<Record<string, Float32Array>>;

interface Ready {
  readonly network: Network;
  readonly parameters: Arrays;
  readonly features: Arrays;
  readonly labels: Float32Array;
}

function ready(recipe: Recipe): Ready {
  const network = networkOf(resolveConfig({ recipe, values: { model: sizes[recipe] } }));
  const features: Record<string, Float32Array> = {};
  for (const { name, time, width, masked } of spec.features) {
    const noise = random(seed, 'features', name);
    features[`features.${name}`] = Float32Array.from({ length: batch * time * width }, () => noise.normal());
    if (!masked) continue;
    const real = (i: number): boolean => i % time <= Math.floor(i / time) % time;
    features[`mask.${name}`] = Float32Array.from({ length: batch * time }, (_, i) => Number(real(i)));
  }
  const labels = Float32Array.from({ length: batch }, (_, n) => n - 2.5);
  return { network, parameters: initialize(parametersOf(network, spec), seed), features, labels };
}

/** What one training step computes, and a prediction before it. */
export interface FirstStep {
  readonly losses: Readonly<Record<string, number>>;
  /** All of them after one another. */
  readonly gradient: readonly number[];
  /** `[batch]`. */
  readonly prediction: readonly number[];
}

/** One step with dropout, of which nothing is updated; its weights are those of `seed`, each times what `moved` gives. */
export async function firstStep(
  compile: TrainOptions['compile'],
  recipe: Recipe,
  { device, moved = () => 1 }: { readonly device?: string; readonly moved?: () => number } = {},
): Promise<FirstStep> {
  const { network, parameters: given, features, labels } = ready(recipe);
  const parameters = Object.fromEntries(
    Object.entries(given).map(([name, data]) => [name, data.map((x) => x * moved())]),
  );
  const runtime = { compile, ...(device !== undefined && { device }) };
  const program = await compileTraining(network, spec, batch, runtime);
  const masks = Object.fromEntries(program.dropouts.map(({ name, length }) => [name, new Float32Array(length)]));
  for (const { name, rate } of program.dropouts) fillDropoutMask(masks[name]!, rate, seed, name, 0);
  const clock = { epoch: new Float32Array(1), rows: new Float32Array(batch) };
  const feeds = { ...features, ...masks, ...program.states, ...clock, labels };
  const { losses, gradients } = await program.run(parameters, feeds);
  await program.dispose();
  const predictor = await compilePrediction(network, spec, runtime);
  const { prediction } = await predictor.run(parameters, features);
  await predictor.dispose();
  const gradient = Object.values(gradients).flatMap((data) => Array.from(data));
  return { losses, gradient, prediction: Array.from(prediction) };
}

/** Three steps with dropout, clipping and Adam, then a prediction. */
export async function takeSteps(compile: TrainOptions['compile'], recipe: Recipe): Promise<Steps> {
  const { network, parameters, features, labels } = ready(recipe);
  const program = await compileTraining(network, spec, batch, { compile });
  const masks = Object.fromEntries(program.dropouts.map(({ name, length }) => [name, new Float32Array(length)]));
  // Some gradients are 0 but for rounding (attention's key biases). Adam's own ε of 1e-8 makes whole steps of them, whose
  // sign is anybody's.
  const adam = new Adam({ weightDecay: 0.01, epsilon: 1e-4 });
  const losses: Readonly<Record<string, number>>[] = [];
  for (let step = 0; step < count; step++) {
    for (const { name, rate } of program.dropouts) fillDropoutMask(masks[name]!, rate, seed, name, step);
    const result = await program.run(parameters, { ...features, ...masks, labels });
    const factor = clipFactor(globalNorm(result.gradients), 1);
    adam.update(parameters, result.gradients, { learningRate: 1e-3, factor });
    losses.push(result.losses);
  }
  await program.dispose();
  const predictor = await compilePrediction(network, spec, { compile });
  const { prediction } = await predictor.run(parameters, features);
  await predictor.dispose();
  return {
    losses,
    parameters: Object.fromEntries(Object.entries(parameters).map(([name, data]) => [name, Array.from(data)])),
    prediction: Array.from(prediction),
  };
}
