import { expect, test } from 'vitest';
import { isOfSomeAlone } from './of-some-alone.ts';

test.each<[readonly unknown[], boolean]>([
  [[1, 2], false],
  [[1, null], true],
  [[{ a: 1 }, { a: 1 }, null], true],
  [[1, 2, null], false],
  [[null, 0], true],
])('%j: %s', (values, expected) => {
  expect(isOfSomeAlone({ values })).toBe(expected);
});
