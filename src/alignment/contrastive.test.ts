import { describe, expect, test } from 'vitest';
import { evaluate, gradientError, relativeError, testValues } from '../runtime/testing.ts';
import { constant, gradients, input } from '../tensor/index.ts';
import { contrastiveLoss, labelClasses } from './contrastive.ts';

/** The definition, sample by sample. */
function reference(rows: number[][], classes: number[], temperature: number): number {
  const unit = rows.map((row) => row.map((v) => v / Math.hypot(...row)));
  const similarity = (a: number, b: number): number =>
    Math.exp(unit[a]!.reduce((sum, v, i) => sum + v * unit[b]![i]!, 0) / temperature);
  const terms = rows.flatMap((_, n) => {
    const others = rows.flatMap((__, i) => (i === n ? [] : [i]));
    const positives = others.filter((i) => classes[i] === classes[n]);
    if (positives.length === 0) return [];
    const all = others.reduce((sum, i) => sum + similarity(n, i), 0);
    return [-positives.reduce((sum, p) => sum + Math.log(similarity(n, p) / all), 0) / positives.length];
  });
  return terms.reduce((a, b) => a + b, 0) / Math.max(terms.length, 1);
}

const flat = testValues(18);
const rows = Array.from({ length: 6 }, (_, i) => flat.slice(3 * i, 3 * i + 3));

test.each([
  { classes: [0, 0, 1, 1, 1, 0], temperature: 0.1 },
  { classes: [0, 1, 2, 2, 3, 4], temperature: 0.07 },
  { classes: [5, 5, 5, 5, 5, 5], temperature: 1 },
])('agrees with its definition for classes $classes', async ({ classes, temperature }) => {
  const x = input('x', [6, 3], 'float64');
  const y = input('y', [6], 'float64');
  const { loss } = await evaluate({ loss: contrastiveLoss(x, y, { temperature }) }, { x: flat, y: classes });
  expect(relativeError(loss!, [reference(rows, classes, temperature)])).toBeLessThan(1e-9);
});

test('gradients', async () => {
  const error = await gradientError(
    (x) => contrastiveLoss(x, constant([0, 0, 1, 1, 2], [5], x.dtype), { temperature: 0.5 }),
    [[5, 3]],
  );
  expect(error).toBeLessThan(1e-6);
});

describe('without positives', () => {
  test.each([
    ['no two samples of one class', [0, 1, 2], testValues(6)],
    ['a single sample', [0], testValues(2)],
  ])('%s: 0, with gradient 0', async (_, classes, values) => {
    const x = input('x', [classes.length, 2]);
    const loss = contrastiveLoss(x, constant(classes, [classes.length]), { temperature: 0.1 });
    const results = await evaluate({ loss, dx: gradients(loss, [x])[0]! }, { x: values });
    expect(results['loss']!.map(Math.abs)).toEqual([0]);
    expect(results['dx']!.every((g) => g === 0)).toBe(true);
  });
});

test('features of zero and equal features are finite, with finite gradients', async () => {
  const x = input('x', [3, 2]);
  const loss = contrastiveLoss(x, constant([0, 0, 1], [3]), { temperature: 0.07 });
  for (const values of [
    [0, 0, 0, 0, 0, 0],
    [1, 1, 1, 1, 1, 1],
  ]) {
    const results = await evaluate({ loss, dx: gradients(loss, [x])[0]! }, { x: values });
    expect([...results['loss']!, ...results['dx']!].every(Number.isFinite)).toBe(true);
  }
});

test('regression labels become classes: clamped and rounded, halves to even', async () => {
  const { y } = await evaluate({ y: labelClasses(input('x', [6])) }, { x: [-7, -1.5, -0.4, 0.5, 2.6, 3.2] });
  expect(y!.map((v) => v + 0)).toEqual([-3, -2, 0, 0, 3, 3]);
});

test('with boundaries, a class is how many of them are below a label', async () => {
  const labels = [10, 35, 90, 30, -4, 55];
  const x = input('x', [6]);
  const { y, one } = await evaluate(
    { y: labelClasses(x, { boundaries: [30, 55.5, 80] }), one: labelClasses(x, { boundaries: [] }) },
    { x: labels },
  );
  expect([...y!]).toEqual([0, 1, 3, 0, 0, 1]);
  expect(one!.map((v) => v + 0)).toEqual([0, 0, 0, 0, 0, 0]);
});
