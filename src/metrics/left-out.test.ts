import { expect, test } from 'vitest';
import { leftOutOfMeans } from './left-out.ts';
import { evaluate } from './metric.ts';

test('a label of one side, or of none, is named with what is left out', () => {
  const names = ['happy', 'fear', 'sad', 'anger'];
  const truth = [1, 0, 1, NaN, 0, 0, 1, NaN, 1, NaN, 1, NaN];
  expect(leftOutOfMeans('multilabel', truth, names)).toEqual([
    '"fear" is true of no sample: its F1, average precision, weighted accuracy and AUC are left out of the means.',
    '"sad" is true of every sample: its weighted accuracy and AUC are left out of the means.',
    '"anger" is absent in every sample: it is left out of all means.',
  ]);
  // Just these scores are missing.
  const found = evaluate('mosei-emotions', new Float32Array(truth.length), truth, names);
  expect(Object.keys(found).filter((name) => /\/(fear|sad|anger)$/.test(name))).toEqual([
    ...['acc/fear', 'waf1/fear', 'acc/sad', 'f1/sad', 'waf1/sad', 'ap/sad'],
  ]);
});

test('a target that does not vary is named with its value', () => {
  expect(leftOutOfMeans('multitarget', [1, 3, NaN, 2, 3, NaN], ['a', 'b', 'c'])).toEqual([
    '"b" is 3 in every sample: its correlation and R² are left out of the means.',
    '"c" is absent in every sample: it is left out of all means.',
  ]);
});

test('there is nothing to say where all is defined, or where there is one label', () => {
  expect(leftOutOfMeans('multilabel', [1, 0], ['a'])).toEqual([]);
  expect(leftOutOfMeans('multitarget', [1, 0], ['a'])).toEqual([]);
  expect(leftOutOfMeans('mosi', [1, 1], [])).toEqual([]);
});
