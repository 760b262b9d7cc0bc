import { expect, test } from 'vitest';
import { RecentlyUsed } from './recently-used.ts';

test('what was asked for last is kept, and no more than so many', () => {
  const made: string[] = [];
  const kept = new RecentlyUsed<string | undefined>(2);
  const ask = (name: string): string | undefined =>
    kept.get(name, () => {
      made.push(name);
      return name === 'none' ? undefined : name.toUpperCase();
    });
  expect([ask('a'), ask('b'), ask('a'), ask('c')]).toEqual(['A', 'B', 'A', 'C']);
  expect(made).toEqual(['a', 'b', 'c']);
  // "a" was asked for after "b".
  expect([ask('a'), ask('b')]).toEqual(['A', 'B']);
  expect(made).toEqual(['a', 'b', 'c', 'b']);
  ask('none');
  ask('none');
  expect(made.slice(4)).toEqual(['none']);
  kept.forget('none');
  ask('none');
  expect(made.slice(4)).toEqual(['none', 'none']);
});
