import { createBatch, fillBatch, type Batch } from '../../data/batch.ts';
import type { Samples } from '../../data/dataset.ts';
import { dropFromBatch } from '../../data/missing.ts';
import { dropoutMasks, fillDropoutMask } from '../../data/random.ts';
import { labelShape, type InputSpec } from '../network.ts';
import type { DropoutSpec, MaskPart } from './dropout-spec.ts';
import { feedsOf } from './feeds.ts';

/** One of the batches whose gradients are averaged for a step: its samples, and what its random numbers depend on. */
export interface MicroBatch {
  readonly rows: Int32Array;
  /** Counted from 1. */
  readonly epoch: number;
  readonly stage: string | undefined;
  readonly seed: number;
  /** How many batches were run before it since training began. */
  readonly index: number;
  /** Set where the rows are a part of a batch, whose random numbers they have: where they begin in it, and its size. */
  readonly within?: { readonly from: number; readonly size: number };
}

export interface BatchFeedsOptions {
  readonly spec: InputSpec;
  readonly samples: Samples;
  /** Chance that a sample misses a modality (`train.modalityDropout`). */
  readonly modalityDropout: number;
}

/** What a program is fed for a batch of one size, in arrays that every batch fills anew. */
export class BatchFeeds {
  readonly feeds: Record<string, Float32Array>;
  private readonly batch: Batch;
  /** Masks of batches that this one is a part of, by size. */
  private readonly masks = new Map<number, Readonly<Record<string, Float32Array>>>();

  constructor(
    private readonly options: BatchFeedsOptions,
    size: number,
    private readonly dropouts: readonly DropoutSpec[],
  ) {
    const { spec } = options;
    this.batch = createBatch(spec.features, size, labelShape(spec.task, size)[1]);
    const clock = { epoch: new Float32Array(1), rows: new Float32Array(size) };
    this.feeds = { ...feedsOf(this.batch, spec.features), ...clock, ...dropoutMasks(dropouts) };
  }

  /** Fills the batch and its dropout masks in place. */
  fill({ rows, epoch, seed, index, within }: MicroBatch): Readonly<Record<string, Float32Array>> {
    const { samples, modalityDropout } = this.options;
    fillBatch(this.batch, samples, rows);
    if (modalityDropout > 0) dropFromBatch(this.batch, modalityDropout, seed, index, within?.from);
    this.feeds['rows']!.set(rows);
    this.feeds['epoch']![0] = epoch;
    const whole = within && this.masksOf(within.size);
    for (const { name, rate, part } of this.dropouts) {
      const mask = whole && part ? whole[name]! : this.feeds[name]!;
      fillDropoutMask(mask, rate, seed, name, index);
      if (within && part) takeRows(this.feeds[name]!, mask, { ...part, from: within.from, count: rows.length });
    }
    return this.feeds;
  }

  private masksOf(size: number): Readonly<Record<string, Float32Array>> {
    const known = this.masks.get(size);
    if (known) return known;
    const made = dropoutMasks(
      this.dropouts.flatMap(({ name, part }) => (part ? [{ name, length: part.before * part.perSample * size }] : [])),
    );
    this.masks.set(size, made);
    return made;
  }
}

interface Rows extends MaskPart {
  readonly from: number;
  readonly count: number;
}

/** Copies `count` samples of the mask of a whole batch, from the sample `from` on. */
function takeRows(mask: Float32Array, whole: Float32Array, { before, perSample, from, count }: Rows): void {
  const stride = whole.length / before;
  for (let i = 0; i < before; i++) {
    const start = i * stride + from * perSample;
    mask.set(whole.subarray(start, start + count * perSample), i * count * perSample);
  }
}
