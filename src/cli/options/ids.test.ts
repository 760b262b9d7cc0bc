import { expect, test } from 'vitest';
import { idsIn } from './ids.ts';

const known = ['a', 'b', 'c', 'a,b', ' d ', 'x,y,z'];

test.each<[readonly string[], readonly string[]]>([
  [['a,c'], ['a', 'c']],
  [['a, c,'], ['a', 'c']],
  [
    ['a', 'c'],
    ['a', 'c'],
  ],
  // What is an id as a whole is one.
  [['a,b'], ['a,b']],
  [['c,x,y,z,a'], ['c', 'x,y,z', 'a']],
  [['b,a,b'], ['b', 'a,b']],
  [[' d '], [' d ']],
  // What is none is left to whoever looks for it.
  [['a,q,x'], ['a', 'q', 'x']],
])('%j are the ids %j', (texts, ids) => {
  expect(idsIn(texts, known)).toEqual(ids);
});
