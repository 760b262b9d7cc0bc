/** A model of the authors' code, opened from their configuration and their checkpoint. */
import { readFileSync } from 'node:fs';
import { FormatError } from '../files/error.ts';
import { readTorch } from '../formats/torch/read.ts';
import { buildDecAlign, type DecAlignConfig, type DecAlignGraph, type ModelInputs } from '../models/index.ts';
import type { Scope } from '../nn/index.ts';
import { parametersOf, type InputSpec, type Network, type ParameterSpec } from '../train/network.ts';
import { authorsState } from './authors-checkpoint.ts';
import { authorsModalities, readAuthorsConfig, type AuthorsConfig } from './authors-config.ts';

/** Time steps of text, audio and vision. */
export type Lengths = readonly [number, number, number];

export interface AuthorsModel {
  readonly config: AuthorsConfig;
  readonly network: Network;
  /** What it takes in; lengths are no part of a checkpoint. */
  readonly spec: (lengths: Lengths) => InputSpec;
  readonly parameters: ReadonlyMap<string, ParameterSpec>;
  /** Parameters by our names. */
  readonly state: Record<string, Float32Array>;
}

export interface OpenOptions {
  /** As the authors' code trains (default), or with every dropout rate at 0, as golden values are made. */
  readonly dropout?: boolean;
}

/** Reads both files; an Error names the file, and the key or parameter at fault. */
export function openAuthorsModel(checkpointFile: string, configFile: string, options: OpenOptions = {}): AuthorsModel {
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
  const spec = (lengths: Lengths): InputSpec => ({
    task: config.task,
    features: authorsModalities.map(({ name }, m) => {
      if (lengths[m]! < kernels[m]!)
        throw new RangeError(`${configFile}: ${name} has ${lengths[m]} steps, fewer than its kernel of ${kernels[m]}.`);
      return { name, time: lengths[m]!, width: widths[m]!, masked: config.sequenceMask && name !== 'text' };
    }),
  });
  const network = authorsNetwork(config.model);
  const parameters = parametersOf(network, spec(kernels as unknown as Lengths));
  return { config, network, spec, parameters, state: authorsState(tensors, parameters, { file: checkpointFile }) };
}

/**
 * DecAlign with every term of the authors' sum, those of weight 0 included: the parameters of such a term have a
 * gradient, of zeros, so that weight decay shrinks them.
 */
const authorsNetwork = (config: DecAlignConfig): Network => ({
  name: 'decalign',
  build: (scope, inputs) => buildAuthors(scope, inputs, config),
});

/** The terms that the authors' code computes whatever their weights; others it leaves out where they have none. */
const alwaysComputed = ['decoupling', 'heterogeneity', 'homogeneity'] as const;

/**
 * What `authorsNetwork` builds, with every intermediate value. A term of weight 0 is left out of our graph: to be there it
 * is built with a weight of 1, and then counted 0 times.
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

/** A file's bytes, or an Error that names it on one line. */
export function readBytes(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new FormatError(file, code === 'ENOENT' ? 'there is no such file.' : `cannot be read (${code}).`, {
      cause: error,
    });
  }
}

function readJson(file: string): unknown {
  const text = new TextDecoder().decode(readBytes(file));
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new FormatError(file, `is not JSON (${(error as Error).message}).`, { cause: error });
  }
}
