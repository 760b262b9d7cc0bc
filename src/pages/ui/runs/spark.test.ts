import { expect, test } from 'vitest';
import { sparkPath } from './spark.ts';

const box = { width: 10, height: 4 };

test.each<[readonly (number | null)[], string]>([
  [[2, 1, 0], 'M0 0L5 2L10 4'],
  [[1, null, 0, 1], 'M0 0L0 0M6.7 4L10 0'],
  [[5], 'M0 2L0 2'],
  [[3, 3], 'M0 2L10 2'],
  [[null], ''],
  [[], ''],
])('%j', (values, path) => {
  expect(sparkPath(values, box)).toBe(path);
});
