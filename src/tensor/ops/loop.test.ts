import { describe, expect, test } from 'vitest';
import { evaluate } from '../../runtime/testing.ts';
import { always, constant, full, gradients, input, loop } from '../index.ts';

const x = input('x', []);

test('repeats while told to', async () => {
  const [y] = loop({ state: [x], captured: [], limit: 100 }, ([s]) => ({
    next: [s!.mul(2)],
    again: s!.mul(2).less(50),
  }));
  expect((await evaluate({ y: y! }, { x: [3] }))['y']).toEqual([96]);
});

test('stops at its limit', async () => {
  const [y] = loop({ state: [x], captured: [], limit: 5 }, ([s]) => ({ next: [s!.add(1)], again: always() }));
  expect((await evaluate({ y: y! }, { x: [3] }))['y']).toEqual([8]);
});

test('does not begin where it should not', async () => {
  const [y] = loop({ state: [x], captured: [], limit: 5, when: x.less(1) }, ([s]) => ({
    next: [s!.add(1)],
    again: always(),
  }));
  expect((await evaluate({ y: y! }, { x: [3] }))['y']).toEqual([3]);
  expect((await evaluate({ y: y! }, { x: [0] }))['y']).toEqual([5]);
});

test('of no rounds is its state', () => {
  expect(loop({ state: [x], captured: [], limit: 0 }, ([s]) => ({ next: [s!], again: always() }))).toEqual([x]);
});

test('carries several states, of several types, and sees captured values', async () => {
  const [rate, start] = [input('rate', []), input('start', [2])];
  const [vector, rounds] = loop(
    { state: [start.add(1), constant([0], [], 'int64')], captured: [rate.mul(2)], limit: 50 },
    ([v, n], [twice]) => ({ next: [v!.mul(twice!), n!.add(1)], again: v!.mul(twice!).sum().less(100) }),
  );
  // A graph around it: its results are used, and what it captured is used elsewhere too.
  const values = await evaluate(
    { sum: vector!.mul(rate.mul(2)).sum(), rounds: rounds!.add(1) },
    { rate: [1], start: [0, 1] },
  );
  expect(values).toEqual({ sum: [384], rounds: [7] });
});

test('states may change places', async () => {
  const [a, b] = loop({ state: [x, x.add(1)], captured: [], limit: 3 }, ([p, q]) => ({
    next: [q!, p!],
    again: always(),
  }));
  expect(await evaluate({ a: a!, b: b! }, { x: [3] })).toEqual({ a: [4], b: [3] });
});

test('may hold another loop, which captures what the outer one captured', async () => {
  const [y] = loop({ state: [full([], 0)], captured: [x], limit: 3 }, ([s], [step]) => {
    const [inner] = loop({ state: [s!], captured: [step!], limit: 2 }, ([t], [by]) => ({
      next: [t!.add(by!)],
      again: always(),
    }));
    return { next: [inner!.add(100)], again: always() };
  });
  expect((await evaluate({ y: y! }, { x: [3] }))['y']).toEqual([318]);
});

test('stands in a differentiated graph where its result is held constant', async () => {
  const [y] = loop({ state: [x], captured: [], limit: 2 }, ([s]) => ({ next: [s!.square()], again: always() }));
  const [dx] = gradients(y!.detach().mul(x), [x]);
  expect((await evaluate({ dx: dx! }, { x: [3] }))['dx']).toEqual([81]);
  expect(() => gradients(y!.mul(x), [x])).toThrow(
    'Loop has no gradient, and the loss depends on a parameter through it; detach() its result to hold it constant.',
  );
});

describe('errors', () => {
  const attempt =
    (next: typeof x, again = always()) =>
    (): unknown =>
      loop({ state: [x], captured: [], limit: 2 }, () => ({ next: [next], again }));
  test.each([
    [attempt(full([2], 1)), 'loop() state 0 is float32 [] but its body returns float32 [2].'],
    [attempt(constant([1], [], 'int64')), 'loop() state 0 is float32 [] but its body returns int64 [].'],
    [attempt(full([], 1), full([], 1)), 'loop() needs a bool scalar for "again", got float32 [].'],
    [attempt(input('outside', []).add(1)), 'The body of loop() uses "outside" from outside; name it in "captured".'],
    [
      () => loop({ state: [x, x], captured: [], limit: 2 }, ([s]) => ({ next: [s!], again: always() })),
      'loop() has 2 states but its body returns 1.',
    ],
  ])('%#', (act, message) => {
    expect(act).toThrow(message);
  });
});
