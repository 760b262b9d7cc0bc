import { describe, expect, test } from 'vitest';
import { columns, cutToWidth } from './columns.ts';

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

describe('columns that are cut', () => {
  const rows = [
    ['run', 'model', 'MAE'],
    ['mosi-decalign-20261127', 'decalign', '.968'],
  ];
  const cut = [
    { column: 0, least: 9 },
    { column: 1, least: 5 },
  ];

  test('are as they are where all fits', () => {
    expect(cutToWidth(rows, cut, { width: 22 + 2 + 8 + 2 + 4 })).toEqual(rows);
  });

  test('lose their middle, the first as far as it may before the next', () => {
    expect(cutToWidth(rows, cut, { width: 30 })[1]).toEqual(['mosi-d…261127'.replace('d…', 'de…'), 'decalign', '.968']);
    expect(cutToWidth(rows, cut, { width: 22 })[1]).toEqual(['mosi…1127', 'dec…n', '.968'].with(1, 'de…gn'));
  });

  test('keep what they must', () => {
    expect(cutToWidth(rows, cut, { width: 3 })[1]).toEqual(['mosi…1127', 'de…gn', '.968']);
  });
});
