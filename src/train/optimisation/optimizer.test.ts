import { describe, expect, test } from 'vitest';
import { Adam, clipFactor, globalNorm } from './optimizer.ts';

/** PyTorch 1.13: p after each step from [1, -2, 0.5] at rate 0.05, decay 0.1, gradients as in `gradientOf`. */
const golden = {
  l2: [
    [0.95, -1.95, 0.45],
    [0.9010429, -1.9023579, 0.4023101],
    [0.8524066, -1.8566173, 0.3537196],
    [0.8037261, -1.8124706, 0.3073025],
    [0.7547964, -1.769702, 0.2602874],
  ],
  decoupled: [
    [0.945, -1.9400001, 0.4475001],
    [0.8920159, -1.8836912, 0.4478941],
    [0.8396558, -1.8306148, 0.428865],
    [0.787437, -1.7803998, 0.4293523],
    [0.7351379, -1.7327536, 0.4169848],
  ],
} as const;
const gradientOf = (step: number): Float32Array =>
  Float32Array.of(0.3 * (step + 1), -1 / (step + 1), 0.01 * (-1) ** step);

describe.each(['l2', 'decoupled'] as const)('Adam with %s decay', (decay) => {
  test('takes the steps of PyTorch, and leaves alone what has no gradient', () => {
    const adam = new Adam({ weightDecay: 0.1, decay });
    const parameters = { p: Float32Array.of(1, -2, 0.5), q: Float32Array.of(3) };
    for (const [step, expected] of golden[decay].entries()) {
      adam.update(parameters, { p: gradientOf(step) }, { learningRate: 0.05 });
      expected.forEach((value, i) => expect(Math.abs(parameters.p[i]! - value)).toBeLessThan(3e-7));
    }
    expect(parameters.q[0]).toBe(3);
    expect(Object.keys(adam.mean)).toEqual(['p']);
    expect(adam.step).toBe(5);
  });
});

test('gradients are clipped by their norm together, as clip_grad_norm_ does', () => {
  const gradients = { a: Float32Array.of(3, 4, 0), b: Float32Array.of(12) };
  expect(globalNorm(gradients)).toBe(13);
  expect(3 * clipFactor(13, 0.6)).toBeCloseTo(0.13846153, 7);
  expect(12 * clipFactor(13, 0.6)).toBeCloseTo(0.55384612, 7);
  expect(clipFactor(0.5, 0.6)).toBe(1);
  expect(clipFactor(13, undefined)).toBe(1);
});

test('a clipped update is the update by clipped gradients', () => {
  const [once, twice] = [new Adam(), new Adam()];
  const [a, b] = [{ p: Float32Array.of(1) }, { p: Float32Array.of(1) }];
  once.update(a, { p: Float32Array.of(8) }, { learningRate: 0.1, factor: 0.25 });
  twice.update(b, { p: Float32Array.of(2) }, { learningRate: 0.1 });
  expect([a.p[0], once.mean['p']![0], once.variance['p']![0]]).toEqual([
    b.p[0],
    twice.mean['p']![0],
    twice.variance['p']![0],
  ]);
});

test('another Adam goes on from the state of one as if it were the same', () => {
  const made = (): Record<'p' | 'q', Float32Array> => ({ p: Float32Array.of(1, -2, 0.5), q: new Float32Array(20_000) });
  const gradients = (step: number) => ({ p: gradientOf(step), q: new Float32Array(20_000).fill(Math.sin(step)) });
  const [whole, parts] = [made(), made()];
  const adam = new Adam();
  for (let step = 0; step < 6; step++) adam.update(whole, gradients(step), { learningRate: 0.05 });
  let latest = new Adam();
  for (let step = 0; step < 6; step++) {
    latest = new Adam({}, latest);
    latest.update(parts, gradients(step), { learningRate: 0.05 });
  }
  expect([latest.step, parts, latest.mean, latest.variance]).toEqual([6, whole, adam.mean, adam.variance]);
});

test('its state is a copy of what it goes on from', () => {
  const from = { step: 1, mean: { p: Float32Array.of(1) }, variance: { p: Float32Array.of(1) } };
  new Adam({}, from).update({ p: Float32Array.of(1) }, { p: Float32Array.of(1) }, { learningRate: 0.1 });
  expect(from).toEqual({ step: 1, mean: { p: Float32Array.of(1) }, variance: { p: Float32Array.of(1) } });
});

test('moments of a parameter that has no gradient anymore end at 0, not among the denormal numbers', () => {
  const adam = new Adam({}, { step: 0, mean: { p: Float32Array.of(-1) }, variance: { p: Float32Array.of(1e-30) } });
  const parameters = { p: Float32Array.of(1) };
  for (let step = 0; step < 1000; step++) {
    adam.update(parameters, { p: new Float32Array(1) }, { learningRate: 1e-3 });
    for (const moment of [adam.mean['p']![0]!, adam.variance['p']![0]!])
      expect(moment === 0 || Math.abs(moment) > 2 ** -126).toBe(true);
  }
  expect([adam.mean['p']![0], adam.variance['p']![0]]).toEqual([0, 0]);
});

test('a gradient that is no number is passed on, so that whoever watches sees it', () => {
  const adam = new Adam();
  const parameters = { p: new Float32Array(10).fill(1) };
  const gradient = new Float32Array(10).fill(Number.NaN, 3, 4);
  expect(globalNorm({ p: gradient })).toBeNaN();
  adam.update(parameters, { p: gradient }, { learningRate: 0.1 });
  expect(Array.from(parameters.p)).toEqual([1, 1, 1, Number.NaN, 1, 1, 1, 1, 1, 1]);
});

test('a gradient of another length is refused, and nothing is changed', () => {
  const adam = new Adam();
  const parameters = { p: Float32Array.of(1, 2), q: Float32Array.of(1, 2) };
  const gradients = { p: Float32Array.of(1, 1), q: Float32Array.of(1) };
  expect(() => adam.update(parameters, gradients, { learningRate: 0.1 })).toThrow(
    'Cannot update "q": its gradient has 1 values, the parameter 2.',
  );
  expect([parameters.p, adam.step, adam.mean]).toEqual([Float32Array.of(1, 2), 0, {}]);
});

test('a group of parameters has a rate and a decay of their own', () => {
  const once = (learningRate: number, weightDecay: number, group?: object): number => {
    const parameters = { p: Float32Array.of(1) };
    const options = { learningRate, ...(group && { groups: { p: group } }) };
    new Adam({ weightDecay, decay: 'decoupled' }).update(parameters, { p: Float32Array.of(0.5) }, options);
    return parameters.p[0]!;
  };
  for (const times of [0.5, 1, 2, 3])
    for (const weightDecay of [0, 0.2, 0.4])
      expect(once(0.1, 0.2, { learningRate: times, weightDecay })).toBe(once(0.1 * times, weightDecay));
  expect(once(0.1, 0.2, { learningRate: 2 })).toBe(once(0.2, 0.2));
  expect(once(0.1, 0.2, { weightDecay: 0.4 })).toBe(once(0.1, 0.4));
  expect(once(0.1, 0.2, {})).toBe(once(0.1, 0.2));
});
