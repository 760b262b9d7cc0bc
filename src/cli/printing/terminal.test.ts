import { expect, it } from 'vitest';
import { outline } from './outline.ts';
import { onOneLine, printable } from './terminal.ts';

it('escapes what a terminal obeys, and nothing that it shows', () => {
  expect(printable('\u001b[31mred\r\u0007\u009b2J\u202eabc\u2066')).toBe(
    '\\u001b[31mred\\u000d\\u0007\\u009b2J\\u202eabc\\u2066',
  );
  expect(printable('ünï 🎬 日本\ta\nb')).toBe('ünï 🎬 日本\ta\nb');
  expect(onOneLine('a\nb\tc')).toBe('a\\nb\\tc');
});

it('leaves JSON the same JSON', () => {
  const value = { 'a\u009b\u001b': ['\u202e\r\n', 1] };
  expect(JSON.parse(printable(JSON.stringify(value)))).toEqual(value);
});

it('keeps names and values of an outline on their lines', () => {
  expect(outline({ 'two\r\nlines': 'a\nb' })).toBe('two\\u000d\\nlines: a\\nb\n');
});
