import { expect, test } from 'vitest';
import { textWidth } from './drawing/font.ts';
import { grid, headed } from './panel.ts';

const headings = (text: string, width: number): string[] =>
  [...JSON.stringify(headed(text, { width, height: 10 })).matchAll(/"text":"([^"]*)"/g)].map(([, heading]) => heading!);

test('a heading that is wider than its panel has several lines, and all of its text', () => {
  expect(headings('decoupled', 90)).toEqual(['decoupled']);
  expect(headings('full model', 20)).toEqual(['full', 'model']);
  for (const name of ['a-run-of-narrow-latents-and-the-seed-17', 'DecAlign (narrowlatentsandindependence)'])
    for (const variant of [name, name.replace('latents', 'features')]) {
      const lines = headings(variant, 60);
      expect(lines.join('').replaceAll(' ', '')).toBe(variant.replaceAll(' ', ''));
      for (const line of lines) expect(textWidth(line, 8)).toBeLessThanOrEqual(72);
    }
});

test('it is broken after a hyphen before it is broken within a word', () => {
  expect(headings('a-run-of-narrow-latents', 60)).toEqual(['a-run-of-narrow-', 'latents']);
});

test('it is broken at a space before it is broken after a mark within a word', () => {
  expect(headings('without independence (L_ind)', 82)).toEqual(['without independence', '(L_ind)']);
});

test('lines of a heading stand one above the other', () => {
  const ys = [...JSON.stringify(headed(['full model', 'MAE 0.3'], { width: 20, height: 10 })).matchAll(/"y":(-\d+)/g)];
  expect(ys.map(([, y]) => Number(y))).toEqual([-25, -15, -6]);
});

test('one or two panels take a column, more take two', () => {
  expect(grid(1)).toEqual({ columns: 1, across: 1 });
  expect(grid(2)).toEqual({ columns: 1, across: 2 });
  expect(grid(3)).toEqual({ columns: 2, across: 3 });
  expect(grid(9)).toEqual({ columns: 2, across: 4 });
  expect(grid(2, 1)).toEqual({ columns: 2, across: 1 });
});
