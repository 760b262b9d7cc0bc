import fc from 'fast-check';
import { expect, test } from 'vitest';
import { epochSteps, stepsPerEpoch, type EpochOrder } from './epoch-order.ts';

const order: EpochOrder = { seed: 1, epoch: 1, batchSize: 4, lastBatch: 'short' };
const batches = (count: number, options: Partial<EpochOrder> = {}): number[][] =>
  [...epochSteps(count, { ...order, ...options })].map(([rows]) => [...rows!]);

test('every sample once; the remainder filled up, short or left out; as many batches as announced', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 1, max: 20 }),
      fc.constantFrom('fill' as const, 'short' as const, 'drop' as const),
      (count, batchSize, lastBatch) => {
        const made = batches(count, { batchSize, lastBatch });
        expect(made).toHaveLength(stepsPerEpoch(count, { batchSize, lastBatch }));
        const seen = made.flat();
        const distinct = new Set(seen);
        const lost = lastBatch === 'drop' && count > batchSize ? count % batchSize : 0;
        expect(distinct.size).toBe(count - lost);
        if (lastBatch !== 'fill') expect(seen).toHaveLength(distinct.size);
        for (const rows of made) {
          if (lastBatch !== 'short') expect(rows).toHaveLength(Math.min(batchSize, count));
          expect(new Set(rows).size).toBe(rows.length);
        }
      },
    ),
  );
});

test('as many steps as announced, with several batches to a step, too', () => {
  for (const lastBatch of ['fill', 'short', 'drop'] as const)
    for (let count = 1; count < 40; count++)
      for (const accumulate of [1, 2, 3, 4]) {
        const given = { ...order, lastBatch, accumulate };
        expect([...epochSteps(count, given)]).toHaveLength(stepsPerEpoch(count, given));
      }
});

test('fewer samples than a batch make one batch of them all', () => {
  for (const lastBatch of ['fill', 'short', 'drop'] as const)
    expect(batches(3, { lastBatch }).map((rows) => rows.sort())).toEqual([[0, 1, 2]]);
});

test('several batches of a step, the last step with what is left', () => {
  const steps = [...epochSteps(22, { ...order, accumulate: 3 })];
  expect(steps.map((batches) => batches.map(({ length }) => length))).toEqual([
    [4, 4, 4],
    [4, 4, 2],
  ]);
  expect(stepsPerEpoch(22, { ...order, accumulate: 3 })).toBe(2);
  expect(steps.flat().flatMap((rows) => [...rows])).toEqual(batches(22).flat());
});

test('the order follows from seed and epoch, and from nothing else', () => {
  expect(batches(20)).toEqual(batches(20));
  expect(batches(20, { epoch: 2 })).not.toEqual(batches(20));
  expect(batches(20, { seed: 2 })).not.toEqual(batches(20));
});
