import { expect, test } from 'vitest';
import { PreparedSample } from '../../deploy/sample.ts';
import { lengthOf, weakened } from './weaken.ts';

const modalities = [
  { name: 'audio', time: 3, width: 2 },
  { name: 'text', time: 5, width: 2, tokens: 100 },
];
const statistics = { audio: { centre: [10, 0], deviation: [1, 1], isMean: true } };
const sample = new PreparedSample('a', {
  audio: [
    [20, -4],
    [null, 2],
  ],
  text_ids: [7, 8, 9, 10],
  text_segments: [0, 0, 1, 1],
});
const options = { modalities, statistics };

test('a modality that is weakened moves towards what is usual, and what is missing stays so', () => {
  expect(weakened(sample, { audio: 0.25 }, options)).toEqual(
    new PreparedSample('a', {
      ...sample.steps,
      audio: [
        [12.5, -1],
        [null, 0.5],
      ],
    }),
  );
  expect(weakened(sample, { audio: 0 }, options).steps['audio']).toEqual([
    [10, 0],
    [null, 0],
  ]);
});

test('at full strength the very numbers stay', () => {
  expect(weakened(sample, { audio: 1, text: 1 }, options).steps).toEqual(sample.steps);
  expect(weakened(sample, {}, options).steps['audio']).toBe(sample.steps['audio']);
});

test('of tokens the first are kept, with their segments', () => {
  const half = weakened(sample, { text: 0.5 }, options);
  expect(half.steps).toEqual({ ...sample.steps, text_ids: [7, 8], text_segments: [0, 0] });
  expect(lengthOf(modalities[1]!, half)).toBe(2);
});

test('a modality that is left out has no step of any of its inputs', () => {
  const without = weakened(sample, { text: 'left out' }, options);
  expect(without.steps).toEqual({ ...sample.steps, text_ids: [], text_segments: [] });
  expect(lengthOf(modalities[1]!, without)).toBe(0);
});
