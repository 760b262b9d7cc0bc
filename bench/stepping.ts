/** Training as a user waits for it, a step at a time: the same code in Node and in a page. */
import type { Compile } from '../src/runtime/compile.ts';
import { oneRank, type Ranks } from '../src/parallel/ranks.ts';
import { train, type TrainEvent } from '../src/web.ts';
import type { Configuration } from './configurations.ts';
import { samplesOf } from './samples.ts';

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
  /** Runs the graphs, in Node or in a page. */
  readonly compile: Compile;
  readonly threads: number;
  /** Default: the CPU. */
  readonly device?: string;
  /** The processes that train together. Default: this one by itself. */
  readonly ranks?: Ranks;
  /** Batches that the training set holds; default 4: few, so that memory is the step's and not the data's. */
  readonly batches?: number;
  /** As for `compile`, of the training program. */
  readonly profile?: string;
}

/** Starts the trainer itself: batches, masks, program, checks, clipping, update and moving average are all its own. */
export async function stepping(
  { network, spec, train: config }: Omit<Configuration, 'model'>,
  { compile, threads, device = 'cpu', ranks = oneRank, batches = 4, profile }: SteppingOptions,
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
    ...{ compile: timed, network, spec, ranks },
    train: samplesOf(spec, batches * config.batchSize),
    valid: samplesOf(spec, 1),
    config: { ...config, threads, device, epochs: 1_000_000, patience: null },
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
