import { expect, test } from 'vitest';
import type { ValueDescription } from './description.ts';
import { Preparing } from './preparing.ts';

const input = (name: string, dtype: 'float32' | 'int64', shape: ValueDescription['shape']): ValueDescription => ({
  ...{ name, dtype, shape, meaning: '' },
});
const inputs = [
  input('audio', 'float32', ['batch', 2, 2]),
  input('audio_lengths', 'int64', ['batch']),
  input('record', 'float32', ['batch', 1, 1]),
];

test('numbers beyond those of the model are told, those that are missing or cut are not', () => {
  const preparing = new Preparing({ inputs, rows: {} });
  const step = [1, null];
  const samples = [
    { audio: [[1, Infinity]], record: [1] },
    { audio: [[1, 2]], record: [-1e39] },
    { audio: [step, [NaN, 3.4e38], [Infinity, 1]], record: [1] },
  ];
  samples.forEach((sample, n) => preparing.prepared(sample, n));
  expect(preparing.warnings().filter((line) => line.includes('32 bits'))).toEqual([
    '2 of 3 samples have numbers that are infinite or beyond those of 32 bits: taken as missing, as in training.',
  ]);
});
