import { expect, test } from 'vitest';
import { counted, durationText, metricText, numberText, signedText, sizeText, timeText } from './texts.ts';

test.each([
  [0, '0'],
  [1, '1'],
  [0.12345, '0.1235'],
  [-2.5, '−2.5'],
  [12_345.6, '12346'],
  [1_234_567, '1.235e+6'],
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
