import { BatchFeeds, type BatchFeedsOptions, type MicroBatch } from './batch-feeds.ts';
import { compileTraining, type BatchResult, type ProgramOptions, type TrainingProgram } from './compile-training.ts';
import type { Network } from '../network.ts';
import { copyOf, type StateDict } from '../state-dict.ts';

interface Ready {
  readonly program: TrainingProgram;
  readonly batch: BatchFeeds;
}

export interface BatchRunnerOptions extends BatchFeedsOptions {
  readonly network: Network;
  readonly runtime: ProgramOptions;
  /** Running states to go on from. */
  readonly running: StateDict;
}

/**
 * Runs batches: one compiled program and one reused batch for each stage and size that occur, and the running states.
 */
export class BatchRunner {
  private readonly ready = new Map<string, Ready>();
  readonly running: Record<string, Float32Array>;

  constructor(private readonly options: BatchRunnerOptions) {
    this.running = copyOf(options.running);
  }

  /** The program for batches of such a size in a stage, compiled where it is the first. */
  async programFor(size: number, stage: string | undefined): Promise<TrainingProgram> {
    return (await this.readyFor(size, stage)).program;
  }

  private async readyFor(size: number, stage: string | undefined): Promise<Ready> {
    const key = `${size} ${stage ?? ''}`;
    const known = this.ready.get(key);
    if (known) return known;
    const { network, spec, samples, runtime } = this.options;
    const training = { samples: samples.ids.length, stage };
    const program = await compileTraining(network, spec, size, { ...runtime, training });
    const made = { program, batch: new BatchFeeds(this.options, size, program.dropouts) };
    this.ready.set(key, made);
    for (const [name, data] of Object.entries(program.states)) this.running[name] ??= data.slice();
    return made;
  }

  /**
   * Fills the batch and its dropout masks in place, and runs it. Running states move on, unless a loss is not finite.
   */
  async run(parameters: StateDict, microBatch: MicroBatch): Promise<BatchResult> {
    const { program, batch } = await this.readyFor(microBatch.rows.length, microBatch.stage);
    const result = await program.run({ ...parameters, ...this.running }, batch.fill(microBatch));
    if (Object.values(result.losses).every(Number.isFinite))
      for (const [name, data] of Object.entries(result.states)) this.running[name]!.set(data);
    return result;
  }

  /** Runs it again to tell where its numbers first cease to be finite; undefined where that cannot be told. */
  async explain(parameters: StateDict, microBatch: MicroBatch): Promise<string | undefined> {
    const { program, batch } = await this.readyFor(microBatch.rows.length, microBatch.stage);
    return program.explain({ ...parameters, ...this.running }, batch.fill(microBatch));
  }

  async dispose(): Promise<void> {
    await Promise.all([...this.ready.values()].map(({ program }) => program.dispose()));
  }
}
