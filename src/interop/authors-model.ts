/** Opens a model that the authors' code trained, from its configuration and its checkpoint. */
import { FormatError } from '../files/error.ts';
import { readBytes, readText } from '../files/read.ts';
import { readTorch } from '../formats/torch/read.ts';
import { buildDecAlign, type DecAlignConfig, type DecAlignGraph, type ModelInputs } from '../models/index.ts';
import type { Scope } from '../nn/index.ts';
import { parametersOf, type InputSpec, type Network, type ParameterSpec } from '../train/network.ts';
import { authorsState } from './authors-checkpoint.ts';
import { authorsModalities, readAuthorsConfig, type AuthorsConfig } from './authors-config.ts';

/** The number of time steps T of text, audio and vision. */
export type TimeSteps = readonly [number, number, number];

/** A model that the authors' code trained. */
export interface AuthorsModel {
  readonly config: AuthorsConfig;
  readonly network: Network;
  /**
   * The inputs of the network for sequences of these time steps, which no checkpoint tells. Throws a RangeError for too
   * few.
   */
  readonly spec: (steps: TimeSteps) => InputSpec;
  /** The shape and initial values of every parameter, by our names. */
  readonly parameters: ReadonlyMap<string, ParameterSpec>;
  /** The values of every parameter, by our names, in row-major order. */
  readonly state: Record<string, Float32Array>;
}

export interface AuthorsModelOptions {
  /** Whether the network has the dropout of the configuration (default), or every rate is 0, as for golden values. */
  readonly dropout?: boolean;
}

/**
 * Opens a DecAlign model of the authors' code: a `.pth` checkpoint and the JSON configuration that it was trained with.
 * `onDataset` makes the result ready to predict.
 *
 * Throws a FormatError or an Error that names the file at fault, and in it the key or the parameter.
 */
export function openAuthorsModel(
  checkpointFile: string,
  configFile: string,
  options: AuthorsModelOptions = {},
): AuthorsModel {
  const read = readAuthorsConfig(readJson(configFile), configFile);
  const config = options.dropout === false ? { ...read, model: withoutDropout(read.model) } : read;
  const tensors = readTorch(readBytes(checkpointFile), { file: checkpointFile });
  const widths =
    config.widths ??
    authorsModalities.map(({ letter }) => {
      const width = tensors[`proj_${letter}.weight`]?.shape[1];
      if (width === undefined)
        throw new FormatError(
          checkpointFile,
          `lacks "proj_${letter}.weight"; is it a checkpoint of the authors' code?`,
        );
      return width;
    });
  const kernels = authorsModalities.map(({ name }) => kernelOf(config.model, name));
  const spec = (steps: TimeSteps): InputSpec => ({
    task: config.task,
    features: authorsModalities.map(({ name }, m) => {
      if (steps[m]! < kernels[m]!)
        throw new RangeError(`${configFile}: ${name} has ${steps[m]} steps, fewer than its kernel of ${kernels[m]}.`);
      return { name, time: steps[m]!, width: widths[m]!, masked: config.sequenceMask && name !== 'text' };
    }),
  });
  const network = authorsNetwork(config.model);
  const parameters = parametersOf(network, spec(kernels as unknown as TimeSteps));
  return { config, network, spec, parameters, state: authorsState(tensors, parameters, { file: checkpointFile }) };
}

/**
 * DecAlign with every loss term of the authors' code, also the terms of weight 0. The parameters of such a term have a
 * gradient of zeros, so that weight decay shrinks them; without a gradient they would stay as they are.
 */
const authorsNetwork = (config: DecAlignConfig): Network => ({
  name: 'decalign',
  build: (scope, inputs) => buildAuthors(scope, inputs, config),
});

/** The loss terms that the authors' code computes whatever their weights. It leaves out other terms of weight 0. */
const alwaysComputed = ['decoupling', 'heterogeneity', 'homogeneity'] as const;

/**
 * The graph of `authorsNetwork`, with every intermediate value. Our graph leaves out a term of weight 0, so such a term
 * is built with weight 1 and then multiplied by 0.
 */
export function buildAuthors(scope: Scope, inputs: ModelInputs, config: DecAlignConfig): DecAlignGraph {
  const { weights } = config;
  const weightless = alwaysComputed.filter((name) => weights[name] === 0);
  const all = { ...weights, ...Object.fromEntries(weightless.map((name) => [name, 1])) };
  const graph = buildDecAlign(scope, inputs, { ...config, weights: all });
  const uncounted = weightless.flatMap((name) =>
    graph.terms[name] ? [[name, graph.terms[name].mul(0)] as const] : [],
  );
  const counted = Object.entries(graph.losses).filter(([name]) => !weightless.some((each) => each === name));
  return { ...graph, losses: Object.fromEntries([...counted, ...uncounted]) };
}

const withoutDropout = (config: DecAlignConfig): DecAlignConfig => ({
  ...config,
  dropout: { input: 0, embedding: 0, attention: 0, relu: 0, residual: 0, output: 0 },
});

const kernelOf = ({ kernel }: DecAlignConfig, modality: string): number =>
  typeof kernel === 'number' ? kernel : kernel[modality]!;

function readJson(file: string): unknown {
  const text = readText(file);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new FormatError(file, `is not JSON (${(error as Error).message}).`, { cause: error });
  }
}
