import { createBatch, fillBatch, type Batch } from '../../data/batch.ts';
import type { Samples } from '../../data/dataset.ts';
import { dropFromBatch } from '../../data/missing.ts';
import { dropoutMasks, fillDropoutMask } from '../../data/random.ts';
import { compileTraining, type BatchResult, type ProgramOptions, type TrainingProgram } from './compile-training.ts';
import { feedsOf } from './feeds.ts';
import { labelShape, type InputSpec, type Network } from '../network.ts';
import { copyOf, type StateDict } from '../state-dict.ts';

/** One of the batches whose gradients are averaged for a step: its samples, and what its random numbers depend on. */
export interface MicroBatch {
  readonly rows: Int32Array;
  /** Counted from 1. */
  readonly epoch: number;
  readonly stage: string | undefined;
  readonly seed: number;
  /** How many batches were run before it since training began. */
  readonly index: number;
}

interface Ready {
  readonly program: TrainingProgram;
  readonly batch: Batch;
  readonly feeds: Record<string, Float32Array>;
}

export interface BatchRunnerOptions {
  readonly network: Network;
  readonly spec: InputSpec;
  readonly samples: Samples;
  readonly runtime: ProgramOptions;
  /** Running states to go on from. */
  readonly running: StateDict;
  /** Chance that a sample misses a modality (`train.modalityDropout`). */
  readonly modalityDropout: number;
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
    const batch = createBatch(spec.features, size, labelShape(spec.task, size)[1]);
    const clock = { epoch: new Float32Array(1), rows: new Float32Array(size) };
    const feeds = { ...feedsOf(batch, spec.features), ...clock, ...dropoutMasks(program.dropouts) };
    const made = { program, batch, feeds };
    this.ready.set(key, made);
    for (const [name, data] of Object.entries(program.states)) this.running[name] ??= data.slice();
    return made;
  }

  /**
   * Fills the batch and its dropout masks in place, and runs it. Running states move on, unless a loss is not finite.
   */
  async run(parameters: StateDict, microBatch: MicroBatch): Promise<BatchResult> {
    const { program, feeds } = await this.filled(microBatch);
    const result = await program.run({ ...parameters, ...this.running }, feeds);
    if (Object.values(result.losses).every(Number.isFinite))
      for (const [name, data] of Object.entries(result.states)) this.running[name]!.set(data);
    return result;
  }

  /** Runs it again to tell where its numbers first cease to be finite; undefined where that cannot be told. */
  async explain(parameters: StateDict, microBatch: MicroBatch): Promise<string | undefined> {
    const { program, feeds } = await this.filled(microBatch);
    return program.explain({ ...parameters, ...this.running }, feeds);
  }

  private async filled({ rows, epoch, stage, seed, index }: MicroBatch): Promise<Ready> {
    const ready = await this.readyFor(rows.length, stage);
    const { program, batch, feeds } = ready;
    const { samples, modalityDropout } = this.options;
    fillBatch(batch, samples, rows);
    if (modalityDropout > 0) dropFromBatch(batch, modalityDropout, seed, index);
    feeds['rows']!.set(rows);
    feeds['epoch']![0] = epoch;
    for (const { name, rate } of program.dropouts) fillDropoutMask(feeds[name]!, rate, seed, name, index);
    return ready;
  }

  async dispose(): Promise<void> {
    await Promise.all([...this.ready.values()].map(({ program }) => program.dispose()));
  }
}
