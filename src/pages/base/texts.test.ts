import { expect, test } from 'vitest';
import {
  counted,
  durationText,
  metricText,
  numberText,
  rateText,
  signedText,
  sizeText,
  tickTexts,
  timeText,
} from './texts.ts';

test.each([
  [0, '0'],
  [1, '1'],
  [0.12345, '0.1235'],
  [-2.5, '−2.5'],
  [12_345.6, '12346'],
  [1_234_567, '1.235e6'],
  [0.00001, '1e−5'],
  [0.0001, '0.0001'],
  [NaN, 'not a number'],
  [-Infinity, '−∞'],
])('the number %d is %s', (x, text) => {
  expect(numberText(x)).toBe(text);
});

test.each([
  [0, '0.0 s'],
  [9.94, '9.9 s'],
  [9.97, '10 s'],
  [59.6, '1 min 0 s'],
  [3599, '59 min 59 s'],
  [3600, '1 h 0 min'],
  [90_000, '1 d 1 h'],
  [-1, '0.0 s'],
])('%d seconds are %s', (seconds, text) => {
  expect(durationText(seconds)).toBe(text);
});

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1 kB'],
  [1_540_000, '1.5 MB'],
  [123_000_000, '123 MB'],
  [999_600, '1 MB'],
])('%d bytes are %s', (bytes, text) => {
  expect(sizeText(bytes)).toBe(text);
});

test.each<[readonly number[], readonly string[]]>([
  [
    [0, 0.5, 1],
    ['0.0', '0.5', '1.0'],
  ],
  [
    [1.425, 1.4275, 1.43, 1.4325],
    ['1.4250', '1.4275', '1.4300', '1.4325'],
  ],
  [
    [1.4780001, 1.4780002, 1.4780003],
    ['1.4780001', '1.4780002', '1.4780003'],
  ],
  [
    [1000, 1000.001, 1000.002],
    ['1000.000', '1000.001', '1000.002'],
  ],
  [
    [-0.2, -0.1, 0, 0.1, 0.2, 0.30000000000000004],
    ['−0.2', '−0.1', '0.0', '0.1', '0.2', '0.3'],
  ],
  [
    [-10, -5, -0, 5],
    ['−10', '−5', '0', '5'],
  ],
  [
    [0, 5e24, 1e25, 1.5e25],
    ['0', '5.0e24', '1.0e25', '1.5e25'],
  ],
  [
    [2e-5, 4e-5],
    ['2e−5', '4e−5'],
  ],
  [
    [1_000_000, 1_000_000.5],
    ['1000000.0', '1000000.5'],
  ],
  [[0], ['0']],
  [[0.25], ['0.25']],
  [[], []],
])('numbers of an axis, %j, are told apart', (values, texts) => {
  expect(tickTexts(values)).toEqual(texts);
});

test.each([
  [62.85, '63'],
  [1234.5, '1,235'],
  [9.97, '10'],
  [2.34, '2.3'],
  [0.0512, '0.051'],
])('%d in a second are %s', (x, text) => {
  expect(rateText(x)).toBe(text);
});

test.each([
  [1.1617433140836472e25, '1.16e25'],
  [-1.1617433140836472e25, '−1.16e25'],
  [123_456.789, '123457'],
  [12_345.6789, '12345.679'],
  [1e-9, '0.000'],
  [NaN, 'not a number'],
])('the metric %d is %s', (x, text) => {
  expect(metricText(x)).toBe(text);
});

test('metrics have three decimals, differences a sign, and counts their word', () => {
  expect([
    metricText(0.8512),
    metricText(-0.1),
    signedText(0.1),
    signedText(-0.1),
    signedText(0),
    signedText(-0.0001),
  ]).toEqual([...['0.851', '−0.100', '+0.100', '−0.100', '0.000', '0.000']]);
  expect([counted(1, 'run'), counted(1200, 'run')]).toEqual(['1 run', '1,200 runs']);
});

test('times are those of the reader', () => {
  const time = new Date(2026, 1, 3, 4, 5);
  expect(timeText(time.toISOString(), new Date(2026, 1, 3, 20))).toBe('today 04:05');
  expect(timeText(time.toISOString(), new Date(2026, 1, 4))).toBe('3 Feb 04:05');
  expect(timeText(time.toISOString(), new Date(2027, 1, 3))).toBe('3 Feb 2026 04:05');
  expect(timeText('a while ago')).toBe('a while ago');
});
