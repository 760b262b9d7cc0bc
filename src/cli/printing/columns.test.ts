import { describe, expect, test } from 'vitest';
import { columns } from './columns.ts';

const table = [
  ['', 'MAE', 'Corr', 'Acc-2'],
  ['ridge', '1.001', '.631', '.780'],
  ['decalign', '.968', '.635', '.776'],
];

describe('columns', () => {
  test('is one table where it fits, to the last column', () => {
    const whole = ['            MAE  Corr  Acc-2', 'ridge     1.001  .631   .780', 'decalign   .968  .635   .776'];
    expect(columns(table)).toBe(whole.join('\n'));
    expect(columns(table, { width: whole[0]!.length })).toBe(whole.join('\n'));
  });

  test('is told in parts where it does not, each with the names of its rows', () => {
    expect(columns(table, { width: 27 })).toBe(
      [
        ...['            MAE  Corr', 'ridge     1.001  .631', 'decalign   .968  .635', ''],
        ...['          Acc-2', 'ridge      .780', 'decalign   .776'],
      ].join('\n'),
    );
  });

  test('keeps every column, however narrow the terminal is', () => {
    const parts = columns(table, { width: 1 }).split('\n\n');
    expect(parts.map((part) => part.split('\n')[0]!.trim())).toEqual(['MAE', 'Corr', 'Acc-2']);
  });

  test('may be a column alone', () => {
    expect(columns([['split'], ['train']], { width: 3 })).toBe('split\ntrain');
  });
});
