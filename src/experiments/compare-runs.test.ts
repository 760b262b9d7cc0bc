import { expect, test } from 'vitest';
import { differencesOf } from './compare-runs.ts';

test('settings differ by their dotted keys, also within one that some leave out whole', () => {
  const pairing = { temperature: 0.1, symmetric: true };
  const settings = [
    { model: { pairing, width: 32 }, seed: 1, same: [1] },
    { model: { pairing: null, width: 32 }, seed: 2, same: [1] },
    { model: { pairing: { ...pairing, temperature: 0.2 } }, seed: 1, same: [1] },
  ];
  expect(differencesOf(settings)).toEqual([
    { key: 'model.pairing.temperature', values: [0.1, null, 0.2] },
    { key: 'model.pairing.symmetric', values: [true, null, true] },
    { key: 'seed', values: [1, 2, 1] },
    { key: 'model.width', values: [32, 32, null] },
  ]);
  expect(differencesOf(settings.slice(0, 1))).toEqual([]);
});
