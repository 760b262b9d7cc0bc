import { describe, expect, test } from 'vitest';
import { diverged, notFinite, someOf } from './diverged.ts';

const gradients = { w: Float32Array.of(3, 4) };
const result = (losses: Record<string, number>, given = gradients): Parameters<typeof notFinite>[0] => ({
  ...{ losses, gradients: given, diagnostics: {}, states: {} },
});

describe('what is not finite', () => {
  test('is nothing, the first loss that is not, or the gradient', () => {
    expect(notFinite(result({ task: 1, size: 2 }))).toBeUndefined();
    expect(notFinite(result({ task: 1, size: NaN, total: NaN }))).toBe('the size loss');
    expect(notFinite(result({ task: -Infinity, size: NaN }))).toBe('the task loss');
    expect(notFinite(result({ task: 1 }, { w: Float32Array.of(1, NaN) }))).toBe('the gradient');
  });

  test('is the gradient too where only its norm is told', () => {
    expect(notFinite(result({ task: 1 }), Infinity)).toBe('the gradient');
    expect(notFinite(result({ task: 1 }), 5)).toBeUndefined();
  });
});

const ids = (count: number): string[] => Array.from({ length: count }, (_, n) => `s${n}`);

test('eight ids are named, and the number of the others', () => {
  expect(someOf(ids(8))).toBe('s0, s1, s2, s3, s4, s5, s6, s7');
  expect(someOf(ids(9))).toBe('s0, s1, s2, s3, s4, s5, s6, s7 and 1 more');
  expect(someOf(ids(20))).toBe('s0, s1, s2, s3, s4, s5, s6, s7 and 12 more');
});

test('the error says where, with which samples, and what to do', () => {
  const rest = 'Lower train.learningRate, standardise the features, or set train.onNonfinite.';
  expect(diverged('the task loss is not finite', { epoch: 2, step: 7, ids: ids(2) }).message).toBe(
    `Training diverged at step 7 (epoch 2): the task loss is not finite. The samples of the batch: s0, s1. ${rest}`,
  );
  expect(diverged('a prediction is not finite', { epoch: 2, step: 7 }).message).toBe(
    `Training diverged at step 7 (epoch 2): a prediction is not finite. ${rest}`,
  );
});
