/** The host's parts of a step, each for itself. */
import { createBatch, fillBatch } from '../src/data/batch.ts';
import { dropoutMasks, fillDropoutMask } from '../src/data/random.ts';
import { Scope } from '../src/nn/index.ts';
import { size } from '../src/tensor/index.ts';
import { moveAverage } from '../src/train/optimisation/average.ts';
import {
  Adam,
  clipFactor,
  globalNorm,
  initialize,
  parametersOf,
  placeholders,
  type StateDict,
} from '../src/train/index.ts';
import type { Configuration } from './configurations.ts';
import { samplesOf, uniform } from './samples.ts';
import { median } from './statistics.ts';

/** Median milliseconds of what the host does in a step, each for itself and by the trainer's own functions. */
export interface HostParts {
  readonly batch: number;
  readonly masks: number;
  /** Gradient norm, clipping, update and moving average. */
  readonly update: number;
}

export function hostParts({ network, spec, train: config }: Configuration, repetitions: number): HostParts {
  const scope = new Scope({ training: true });
  network.build(scope, placeholders(spec, config.batchSize, { labels: true }));
  const sites = [...scope.dropouts].map(([name, { mask, rate }]) => ({ name, rate, length: size(mask.shape) }));
  const masks = dropoutMasks(sites);
  const samples = samplesOf(spec, config.batchSize);
  const batch = createBatch(spec.features, config.batchSize);
  const rows = Int32Array.from({ length: config.batchSize }, (_, n) => n);
  const parameters = initialize(parametersOf(network, spec), 1);
  const average = mapped(parameters, (data) => data.slice());
  const noise = uniform(3);
  const gradients = mapped(parameters, (data) => data.map(noise));
  const adam = new Adam({ weightDecay: config.weightDecay, decay: config.decay });
  return {
    batch: timeOf(repetitions, () => {
      fillBatch(batch, samples, rows);
    }),
    masks: timeOf(repetitions, (step) => {
      for (const { name, rate } of sites) fillDropoutMask(masks[name]!, rate, 1, name, step);
    }),
    update: timeOf(repetitions, () => {
      const factor = clipFactor(globalNorm(gradients), config.clip ?? undefined);
      adam.update(parameters, gradients, { learningRate: config.learningRate, factor });
      if (config.average > 0) moveAverage(average, parameters, config.average, adam.step);
    }),
  };
}

const mapped = (state: StateDict, change: (data: Float32Array) => Float32Array): StateDict =>
  Object.fromEntries(Object.entries(state).map(([name, data]) => [name, change(data)]));

function timeOf(repetitions: number, work: (step: number) => void): number {
  const times: number[] = [];
  const warmUp = 3;
  for (let i = 0; i < warmUp + repetitions; i++) {
    const start = performance.now();
    work(i);
    if (i >= warmUp) times.push(performance.now() - start);
  }
  return median(times);
}
