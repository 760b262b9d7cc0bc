/**
 * What one sample's prediction rests on: the gradients of an output by every number of the input, and the weights of attention.
 *
 * Graphs are built for a batch of one: a gradient is then that of this sample alone, whatever a model does within a batch, and
 * without dropout, as every prediction is.
 */
import { Scope, type SeenAttention, type Watcher } from '../../nn/index.ts';
import { outputsOf } from '../../models/index.ts';
import type { Values } from '../../runtime/compile.ts';
import { gradients, input, topologicalOrder, type Shape, type Tensor } from '../../tensor/index.ts';
import type { ProgramOptions } from './compile-training.ts';
import type { Feeds } from './feeds.ts';
import { placeholders, type InputSpec, type Network } from '../network.ts';
import { arrays, byKind, named } from './output-names.ts';
import type { StateDict } from '../state-dict.ts';

export interface SampleExplanation {
  /** Values or logits `[outputs]`. */
  readonly prediction: Float32Array;
  /** By modality, the features `[T, D]` that the model takes; of tokens, what the encoder makes of them. */
  readonly features: Readonly<Record<string, Float32Array>>;
  /** By modality, the gradient of the chosen output by these features `[T, D]`; zeros where it does not depend on them. */
  readonly gradients: Readonly<Record<string, Float32Array>>;
  readonly attention: readonly LayerWeights[];
}

/** The weights of one layer of attention, in which the steps of a modality attend to those of others or of its own. */
export interface LayerWeights {
  readonly layer: number;
  readonly queries: WatchedSteps;
  /** In their order along the last axis of the weights. */
  readonly keys: readonly WatchedSteps[];
  readonly heads: number;
  /** `[heads, Tq, ΣTk]` in row-major order; rows sum to 1. */
  readonly weights: Float32Array;
}

export interface WatchedSteps {
  readonly modality: string;
  /** T. */
  readonly time: number;
  /** `[T]`: 1 for a step that attention takes for a true one. */
  readonly mask: Float32Array;
}

export interface ExplanationProgram {
  /** `feeds` is a batch of one sample; `output` is the index, from 0, of the output that gradients are of. */
  run(parameters: StateDict, feeds: Feeds, output: number): Promise<SampleExplanation>;
  dispose(): Promise<void>;
}

/** The input that chooses an output; no modality can be called so, as its inputs have a prefix. */
const chosen = 'chosen output';

/** Compiles the forward pass and the gradients of one output by the features, for one sample at a time. */
export async function compileExplanation(
  network: Network,
  spec: InputSpec,
  { compile, ...options }: ProgramOptions,
): Promise<ExplanationProgram> {
  const inputs = placeholders(spec, 1, { labels: false });
  const taken: Record<string, Tensor> = Object.fromEntries(
    Object.entries(inputs.features).map(([name, { value }]) => [name, value]),
  );
  // A layer that serves twice is first used for the prediction itself: what a model compares it with comes after.
  const seen = new Map<string, SeenAttention>();
  const watcher: Watcher = {
    attention: (weights) => {
      if (!seen.has(weights.path)) seen.set(weights.path, weights);
    },
    encoded: (modality, features) => {
      taken[modality] = features;
    },
  };
  const scope = new Scope({ watcher });
  const { prediction } = network.build(scope, inputs);
  const names = Object.keys(taken);
  const outputs = outputsOf(spec.task);
  const output = prediction
    .reshape([outputs])
    .mul(input(chosen, [outputs]))
    .sum();
  const found = gradients(output, Object.values(taken));
  // Layers that serve losses alone have no part in what is predicted.
  const behind = new Set(topologicalOrder([prediction]));
  const serving = [...scope.parameters].flatMap(([name, { value }]) => (behind.has(value.node) ? [name] : []));
  const layers = [...seen.values()].filter(({ path }) => serving.some((name) => name.startsWith(`${path}.`)));
  const program = await compile(
    {
      'prediction of': prediction,
      ...named('features', taken),
      ...named('gradient', Object.fromEntries(names.flatMap((name, i) => (found[i] ? [[name, found[i]]] : [])))),
      ...Object.fromEntries(layers.flatMap(outputsOfLayer)),
    },
    { name: 'explanation', ...options },
  );
  return {
    async run(parameters, feeds, index) {
      const choice = Float32Array.from({ length: outputs }, (_, i) => Number(i === index));
      const results = byKind(await program.run({ ...parameters, ...feeds, [chosen]: choice }));
      const features = arrays(results['features']);
      const own = arrays(results['gradient']);
      return {
        prediction: results['prediction']!['of'] as Float32Array,
        features,
        gradients: Object.fromEntries(
          names.map((name) => [name, own[name] ?? new Float32Array(features[name]!.length)]),
        ),
        attention: layers.map((layer, i) => weightsOf(layer, i, results)),
      };
    },
    dispose: () => program.dispose(),
  };
}

const outputsOfLayer = ({ weights, queries, keys }: SeenAttention, i: number): (readonly [string, Tensor])[] => [
  [`weights ${i}`, weights],
  ...[queries, ...keys].flatMap(({ mask }, s) => (mask ? [[`mask ${i}.${s}`, mask] as const] : [])),
];

function weightsOf(
  { layer, queries, keys, weights }: SeenAttention,
  i: number,
  results: Readonly<Record<string, Readonly<Record<string, Values>>>>,
): LayerWeights {
  const [watched, ...others] = [queries, ...keys].map(({ modality, value: { shape } }, s): WatchedSteps => {
    const [, time] = shape as readonly [number, number];
    const mask = results['mask']?.[`${i}.${s}`] as Float32Array | undefined;
    return { modality: modality!, time, mask: mask ?? new Float32Array(time).fill(1) };
  });
  const [heads] = weights.shape as readonly [number, ...Shape];
  return { layer, queries: watched!, keys: others, heads, weights: results['weights']![`${i}`] as Float32Array };
}
