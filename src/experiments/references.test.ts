import { expect, test } from 'vitest';
import type { Samples, Task } from '../data/dataset.ts';
import { evaluate } from '../metrics/metric.ts';
import { majority, ridge } from './references.ts';

const regression: Task = { kind: 'regression', range: [-3, 3] };
const emotions: Task = { kind: 'classification', classes: ['sad', 'neutral', 'happy'] };

/** A repeatable stand-in for noise, in -1..1. */
const noise = (n: number): number => ((Math.sin(n * 12.9898) * 43758.5453) % 1) * 1;

/** Two modalities: `text` [3 steps, `width`], of which 1..3 are true, and `audio` [1 step, 2]; labels by `label`. */
function made(count: number, offset: number, label: (means: readonly number[]) => number, { width = 4 } = {}): Samples {
  const lengths = Int32Array.from({ length: count }, (_, n) => 1 + (n % 3));
  // Padding holds rubbish here, to show that it is not looked at.
  const text = Float32Array.from({ length: count * 3 * width }, (_, i) =>
    Math.floor(i / width) % 3 < lengths[Math.floor(i / width / 3)]! ? noise(offset + i) : 1e6,
  );
  const audio = Float32Array.from({ length: count * 2 }, (_, i) => noise(offset + 0.5 + i));
  const means = (n: number): number[] =>
    Array.from({ length: width }, (_, d) => {
      let total = 0;
      for (let t = 0; t < lengths[n]!; t++) total += text[(n * 3 + t) * width + d]!;
      return total / lengths[n]!;
    });
  return {
    ids: Array.from({ length: count }, (_, n) => `s${n}`),
    features: { text: { shape: [count, 3, width], data: text }, audio: { shape: [count, 1, 2], data: audio } },
    lengths: { text: lengths, audio: new Int32Array(count).fill(1) },
    labels: Float32Array.from({ length: count }, (_, n) => label([...means(n), audio[n * 2]!, audio[n * 2 + 1]!])),
  };
}

const linear = (m: readonly number[]): number => 0.5 + 2 * m[0]! - m[1]! + 0.5 * m[m.length - 1]!;

test('the constant of a regression is the median, of even and odd counts', () => {
  const train = (labels: number[]): Samples => ({
    ...made(labels.length, 0, linear),
    labels: Float32Array.from(labels),
  });
  expect([...majority(train([5, 1, 2]), regression).predict(made(2, 9, linear))]).toEqual([2, 2]);
  const even = majority(train([4, 1, 2, 9]), regression);
  expect([...even.predict(made(1, 9, linear))]).toEqual([3]);
  expect(even.describe).toBe('always 3.00, the median training label');
});

test('the constant of a classification is the largest class', () => {
  const train = { ...made(4, 0, linear), labels: Float32Array.of(2, 0, 2, 1) };
  const found = majority(train, emotions);
  expect([...found.predict(made(2, 9, linear))]).toEqual([0.25, 0.25, 0.5, 0.25, 0.25, 0.5]);
  expect(found.describe).toBe('always happy, 50.0 % of the training samples');
});

test('ridge finds a linear map of the true steps', () => {
  const found = ridge(made(90, 0, linear), made(30, 5000, linear), regression);
  const rest = made(30, 9000, linear);
  expect(evaluate('regression', found.predict(rest), rest.labels!)).toMatchObject({
    mae: expect.closeTo(0, 2) as number,
  });
  expect(found.describe).toMatch(/^linear on time-averaged text, audio \(6 features\), penalty \S+ by validation$/);
});

test('ridge separates classes, one score per class', () => {
  const label = (m: readonly number[]): number => (m[0]! > 0.2 ? 2 : m[1]! > 0 ? 1 : 0);
  const found = ridge(made(300, 0, label), made(60, 5000, label), emotions);
  const rest = made(100, 9000, label);
  const scores = found.predict(rest);
  expect(scores).toHaveLength(300);
  expect(evaluate('classification', scores, rest.labels!, emotions.classes)['wacc']).toBeGreaterThan(0.7);
});

test('constant features and labels, and a single sample, give finite predictions', () => {
  const flat = (count: number): Samples => ({
    ids: Array.from({ length: count }, String),
    features: { text: { shape: [count, 1, 2], data: new Float32Array(count * 2) } },
    lengths: { text: new Int32Array(count).fill(1) },
    labels: new Float32Array(count).fill(1.5),
  });
  expect([...ridge(flat(5), flat(2), regression).predict(flat(1))]).toEqual([1.5]);
  expect([...ridge(flat(1), flat(1), regression).predict(flat(1))]).toEqual([1.5]);
});

test('missing labels and modalities are refused', () => {
  const train = made(9, 0, linear);
  const unlabelled: Samples = { ids: train.ids, features: train.features, lengths: train.lengths };
  expect(() => majority(unlabelled, regression)).toThrow('A reference needs labelled training samples');
  expect(() => ridge(train, unlabelled, regression)).toThrow('labelled validation samples');
  const found = ridge(train, train, regression);
  expect(() => found.predict({ ...train, features: {} })).toThrow('Modality "text" is asked for; these samples have');
});
