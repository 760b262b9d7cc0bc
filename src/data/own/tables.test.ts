import { expect, test } from 'vitest';
import { lookUp } from './tables.ts';

test('names of a file that is no table of columns are shown as texts, whatever they are', () => {
  const value = new Map<unknown, unknown>([
    [7, [1]],
    ['b', [2]],
  ]);
  expect(() => lookUp({ file: 'own.pkl', shown: 'own.pkl', value, isOfSplit: false }, undefined)).toThrow(
    'own.pkl: holds "7", "b"; say which by "key".',
  );
});
