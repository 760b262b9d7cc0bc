import { shareOf, type Ranks } from '../../parallel/ranks.ts';
import { meanOf } from '../optimisation/accumulate.ts';
import type { MicroBatch } from '../programs/batch-feeds.ts';
import { BatchRunner, type BatchRunnerOptions } from '../programs/batch-runner.ts';
import type { BatchResult } from '../programs/compile-training.ts';
import type { StateDict } from '../state-dict.ts';
import type { TrainConfig } from '../train-config.ts';
import { GatheredStep } from './gathered-step.ts';
import { LocalStep } from './local-step.ts';
import { partsOf, type DividedResult, type Division } from './step-sums.ts';

export interface StepsOptions extends BatchRunnerOptions {
  readonly ranks: Ranks;
  readonly parallel: TrainConfig['parallel'];
  readonly parts: TrainConfig['parts'];
}

/** What a step computes: of one batch, of several, of parts of them on several ranks. */
export interface StepResult extends DividedResult {
  /** Results of each batch by itself, where there are such: they tell which of them is broken. */
  readonly each?: readonly BatchResult[];
}

/** Runs the batches of a step, whichever way they are divided. */
export class Steps {
  readonly batches: BatchRunner;
  private readonly gathered: GatheredStep;
  private readonly local: LocalStep;
  private readonly division: Division;
  /** Whether each part has losses of its own though nobody asked for that: the network names none of the whole batch. */
  isLocal = false;

  constructor(private readonly options: StepsOptions) {
    this.batches = new BatchRunner(options);
    const { running } = this.batches;
    const { ranks, parts = ranks.size } = options;
    this.division = { ranks, parts };
    this.gathered = new GatheredStep(options, running, this.division);
    this.local = new LocalStep(options, this.batches, this.division);
  }

  /** Compiles what the steps of one batch need. The number of nodes that they run. */
  async prepare(size: number, stage: string | undefined): Promise<number> {
    const { parallel } = this.options;
    const { isDivided } = this;
    const gathered = isDivided && parallel !== 'local' ? await this.gathered.prepare(size, stage) : undefined;
    if (gathered !== undefined) return gathered;
    this.isLocal = isDivided && parallel !== 'local';
    const { from, to } = shareOf(size, partsOf(this.division).from, this.division.parts);
    return (await this.batches.programFor(Math.max(1, to - from), stage)).nodes;
  }

  /** `stop` asks all ranks to stop after this step. */
  async run(parameters: StateDict, microBatches: readonly MicroBatch[], stop: boolean): Promise<StepResult> {
    if (await this.gathers(microBatches)) return this.gathered.run(parameters, microBatches, stop);
    if (this.isDivided) return this.local.run(parameters, microBatches, stop);
    const each: BatchResult[] = [];
    for (const microBatch of microBatches) each.push(await this.batches.run(parameters, microBatch));
    return { ...meanOf(each), each, stops: stop };
  }

  /**
   * Whether losses of the whole batch see all samples of a step: over parts unless `train.parallel` is `local`, over accumulated
   * batches where it is `batch`. A network that names no such losses has none to gather for.
   */
  private gathers(microBatches: readonly MicroBatch[]): Promise<boolean> | false {
    const { parallel } = this.options;
    const asked = this.isDivided ? parallel !== 'local' : microBatches.length > 1 && parallel === 'batch';
    const samples = microBatches.reduce((sum, { rows }) => sum + rows.length, 0);
    return asked && this.gathered.serves(samples, microBatches[0]!.stage);
  }

  private get isDivided(): boolean {
    const { ranks, parts } = this.division;
    return ranks.size > 1 || parts > 1;
  }

  async dispose(): Promise<void> {
    await Promise.all([this.batches.dispose(), this.gathered.dispose()]);
  }
}
