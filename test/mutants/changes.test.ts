import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { changesOf, withChange } from './changes.ts';

/** A text with each of its changes made. */
const changed = (source: string): string[] => changesOf(source).map((change) => withChange(source, change));

test.each<[string, string, readonly string[]]>([
  ['operators', 'a + b', ['a - b']],
  ['of bits', 'a >>> b', ['a >> b']],
  ['limits of comparisons', 'a < b', ['a <= b']],
  ['what stands in for nothing', 'a ?? b', ['b']],
  ['signs', '!a', ['a']],
  ['whole numbers', '1', ['2', '0']],
  ['other numbers', '0.5', ['1']],
  ['floors', '1e-8', ['0']],
  ['truth', 'true', ['false']],
  ['conditions', 'a ? b : c', ['a ? c : b']],
  ['methods and axes', 'x.sum([1])', ['x', 'x.mean([1])', 'x.sum()', 'x.sum([2])', 'x.sum([0])']],
  ['the order of arguments', 'f(a, b)', ['f(b, a)', 'f(0, b)', 'f(a)', 'f(a, 0)']],
  ['options', 'f({ a, b: c })', ['f()', 'f({ b: c })', 'f({ a: 0, b: c })', 'f({ a })', 'f({ a, b: 0 })']],
])('wrong are %s', (_, source, wanted) => {
  const found = changed(`const y = ${source};`).map((text) => text.slice('const y = '.length, -1));
  expect(found.toSorted()).toEqual(wanted.toSorted());
});

test('statements and guards are left out', () => {
  expect(changed('if (a) b();').toSorted()).toEqual(['if (!(a)) b();', 'if (a) ;', ';'].toSorted());
});

test('types, imports and what errors say stay as they are', () => {
  const source = "import { a } from './a.ts';\ntype B = 1 | 2;\nconst c: 3 = d;\nthrow new RangeError(`${e + 4}`);";
  expect(changed(source)).toEqual([]);
});

test('every change of a file is another text, and each is there once', () => {
  const source = readFileSync('src/alignment/transport.ts', 'utf8');
  const all = changed(source);
  expect(new Set([...all, source]).size).toBe(all.length + 1);
  expect(all.length).toBeGreaterThan(200);
});
