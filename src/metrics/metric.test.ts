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

test.each(['multilabel', 'mosei-emotions'] as const)('%s adds scores by the name of the label', (kind) => {
  const found = evaluate(kind, [2, -1, -2, -1, 1, -3], [1, 0, 0, 0, 1, 0], ['happy', 'fear']);
  const own = Object.keys(found).filter((name) => name.includes('/'));
  expect(Object.keys(found).filter((name) => !own.includes(name))).toEqual(metricsOf(kind));
  expect(metricsOf(kind)).toContain(defaultSelection(kind));
  expect(found).toMatchObject({
    'f1/happy': 1,
    'wacc/happy': 1,
    'ap/happy': 1,
    'auc/happy': 1,
    'waf1/fear': 1,
    wacc: 1,
  });
  // No sample is of fear, so that none could be found.
  expect(own.filter((name) => name.endsWith('/fear'))).toEqual(['acc/fear', 'waf1/fear']);
  expect(() => evaluate(kind, [1], [1])).toThrow('without their names');
});

test('thresholds say above which probability a label is predicted', () => {
  const at = (...thresholds: number[]): number | undefined =>
    evaluate('multilabel', [2, 1, -1, -2], [1, 1, 0, 0], ['a'], { thresholds })['f1/a'];
  expect([at(0.5), at(0.8), at(0.1)]).toEqual([1, 2 / 3, 2 / 3]);
});

test('several targets add their scores by name', () => {
  const found = evaluate('multitarget', [1, 5, 3, 5], [1, 4, 2, 4], ['arousal', 'valence']);
  expect(found).toMatchObject({ mae: 0.75, 'mae/arousal': 0.5, 'mae/valence': 1, 'r2/arousal': -1, r2: -1 });
  expect(Object.keys(found)).toEqual([
    ...metricsOf('multitarget'),
    ...['mae/arousal', 'corr/arousal', 'rmse/arousal', 'r2/arousal', 'mae/valence', 'rmse/valence'],
  ]);
  expect(defaultSelection('multitarget')).toBe('r2');
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
  expect(confusion('multilabel', [1], [1], ['a'])).toBeUndefined();
});
