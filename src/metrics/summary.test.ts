import { expect, test } from 'vitest';
import { summarise } from './summary.ts';

test('mean and sample standard deviation by metric', () => {
  const { mean, std } = summarise([
    { mae: 1, corr: 0.5 },
    { mae: 2, corr: 0.5 },
    { mae: 6, corr: 0.5 },
  ]);
  expect(mean).toEqual({ mae: 3, corr: 0.5 });
  expect(std['mae']).toBeCloseTo(Math.sqrt(7), 12);
  expect(std['corr']).toBe(0);
});

test('one run deviates by 0', () => {
  expect(summarise([{ mae: 2 }])).toEqual({ mean: { mae: 2 }, std: { mae: 0 } });
});

test('runs with different metrics are not averaged', () => {
  expect(() => summarise([])).toThrow('no runs');
  expect(() => summarise([{ mae: 1 }, { rmse: 1 }])).toThrow('run 0 has "mae" and run 1 does not');
  expect(() => summarise([{ mae: 1 }, { mae: 1, rmse: 1, corr: 1 }])).toThrow('run 1 has "rmse" and run 0 does not');
});
