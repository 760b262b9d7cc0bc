import { shareOf } from '../../parallel/ranks.ts';
import type { MicroBatch } from '../programs/batch-feeds.ts';
import type { BatchRunner, BatchRunnerOptions } from '../programs/batch-runner.ts';
import { copyOf, type StateDict } from '../state-dict.ts';
import { partsOf, StepSums, type DividedResult, type Division } from './step-sums.ts';

/**
 * Steps in which every part of a batch has losses of its own samples alone: what is computed by averaging the gradients of as many
 * smaller batches (`train.accumulate`).
 */
export class LocalStep {
  private readonly sums = new Map<string, StepSums>();

  constructor(
    private readonly options: Omit<BatchRunnerOptions, 'running'>,
    private readonly batches: BatchRunner,
    private readonly division: Division,
  ) {}

  /** The mean over all parts. `stop` asks all ranks to stop after this step. */
  async run(parameters: StateDict, microBatches: readonly MicroBatch[], stop: boolean): Promise<DividedResult> {
    const sums = this.sumsFor(microBatches[0]!.stage);
    sums.clear();
    const own = partsOf(this.division);
    for (const microBatch of microBatches)
      for (let part = own.from; part < own.to; part++)
        await this.addPart(sums, part, { parameters, microBatch, of: microBatches.length });
    const result = await sums.over(stop);
    if (Number.isFinite(result.losses['total'])) sums.moveOn(this.batches.running);
    return result;
  }

  private async addPart(
    sums: StepSums,
    part: number,
    {
      parameters,
      microBatch,
      of,
    }: { readonly parameters: StateDict; readonly microBatch: MicroBatch; readonly of: number },
  ): Promise<void> {
    const { parts } = this.division;
    const { from, to } = shareOf(microBatch.rows.length, part, parts);
    if (to === from) return;
    const share = (to - from) / microBatch.rows.length / of;
    // A part of its own has random numbers of its own, as smaller batches have.
    const alone = { ...microBatch, rows: microBatch.rows.subarray(from, to), index: microBatch.index * parts + part };
    await this.batches.programFor(alone.rows.length, alone.stage);
    const before = copyOf(this.batches.running);
    const result = await this.batches.run(parameters, alone);
    for (const [name, data] of Object.entries(before)) this.batches.running[name]!.set(data);
    sums.add(part, result, { share, before });
  }

  private sumsFor(stage: string | undefined): StepSums {
    const known = this.sums.get(stage ?? '');
    if (known) return known;
    const { network, spec, samples } = this.options;
    // Two samples stand for any number of them: names and sizes do not depend on it.
    const made = new StepSums(network, spec, 2, { samples: samples.ids.length, stage }, this.division);
    this.sums.set(stage ?? '', made);
    return made;
  }
}
