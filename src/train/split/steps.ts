import { shareOf, type Ranks } from '../../parallel/ranks.ts';
import { meanOf } from '../optimisation/accumulate.ts';
import type { MicroBatch } from '../programs/batch-feeds.ts';
import { BatchRunner, type BatchRunnerOptions } from '../programs/batch-runner.ts';
import type { BatchResult } from '../programs/compile-training.ts';
import type { StateDict } from '../state-dict.ts';
import type { TrainConfig } from '../train-config.ts';
import { GatheredStep } from './gathered-step.ts';
import { LocalStep } from './local-step.ts';

export interface StepsOptions extends BatchRunnerOptions {
  readonly ranks: Ranks;
  readonly parallel: TrainConfig['parallel'];
}

/** What a step computes: of one batch, of several, of parts of them on several ranks. */
export interface StepResult extends Omit<BatchResult, 'states'> {
  /** Results of each batch by itself, where there are such: they tell which of them is broken. */
  readonly each?: readonly BatchResult[];
  /** Whether any rank asks to stop after this step. */
  readonly stops: boolean;
}

/** Runs the batches of a step, whichever way they are divided. */
export class Steps {
  readonly batches: BatchRunner;
  private readonly gathered: GatheredStep;
  private readonly local: LocalStep;
  private readonly signals = new Float32Array(1);
  /** Whether each rank has losses of its own though nobody asked for that: the network names none of the whole batch. */
  isLocal = false;

  constructor(private readonly options: StepsOptions) {
    this.batches = new BatchRunner(options);
    const { running } = this.batches;
    this.gathered = new GatheredStep(options, running, options.ranks);
    this.local = new LocalStep(options, this.batches, options.ranks);
  }

  /** Compiles what the steps of one batch need. The number of nodes that they run. */
  async prepare(size: number, stage: string | undefined): Promise<number> {
    const { ranks, parallel } = this.options;
    const gathered = ranks.size > 1 && parallel !== 'local' ? await this.gathered.prepare(size, stage) : undefined;
    if (gathered !== undefined) return gathered;
    this.isLocal = ranks.size > 1 && parallel !== 'local';
    const { from, to } = shareOf(size, ranks.rank, ranks.size);
    return (await this.batches.programFor(Math.max(1, to - from), stage)).nodes;
  }

  /** `stop` asks all ranks to stop after this step. */
  async run(parameters: StateDict, microBatches: readonly MicroBatch[], stop: boolean): Promise<StepResult> {
    const { ranks } = this.options;
    this.signals[0] = Number(stop);
    const divided = (step: GatheredStep | LocalStep): Promise<StepResult> =>
      step.run(parameters, microBatches, this.signals).then((result) => ({ ...result, stops: this.signals[0]! > 0 }));
    if (await this.gathers(microBatches)) return divided(this.gathered);
    if (ranks.size > 1) return divided(this.local);
    const each: BatchResult[] = [];
    for (const microBatch of microBatches) each.push(await this.batches.run(parameters, microBatch));
    return { ...meanOf(each), each, stops: stop };
  }

  /**
   * Whether losses of the whole batch see all samples of a step: over ranks unless `train.parallel` is `local`, over accumulated
   * batches where it is `batch`. A network that names no such losses has none to gather for.
   */
  private gathers(microBatches: readonly MicroBatch[]): Promise<boolean> | false {
    const { ranks, parallel } = this.options;
    const asked = ranks.size > 1 ? parallel !== 'local' : microBatches.length > 1 && parallel === 'batch';
    const samples = microBatches.reduce((sum, { rows }) => sum + rows.length, 0);
    return asked && this.gathered.serves(samples, microBatches[0]!.stage);
  }

  async dispose(): Promise<void> {
    await Promise.all([this.batches.dispose(), this.gathered.dispose()]);
  }
}
