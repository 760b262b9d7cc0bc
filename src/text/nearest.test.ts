import { expect, test } from 'vitest';
import { editDistance, nearest } from './nearest.ts';

test('nearest finds typing errors and nothing else', () => {
  expect(nearest('epocs', ['epochs', 'seed'])).toBe('epochs');
  expect(nearest('Seed', ['epochs', 'seed'])).toBe('seed');
  expect(nearest('batch', ['epochs', 'seed'])).toBeUndefined();
  expect(nearest('x', [])).toBeUndefined();
});

test('neighbouring letters swapped are one error, and the beginning of a name is enough', () => {
  expect(nearest('widht', ['heads', 'width'])).toBe('width');
  expect(nearest('mea', ['corr', 'mae'])).toBe('mae');
  expect(nearest('hetero', ['decoupling', 'heterogeneity'])).toBe('heterogeneity');
  expect(nearest('he', ['decoupling', 'heterogeneity'])).toBeUndefined();
});

test.each([
  ['', '', 0],
  ['', 'abc', 3],
  ['kitten', 'sitting', 3],
  ['ab', 'ba', 1],
  ['valid', 'vlaid', 1],
  ['same', 'same', 0],
])('editDistance(%j, %j) = %i', (from, to, distance) => {
  expect(editDistance(from, to)).toBe(distance);
  expect(editDistance(to, from)).toBe(distance);
});
