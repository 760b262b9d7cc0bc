import { expect, test } from 'vitest';
import { csvOf, fileName, jsonOf } from './download.ts';

const table = {
  columns: ['epoch', 'loss, "total"'],
  rows: [
    [1, 0.5],
    [2, null],
  ],
};

test('a table is CSV and JSON', () => {
  expect(csvOf(table)).toBe('epoch,"loss, ""total"""\n1,0.5\n2,\n');
  expect(JSON.parse(jsonOf(table))).toEqual([
    { epoch: 1, 'loss, "total"': 0.5 },
    { epoch: 2, 'loss, "total"': null },
  ]);
});

test('a file is named without slashes and spaces', () => {
  expect(fileName('a/seed-1: L_total')).toBe('a-seed-1-L_total');
  expect(fileName('../..')).toBe('table');
});
