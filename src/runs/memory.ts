/** The memory that training takes, told before it is taken: from the shapes of its graphs and of its data. */
import { totalmem } from 'node:os';
import { resolveConfig, type RunConfig } from '../config/index.ts';
import type { Dataset } from '../data/dataset.ts';
import { isInMemory } from '../data/features.ts';
import { peakMemory, type GraphMemory } from '../onnx/peak-memory.ts';
import { size } from '../tensor/index.ts';
import { graphsOf, parametersOf, type InputSpec, type Network, type ParameterSpec } from '../train/index.ts';
import { inputSpec, networkOf, trainedOn } from './network.ts';

/** Bytes that a training takes at its peak, by what takes them. */
export interface Memory {
  readonly total: number;
  /** The process itself: Node, this package, ONNX Runtime, and the graphs as they are built, written and read. */
  readonly process: number;
  /** The samples as they were read, and as the network takes them. */
  readonly data: number;
  /** Parameters, the optimiser's moments, gradients, the moving average and the best epoch. */
  readonly parameters: number;
  /** The values that a step computes, its batch and its dropout masks. */
  readonly step: number;
  /** The values that predicting the validation split computes, and then the test split. */
  readonly prediction: number;
}

/** A training, as far as its memory depends on it. */
export interface Planned {
  readonly config: Pick<RunConfig, 'train'>;
  readonly network: Network;
  readonly spec: InputSpec;
  readonly parameters: ReadonlyMap<string, Pick<ParameterSpec, 'shape'>>;
  readonly dataset: Pick<Dataset, 'splits'>;
}

export interface MemoryOptions {
  /** Whether samples are read from a file as they are needed. Default: as the dataset has them. */
  readonly stored?: boolean;
}

/** Measured on Linux (x64): the most that a training of almost no data takes. `npm run bench -- --case estimate` */
const idle = 150 * 2 ** 20;
/** What a node of a graph takes while it is built, written and read. Measured likewise, on graphs of 2,500 to 24,000 nodes. */
const bytesPerNode = 6 * 2 ** 10;
/** The runtime's memory over that of the values in it: room is given back and taken again in other sizes. Measured likewise. */
const gaps = 9 / 8;
const bytesPerNumber = 4;

/** The memory of a training. */
export function memoryOf(planned: Planned, { stored }: MemoryOptions = {}): Memory {
  const { config, network, spec, dataset } = planned;
  const { train, valid, test } = dataset.splits;
  const samples = { train: train?.ids.length ?? 0, valid: valid?.ids.length ?? 0 };
  const graphs = graphsOf(network, spec, { config: config.train, samples });
  const programs = graphs.training.map(peakMemory);
  const prediction = peakMemory(graphs.prediction);
  const values = bytesPerNumber * parameterCount(planned);
  const gradients = Math.max(...programs.map(({ outputs }) => outputs));
  // A graph's constants are in what is written and in what the runtime read of it.
  const taken = ({ inputs, constants, peak }: GraphMemory): number =>
    Math.max(inputs - values, 0) + 2 * constants + gaps * peak;
  const parts = {
    process: idle + bytesPerNode * [...programs, prediction].reduce((sum, { nodes }) => sum + nodes, 0),
    data: 2 * dataBytes(dataset, stored),
    // The parameters, two moments of each, those of the best epoch and, where there is one, their average.
    parameters: values * (config.train.average > 0 ? 5 : 4) + gradients * (config.train.accumulate + 1),
    step: programs.reduce((sum, program) => sum + taken(program), 0),
    // The program for the test split is made while that for validation is still there.
    prediction: (test ? 2 : 1) * taken(prediction),
  };
  return { total: Object.values(parts).reduce((a, b) => a + b, 0), ...parts };
}

const parameterCount = ({ parameters }: Planned): number =>
  [...parameters.values()].reduce((sum, { shape }) => sum + size(shape), 0);

function dataBytes({ splits }: Planned['dataset'], stored: boolean | undefined): number {
  const features = Object.values(splits).flatMap((split) => Object.values(split.features));
  const held = features.filter((each) => !(stored ?? !isInMemory(each)));
  return held.reduce((sum, { shape }) => sum + bytesPerNumber * size(shape), 0);
}

/**
 * Whether a training may come near the memory of a machine. Building its graphs only to see takes a good part of a second,
 * which small trainings are spared.
 */
export const mayBeLarge = (planned: Planned): boolean =>
  planned.config.train.batchSize * planned.spec.features.reduce((sum, { time }) => sum + time, 0) > 2048 ||
  parameterCount(planned) > 2 ** 24 ||
  dataBytes(planned.dataset, undefined) > 2 ** 28;

/** The training of the default model, as it is by default, on a dataset; undefined where there is not enough to train on. */
export function defaultPlan(dataset: Dataset): Planned | undefined {
  const { splits, modalities, name } = dataset;
  const empty = [splits.train, splits.valid].some((split) => !split || split.ids.length === 0);
  if (empty || modalities.length < 2 || modalities.some(({ width }) => width === 0)) return undefined;
  const config = resolveConfig({ dataset: name });
  const data = trainedOn(dataset, {});
  const network = networkOf(config, data);
  const spec = inputSpec(data);
  return { config, network, spec, parameters: parametersOf(network, spec), dataset };
}

/** Bytes that a machine has, or may use. */
export interface Machine {
  readonly total: number;
  readonly free: number;
}

/** The memory of this machine. What this process has taken already counts as free: it is part of the estimate. */
function thisMachine(): Machine {
  // A container may be given less than the machine has; of one that is not, some systems say 0 and others a huge number.
  const limit = process.constrainedMemory();
  const total = limit > 0 ? Math.min(limit, totalmem()) : totalmem();
  return { total, free: Math.min(process.availableMemory() + process.memoryUsage.rss(), total) };
}

/**
 * A warning that a training, which takes `memory`, takes more than there is, with what to set instead; undefined where it
 * does not.
 */
export function memoryWarning(
  planned: Planned,
  memory: Memory,
  { stored, machine: { total, free } = thisMachine() }: MemoryOptions & { readonly machine?: Machine } = {},
): string | undefined {
  if (memory.total <= free) return undefined;
  const needs = `Training takes about ${gigabytes(memory.total)} of memory, and ${gigabytes(free)} of ${gigabytes(total)} are free`;
  return `${needs}: it may be ended by the system. ${remedy(planned, memory, free, stored === undefined ? {} : { stored })}`;
}

/** What to set so that a training fits: the first of batch, length and data that is enough. */
function remedy(planned: Planned, memory: Memory, free: number, options: MemoryOptions): string {
  const rest = memory.process + memory.data + memory.parameters;
  if (rest > free)
    return memory.data > memory.parameters
      ? 'The data alone is too much: decalign convert DATA FOLDER writes it so that training reads samples where they are.'
      : 'The model alone is too large: make it narrower or shallower.';
  const { batchSize } = planned.config.train;
  for (let batch = batchSize >> 1; batch >= smallestBatch; batch >>= 1) {
    const { total } = memoryOf(withBatch(planned, batch), options);
    if (total <= free)
      return `--set train.batchSize=${batch} --accumulate ${Math.ceil(batchSize / batch)} takes about ${gigabytes(total)}, and as many samples a step.`;
  }
  const small = Math.min(batchSize, smallestBatch);
  const longest = Math.max(...planned.spec.features.map(({ time }) => time));
  for (let time = longest >> 1; time >= 1; time >>= 1) {
    const { total } = memoryOf(withTime(withBatch(planned, small), time), options);
    if (total <= free)
      return `Cut sequences to ${time} time steps (from ${longest}): with --set train.batchSize=${small} that takes about ${gigabytes(total)}.`;
  }
  return 'Neither smaller batches nor shorter sequences are enough: make the model narrower or shallower.';
}

/** Smaller batches say too little of a distribution for losses that compare samples. */
const smallestBatch = 4;

const withBatch = (planned: Planned, batchSize: number): Planned => ({
  ...planned,
  config: { ...planned.config, train: { ...planned.config.train, batchSize } },
});

const withTime = (planned: Planned, most: number): Planned => ({
  ...planned,
  spec: {
    ...planned.spec,
    features: planned.spec.features.map((each) => ({ ...each, time: Math.min(each.time, most) })),
  },
});

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;

/** In whole MB of 2^20 bytes. */
export function inMegabytes({ total, process, data, parameters, step, prediction }: Memory): Memory {
  const mb = (bytes: number): number => Math.round(bytes / 2 ** 20);
  return {
    ...{ total: mb(total), process: mb(process), data: mb(data) },
    ...{ parameters: mb(parameters), step: mb(step), prediction: mb(prediction) },
  };
}
