import { random } from '../data/random.ts';

export interface EpochOrder {
  readonly seed: number;
  readonly epoch: number;
  readonly batchSize: number;
  readonly lastBatch: 'fill' | 'short' | 'drop';
  /** Batches whose gradients are averaged for one step. Default 1. */
  readonly accumulate?: number;
}

/** The number of steps in an epoch of `count` samples. */
export function stepsPerEpoch(
  count: number,
  { batchSize, lastBatch, accumulate = 1 }: Pick<EpochOrder, 'batchSize' | 'lastBatch' | 'accumulate'>,
): number {
  if (count <= batchSize) return 1;
  const batches = lastBatch === 'drop' ? Math.floor(count / batchSize) : Math.ceil(count / batchSize);
  return Math.ceil(batches / accumulate);
}

/** For each step of an epoch, its batches; for each batch, the rows of the training split. */
export function* epochSteps(count: number, order: EpochOrder): Generator<readonly Int32Array[]> {
  const batches = [...epochBatches(count, order)];
  const { accumulate = 1 } = order;
  for (let i = 0; i < batches.length; i += accumulate) yield batches.slice(i, i + accumulate);
}

/** The rows of each batch, in a random order that is a function of seed and epoch. */
function* epochBatches(count: number, { seed, epoch, batchSize, lastBatch }: EpochOrder): Generator<Int32Array> {
  const order = random(seed, 'shuffle', epoch).permutation(count);
  if (count <= batchSize) {
    yield order;
    return;
  }
  const whole = Math.floor(count / batchSize);
  for (let i = 0; i < whole; i++) yield order.subarray(i * batchSize, (i + 1) * batchSize);
  const rest = order.subarray(whole * batchSize);
  if (rest.length === 0 || lastBatch === 'drop') return;
  // Once the last batch is filled up, all have one size: one program serves all, and no step rests on a few samples.
  yield lastBatch === 'short' ? rest : Int32Array.from([...rest, ...order.subarray(0, batchSize - rest.length)]);
}
