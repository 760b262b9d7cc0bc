import { describe, expect, test } from 'vitest';
import { lettersMissing, textWidth, wrapped } from './font.ts';

describe('the font of figures', () => {
  test('is as wide as Arial, whose widths in thousandths are known', () => {
    for (const [letter, width] of [
      ['A', 667],
      ['i', 222],
      ['W', 944],
      ['0', 556],
      [' ', 278],
      ['−', 584],
    ] as const)
      expect(textWidth(letter, 1000)).toBeCloseTo(width, -0.5);
    expect(textWidth('A', 1000, 'bold')).toBeCloseTo(722, -0.5);
    expect(textWidth('MAE 0.29', 8)).toBeCloseTo((textWidth('MAE', 1) + textWidth(' 0.29', 1)) * 8, 9);
  });

  test('has the letters of European languages, Greek and the signs of figures', () => {
    expect(lettersMissing('Ångström žluťoučký Ελληνικά Кириллица αβλσ ±×−≤≥→←↑↓²₁…–“”')).toEqual([]);
    expect(lettersMissing('情感 good 情')).toEqual(['情', '感']);
  });
});

describe('wrapped text', () => {
  test('has lines of at most the width, and all of its words', () => {
    const text = 'Lines are means over the seeds, bands reach from the lowest seed to the highest';
    const lines = wrapped(text, 100, 7);
    expect(lines.length).toBeGreaterThan(2);
    expect(lines.join(' ')).toBe(text);
    for (const line of lines) expect(textWidth(line, 7)).toBeLessThanOrEqual(100);
    expect(wrapped(text, 1000, 7)).toEqual([text]);
  });

  test('gives a word that is too wide a line of its own', () => {
    expect(wrapped('a pneumonoultramicroscopic b', 20, 8)).toEqual(['a', 'pneumonoultramicroscopic', 'b']);
  });
});
