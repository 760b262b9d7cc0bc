import { expect, test } from 'vitest';
import { predictionText } from './prediction-text.ts';

test.each<[unknown, string]>([
  [-1.23456, '−1.235'],
  ['happy', 'happy'],
  [{ happy: 1, sad: 0, angry: 1, calm: null }, 'happy, angry'],
  [{ happy: 0 }, 'none'],
  [{ valence: 0.5, arousal: -1 }, 'valence 0.5, arousal −1'],
  [null, '–'],
])('%j', (value, text) => {
  expect(predictionText(value)).toBe(text);
});
