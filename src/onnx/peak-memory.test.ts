import { describe, expect, test } from 'vitest';
import { constant, gradients, input, loop } from '../tensor/index.ts';
import { peakMemory } from './peak-memory.ts';

/** Bytes of a `[10, 10]` of float32. */
const square = 400;
const x = input('x', [10, 10]);
const w = input('w', [10, 10]);

describe('the peak of a graph', () => {
  test('is what is held at once: a value goes with the last that reads it', () => {
    const chain = x.matmul(w).matmul(w).matmul(w).matmul(w);
    expect(peakMemory([chain]).peak).toBe(2 * square);
  });

  test('holds a value for as long as something is to read it', () => {
    const early = x.matmul(w);
    const late = early.matmul(w).matmul(w).matmul(w).matmul(early);
    expect(peakMemory([late]).peak).toBe(3 * square);
  });

  test('holds what is given back to the end', () => {
    const [a, b] = [x.matmul(w), w.matmul(x)];
    expect(peakMemory([a, b, a.matmul(b).matmul(b)]).peak).toBe(4 * square);
  });

  test('is that of one value where each is written over the one before', () => {
    expect(peakMemory([x.matmul(w).tanh().exp().tanh()]).peak).toBe(square);
    // The first is read twice.
    const y = x.matmul(w);
    expect(peakMemory([y.tanh().exp().matmul(y)]).peak).toBe(3 * square);
  });

  test('never writes over what is fed in', () => {
    expect(peakMemory([x.tanh()]).peak).toBe(square);
  });

  test('counts another shape of a value as the value', () => {
    expect(
      peakMemory([
        x
          .matmul(w)
          .reshape([100, 1])
          .matmul(input('v', [1, 1])),
      ]).peak,
    ).toBe(2 * square);
    expect(peakMemory([x.reshape([100, 1]).matmul(input('v', [1, 1]))]).peak).toBe(square);
  });

  test('has the most that an iteration of a loop takes', () => {
    const [y] = loop({ state: [x.matmul(w)], captured: [w], limit: 5 }, ([state], [captured]) => ({
      next: [state!.matmul(captured!).matmul(captured!)],
      again: constant([1], [], 'bool'),
    }));
    expect(peakMemory([y!]).peak).toBe(4 * square);
  });

  test('of a gradient is larger, for it reads the values of the forward pass', () => {
    const layers = 8;
    let y = x;
    for (let i = 0; i < layers; i++) y = y.matmul(w).tanh();
    const loss = y.sum();
    const [forward, both] = [peakMemory([loss]).peak, peakMemory([loss, ...gradients(loss, [w]).map((g) => g!)]).peak];
    expect(forward).toBeLessThan(3 * square);
    expect(both).toBeGreaterThan(layers * square);
  });
});

test('inputs, constants and outputs are told apart, by their types', () => {
  const y = x.add(constant(new Float32Array(100).fill(0.5), [10, 10]));
  expect(peakMemory([y, y.greater(0).cast('int64')])).toMatchObject({
    inputs: square,
    constants: square + 4,
    outputs: square + 800,
  });
});
