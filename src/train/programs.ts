import { createBatch, fillBatch, type Batch } from '../data/batch.ts';
import type { Samples } from '../data/dataset.ts';
import { dropFromBatch } from '../data/missing.ts';
import { dropoutMasks, fillDropoutMask } from '../data/random.ts';
import { copyState } from './training-state.ts';
import { feedsOf } from './feeds.ts';
import type { State } from './optimizer.ts';
import {
  compileTraining,
  type InputSpec,
  type Network,
  type ProgramOptions,
  type StepResult,
  type TrainingProgram,
} from './program.ts';

/** A batch of one step: which samples, and what its random numbers are drawn by. */
export interface Turn {
  readonly rows: Int32Array;
  /** From 1. */
  readonly epoch: number;
  readonly stage: string | undefined;
  readonly seed: number;
  /** Batches that were run before. */
  readonly turn: number;
}

interface Ready {
  readonly program: TrainingProgram;
  readonly batch: Batch;
  readonly feeds: Record<string, Float32Array>;
}

/** One compiled program and one reused batch per stage and batch size, and what they carry from step to step. */
export class Programs {
  private readonly ready = new Map<string, Ready>();
  readonly running: Record<string, Float32Array>;

  constructor(
    private readonly network: Network,
    private readonly spec: InputSpec,
    private readonly samples: Samples,
    private readonly runtime: ProgramOptions,
    running: State,
    private readonly modalityDropout = 0,
  ) {
    this.running = copyState(running);
  }

  async of(size: number, stage: string | undefined): Promise<Ready> {
    const key = `${size} ${stage ?? ''}`;
    const known = this.ready.get(key);
    if (known) return known;
    const training = { samples: this.samples.ids.length, stage };
    const program = await compileTraining(this.network, this.spec, size, { ...this.runtime, training });
    const batch = createBatch(this.spec.features, size);
    const clock = { epoch: new Float32Array(1), rows: new Float32Array(size) };
    const feeds = { ...feedsOf(batch, this.spec.features), ...clock, ...dropoutMasks(program.dropouts) };
    const made = { program, batch, feeds };
    this.ready.set(key, made);
    for (const [name, data] of Object.entries(program.states)) this.running[name] ??= data.slice();
    return made;
  }

  /** Fills the batch and its dropout masks in place, and runs it. Running states move on, unless a loss is not finite. */
  async run(parameters: State, turn: Turn): Promise<StepResult> {
    const { program, feeds } = await this.filled(turn);
    const result = await program.run({ ...parameters, ...this.running }, feeds);
    if (Object.values(result.losses).every(Number.isFinite))
      for (const [name, data] of Object.entries(result.states)) this.running[name]!.set(data);
    return result;
  }

  /** Of a step whose numbers are not finite: where they first cease to be, if it can be told. */
  async explain(parameters: State, turn: Turn): Promise<string | undefined> {
    const { program, feeds } = await this.filled(turn);
    return program.explain({ ...parameters, ...this.running }, feeds);
  }

  private async filled({ rows, epoch, stage, seed, turn }: Turn): Promise<Ready> {
    const ready = await this.of(rows.length, stage);
    const { program, batch, feeds } = ready;
    fillBatch(batch, this.samples, rows);
    if (this.modalityDropout > 0) dropFromBatch(batch, this.modalityDropout, seed, turn);
    feeds['rows']!.set(rows);
    feeds['epoch']![0] = epoch;
    for (const { name, rate } of program.dropouts) fillDropoutMask(feeds[name]!, rate, seed, name, turn);
    return ready;
  }

  async dispose(): Promise<void> {
    await Promise.all([...this.ready.values()].map(({ program }) => program.dispose()));
  }
}
