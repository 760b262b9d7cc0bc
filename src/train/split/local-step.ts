import { shareOf, type Ranks } from '../../parallel/ranks.ts';
import type { MicroBatch } from '../programs/batch-feeds.ts';
import type { BatchRunner, BatchRunnerOptions } from '../programs/batch-runner.ts';
import type { BatchResult } from '../programs/compile-training.ts';
import { copyOf, type StateDict } from '../state-dict.ts';
import { StepSums } from './step-sums.ts';

/**
 * Steps in which every rank has losses of its own samples alone: what one process computes that averages the gradients of as many
 * smaller batches (`train.accumulate`).
 */
export class LocalStep {
  private readonly sums = new Map<string, StepSums>();

  constructor(
    private readonly options: Omit<BatchRunnerOptions, 'running'>,
    private readonly batches: BatchRunner,
    private readonly ranks: Ranks,
  ) {}

  /** The mean over all parts, the same on every rank. `signals` become their sums over the ranks. */
  async run(
    parameters: StateDict,
    microBatches: readonly MicroBatch[],
    signals: Float32Array,
  ): Promise<Omit<BatchResult, 'states'>> {
    const { rank, size } = this.ranks;
    const sums = this.sumsFor(microBatches[0]!.stage);
    sums.clear();
    for (const microBatch of microBatches) {
      const { from, to } = shareOf(microBatch.rows.length, rank, size);
      if (to === from) continue;
      const share = (to - from) / microBatch.rows.length / microBatches.length;
      // A part of its own has random numbers of its own, as the smaller batches of one process have.
      const part = { ...microBatch, rows: microBatch.rows.subarray(from, to), index: microBatch.index * size + rank };
      await this.batches.programFor(part.rows.length, part.stage);
      const before = copyOf(this.batches.running);
      const result = await this.batches.run(parameters, part);
      for (const [name, data] of Object.entries(before)) this.batches.running[name]!.set(data);
      sums.add(result, share, before);
    }
    const result = await sums.over(this.ranks, signals);
    if (Number.isFinite(result.losses['total'])) sums.moveOn(this.batches.running);
    return result;
  }

  private sumsFor(stage: string | undefined): StepSums {
    const known = this.sums.get(stage ?? '');
    if (known) return known;
    const { network, spec, samples } = this.options;
    // Two samples stand for any number of them: names and sizes do not depend on it.
    const made = new StepSums(network, spec, 2, { samples: samples.ids.length, stage }, 1);
    this.sums.set(stage ?? '', made);
    return made;
  }
}
