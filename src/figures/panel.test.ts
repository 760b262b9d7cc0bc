import { expect, test } from 'vitest';
import { textWidth } from './drawing/font.ts';
import { grid, headed } from './panel.ts';

const headings = (text: string, width: number): string[] =>
  [...JSON.stringify(headed(text, { width, height: 10 })).matchAll(/"text":"([^"]*)"/g)].map(([, heading]) => heading!);

test('a heading that is wider than its panel loses its middle', () => {
  expect(headings('decoupled', 90)).toEqual(['decoupled']);
  const [short] = headings('a-run-with-a-very-long-name-and-the-seed-17', 60);
  expect(short).toMatch(/^a-run.*….*17$/);
  expect(textWidth(short!, 8)).toBeLessThanOrEqual(72);
});

test('one or two panels take a column, more take two', () => {
  expect(grid(1)).toEqual({ columns: 1, across: 1 });
  expect(grid(2)).toEqual({ columns: 1, across: 2 });
  expect(grid(3)).toEqual({ columns: 2, across: 3 });
  expect(grid(9)).toEqual({ columns: 2, across: 4 });
  expect(grid(2, 1)).toEqual({ columns: 2, across: 1 });
});
