import { expect, test } from 'vitest';
import { notHeld } from './held.ts';

test('numbers, texts, truth values, null, lists and objects of them are held', () => {
  const value = { a: [1, -2.5, 'text', true, null, []], b: { c: {}, d: undefined }, e: Object.create(null) as object };
  expect(notHeld(value)).toBeUndefined();
});

test.each<[string, unknown]>([
  ['a date', new Date(0)],
  ['a function', () => 1],
  ['a whole number without end', 1n],
  ['no number', NaN],
  ['an infinite number', -Infinity],
  ['a map', new Map()],
  ['a symbol', Symbol('s')],
  ['an expression', /a/],
  ['typed numbers', Float32Array.of(1)],
])('%s is not, and its place is told', (_, value) => {
  expect(notHeld({ a: 1, b: { c: [1, value] } })).toEqual({ path: ['b', 'c', '1'], value });
});

test('a gap in a list is not', () => {
  expect(notHeld([1, undefined])).toEqual({ path: ['1'], value: undefined });
});
