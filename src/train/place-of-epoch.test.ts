import { expect, test } from 'vitest';
import { placeOfEpoch } from './place-of-epoch.ts';

const stages = [
  { name: 'pretraining', epochs: 5 },
  { name: 'alignment', epochs: 2 },
];

test('an epoch of a stage is counted within it', () => {
  expect(placeOfEpoch(1, 10, stages)).toEqual({ stage: 'pretraining', epoch: 1, of: 5 });
  expect(placeOfEpoch(5, 10, stages)).toEqual({ stage: 'pretraining', epoch: 5, of: 5 });
  expect(placeOfEpoch(6, 10, stages)).toEqual({ stage: 'alignment', epoch: 1, of: 2 });
});

test('the usual epochs begin anew after the stages', () => {
  expect(placeOfEpoch(8, 10, stages)).toEqual({ epoch: 1, of: 3 });
  expect(placeOfEpoch(10, 10, stages)).toEqual({ epoch: 3, of: 3 });
});

test('without stages an epoch is what it is, before the first too', () => {
  expect(placeOfEpoch(0, 3)).toEqual({ epoch: 0, of: 3 });
  expect(placeOfEpoch(2, 3, [{ name: 'pretraining', epochs: 0 }])).toEqual({ epoch: 2, of: 3 });
});
