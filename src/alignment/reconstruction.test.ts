import { expect, test } from 'vitest';
import { evaluate } from '../runtime/testing.ts';
import { constant, type Tensor } from '../tensor/index.ts';
import { reconstructionLoss, type ReconstructionOptions } from './reconstruction.ts';

const column = (values: readonly number[]): Tensor => constant([...values], [values.length, 1], 'float64');
const features = [column([1, 2]), column([3, 5])];
/** Modality m is off by 1 from its own common features, and by 10 and 20 for its two samples from the other's. */
const rebuilt = (m: number, j: number): Tensor => features[m]!.add(column(m === j ? [1, 1] : [10, 20]));
const lossOf = async (options: ReconstructionOptions): Promise<number> =>
  (await evaluate({ loss: reconstructionLoss(features, rebuilt, options) }))['loss']![0]!;

test('is the mean squared error by feature of each modality from its own parts', async () => {
  expect(await lossOf({ crossed: false })).toBeCloseTo(1, 12);
});

test('and, crossed, from the common features of each modality', async () => {
  expect(await lossOf({ crossed: true })).toBeCloseTo((1 + 1 + 250 + 250) / 4, 12);
});

test('counts the samples that have both modalities, and nothing where none has', async () => {
  const has = (values: readonly number[]): Tensor => constant([...values], [2], 'float64');
  expect(await lossOf({ crossed: true, present: [undefined, has([1, 0])] })).toBeCloseTo((1 + 1 + 100 + 100) / 4, 12);
  expect(await lossOf({ crossed: true, present: [undefined, has([0, 0])] })).toBeCloseTo(1 / 4, 12);
});
