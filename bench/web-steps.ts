/** Training at the size of CMU-MOSI, a step at a time: the same code in Node and in a page. */
import { train, type TrainOptions } from '../src/web.ts';
import { configuration } from './configurations.ts';
import { samplesOf } from './samples.ts';

export const recipe = 'paper';

export interface WebSteps {
  /** Milliseconds from the call of the trainer until it was ready for its first step. */
  readonly readyMs: number;
  /** Trains one step; the milliseconds it took. */
  step(): Promise<number>;
  stop(): Promise<void>;
}

/** Starts the trainer. */
export async function webSteps(compile: TrainOptions['compile']): Promise<WebSteps> {
  const { network, spec, train: config } = configuration({ name: 'step-mosi', recipe });
  const events = train({
    compile,
    network,
    spec,
    train: samplesOf(spec, 2 * config.batchSize),
    valid: samplesOf(spec, 1),
    config: { ...config, epochs: 1_000_000, patience: null },
    seed: 1,
    selection: { metric: 'none', better: 'lower' },
    evaluate: () => ({ none: 0 }),
  });
  const next = async (): Promise<{ readonly type: string; readonly took: number }> => {
    const start = performance.now();
    const reached = await events.next();
    return { type: reached.done ? 'none' : reached.value.type, took: performance.now() - start };
  };
  const { took: readyMs } = await next();
  return {
    readyMs,
    async step() {
      for (;;) {
        const { type, took } = await next();
        if (type === 'step') return took;
        if (type !== 'epoch') throw new Error(`Training gave the event "${type}" where a step was to be.`);
      }
    },
    async stop() {
      await events.return(undefined);
    },
  };
}
