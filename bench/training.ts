/** Training as a user waits for it, a step at a time, and the host's parts of a step, each for itself. */
import { createBatch, fillBatch } from '../src/data/batch.ts';
import { dropoutMasks, fillDropoutMask } from '../src/data/random.ts';
import { Scope } from '../src/nn/index.ts';
import { compile } from '../src/runtime/node.ts';
import type { Compile } from '../src/runtime/program.ts';
import { size } from '../src/tensor/index.ts';
import { moveAverage } from '../src/train/average.ts';
import {
  Adam,
  clipFactor,
  globalNorm,
  initialize,
  parametersOf,
  placeholders,
  train,
  type State,
  type TrainEvent,
} from '../src/train/index.ts';
import type { Configuration } from './configurations.ts';
import { samplesOf, uniform } from './samples.ts';
import { median } from './statistics.ts';

export interface StepTime {
  /** Milliseconds that a user waits for the step. */
  readonly step: number;
  /** Of these, in the runtime. */
  readonly run: number;
}

/** A training that waits between steps. */
export interface Stepping {
  readonly parameters: number;
  readonly nodes: number;
  /** Milliseconds from the call of the trainer until it was ready for its first step. */
  readonly readyMs: number;
  /** Trains one step. What happens at the end of an epoch is not in its time. */
  readonly step: () => Promise<StepTime>;
  readonly stop: () => Promise<void>;
}

export interface SteppingOptions {
  readonly threads: number;
  /** Batches that the training set holds; default 4: few, so that memory is the step's and not the data's. */
  readonly batches?: number;
  /** As for `compile`, of the training program. */
  readonly profile?: string;
}

/** Starts the trainer itself: batches, masks, program, checks, clipping, update and moving average are all its own. */
export async function stepping(
  { network, spec, train: config }: Configuration,
  { threads, batches = 4, profile }: SteppingOptions,
): Promise<Stepping> {
  let running = 0;
  const timed: Compile = async (outputs, options = {}) => {
    // Prediction leaves the batch open.
    if (options.batch) return compile(outputs, options);
    const program = await compile(outputs, { ...options, ...(profile !== undefined && { profile }) });
    return {
      ...program,
      async run(feeds) {
        const start = performance.now();
        const results = await program.run(feeds);
        running += performance.now() - start;
        return results;
      },
    };
  };
  const events = train({
    compile: timed,
    network,
    spec,
    train: samplesOf(spec, batches * config.batchSize),
    valid: samplesOf(spec, 1),
    config: { ...config, threads, epochs: 1_000_000, patience: null },
    seed: 1,
    selection: { metric: 'none', better: 'lower' },
    evaluate: () => ({ none: 0 }),
  });
  /** What comes next, and how long it took. */
  const next = async (): Promise<{ readonly event: TrainEvent } & StepTime> => {
    running = 0;
    const start = performance.now();
    const result = await events.next();
    if (result.done) throw new Error('The training has been stopped: there are no more steps to time.');
    return { event: result.value, step: performance.now() - start, run: running };
  };
  const { event, step: readyMs } = await next();
  if (event.type !== 'start') throw new Error(`Training began with the event "${event.type}" instead of "start".`);
  return {
    parameters: event.parameters,
    nodes: event.nodes,
    readyMs,
    async step() {
      for (;;) {
        const reached = await next();
        if (reached.event.type === 'step') return { step: reached.step, run: reached.run };
      }
    },
    async stop() {
      await events.return(undefined);
    },
  };
}

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

const mapped = (state: State, change: (data: Float32Array) => Float32Array): State =>
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
