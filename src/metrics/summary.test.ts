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

test('of runs with different metrics, those are averaged that all have', () => {
  const [before, after] = [{ mae: 1 }, { medae: 5, mae: 3, corr: 1 }];
  for (const records of [
    [before, after],
    [after, before],
  ])
    expect(summarise(records)).toEqual({ mean: { mae: 2 }, std: { mae: Math.SQRT2 } });
});

test('nothing to average is an error', () => {
  expect(() => summarise([])).toThrow('no runs');
  expect(() => summarise([{ mae: 1 }, { rmse: 1 }])).toThrow('the runs have no metric in common');
});
