import { expect, test } from 'vitest';
import { predictionsCsv } from './predictions-csv.ts';

const csv = (...lines: readonly object[]): string[] =>
  predictionsCsv(lines.map((line) => `${JSON.stringify(line)}\n`)).split('\n');

test('a value is a column, and so is a label that only some samples have', () => {
  expect(csv({ id: 'a', prediction: 0.25 }, { id: 'b', label: -1, prediction: 1e-7 })).toEqual([
    'id,label,prediction',
    'a,,0.25',
    'b,-1,1e-7',
    '',
  ]);
});

test('classes have a column of probability each, and names are quoted where they must be', () => {
  const line = { id: 'a "b", c', group: 'g\n1', prediction: 'yes, no', probabilities: { 'yes, no': 0.75, no: 0.25 } };
  expect(predictionsCsv([JSON.stringify(line)])).toBe(
    'id,group,prediction,"probabilities/yes, no",probabilities/no\n"a ""b"", c","g\n1","yes, no",0.75,0.25\n',
  );
});

test('several labels have a column each, of which those not known are empty', () => {
  const line = {
    id: 'p0',
    label: { happy: 0, loud: null },
    prediction: { happy: 1, loud: 1 },
    probabilities: { happy: 0.5, loud: 0.75 },
  };
  expect(csv(line)).toEqual([
    'id,label/happy,label/loud,prediction/happy,prediction/loud,probabilities/happy,probabilities/loud',
    'p0,0,,1,1,0.5,0.75',
    '',
  ]);
});
