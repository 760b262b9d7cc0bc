import { expect, test } from 'vitest';
import { outline } from './outline.ts';

test('an outline: short values beside their names, long lists cut, numbers rounded', () => {
  const value = {
    name: 'x',
    absent: undefined,
    range: [-3, 3],
    mean: 0.123456789,
    ids: Array.from({ length: 100 }, (_, n) => `sample-${n}`),
    parts: [{ name: 'a', size: { rows: 1 } }],
    nothing: [],
  };
  expect(outline(value)).toBe(
    [
      'name: x',
      'range: [-3, 3]',
      'mean: 0.123457',
      'ids:',
      ...Array.from({ length: 12 }, (_, n) => `  - sample-${n}`),
      '  … 88 more',
      'parts:',
      '  - name: a',
      '    size: { rows: 1 }',
      'nothing: []',
      '',
    ].join('\n'),
  );
});
