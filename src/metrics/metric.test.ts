import { expect, test } from 'vitest';
import { confusion, defaultSelection, evaluate, metricNamed, metricsOf } from './metric.ts';

test.each(['mosi', 'sims', 'regression'] as const)('%s: evaluate returns exactly the metrics listed', (kind) => {
  const found = evaluate(kind, [0.5, -0.5], [1, -1]);
  expect(Object.keys(found)).toEqual(metricsOf(kind));
  expect(metricsOf(kind)).toContain(defaultSelection(kind));
});

test('classification adds scores by class name', () => {
  const found = evaluate('classification', [2, 1, 0, 3, 5, 1], [0, 1, 1], ['sad', 'happy']);
  expect(found).toMatchObject({
    wacc: 2 / 3,
    'recall/sad': 1,
    'recall/happy': 0.5,
    'precision/sad': 0.5,
    'f1/sad': 2 / 3,
  });
  expect(Object.keys(found)).toEqual(expect.arrayContaining([...metricsOf('classification')]));
  expect(() => evaluate('classification', [1, 2], [0])).toThrow('without the names of its classes');
});

test('an unknown metric names the likely one and all there are', () => {
  expect(metricNamed('mosi', 'acc7')).toBe('acc7');
  expect(() => metricNamed('mosi', 'acc8')).toThrow('There is no metric "acc8" for mosi data. Did you mean "acc2"?');
  expect(() => metricNamed('regression', 'MAE')).toThrow('Did you mean "mae"?');
  expect(() => metricNamed('classification', 'perplexity')).toThrow('data. There are: wacc, uacc, waf1, macro_f1.');
});

test('confusion has one row per class of the kind', () => {
  const mosi = confusion('mosi', [-4, 0.4, 2.5], [-3, 1, 2])!;
  expect(mosi.labels).toEqual(['-3', '-2', '-1', '0', '+1', '+2', '+3']);
  expect(mosi.counts[0]![0]).toBe(1);
  expect(mosi.counts[4]![3]).toBe(1);
  expect(mosi.counts[5]![5]).toBe(1);
  expect(confusion('sims', [0.05, 0.9], [-0.8, 0.2])!.counts).toEqual([
    [0, 1, 0],
    [0, 0, 0],
    [0, 0, 1],
  ]);
  expect(confusion('classification', [1, 0, 0, 1], [0, 0], ['a', 'b'])!.counts).toEqual([
    [1, 1],
    [0, 0],
  ]);
  expect(confusion('regression', [1], [1])).toBeUndefined();
});
