import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { evaluate, gradientError } from '../runtime/testing.ts';
import { always, gradients, input, loop, topologicalOrder, where, type Tensor } from './index.ts';

const x = input('x', [2, 3]);
const w = input('w', [3]);

test('of an input that the loss does not depend on is undefined, not zero', () => {
  const [dx, dw] = gradients(x.sum(), [x, w]);
  expect(dx).toBeDefined();
  expect(dw).toBeUndefined();
});
test('of the loss itself is 1', async () => {
  const loss = x.sum();
  const [d] = gradients(loss, [loss]);
  expect((await evaluate({ d: d! }))['d']).toEqual([1]);
});
test('with respect to a value in the middle of the graph', async () => {
  const hidden = x.mul(w);
  const [dHidden, dw] = gradients(hidden.square().sum(), [hidden, w]);
  const values = await evaluate({ dHidden: dHidden!, dw: dw! }, { x: [1, 2, 3, 4, 5, 6], w: [1, 0, -1] });
  expect(values).toEqual({ dHidden: [2, 0, -6, 8, 0, -12], dw: [34, 0, -90] });
});
test('with respect to the result of an op that has no gradient itself', () => {
  const threshold = x.maximum().greater(0);
  const chosen = where(threshold, x, 0).add(x.floor());
  expect(gradients(chosen.sum(), [chosen])[0]!.shape).toEqual([2, 3]);
});
test('sums what comes back over every use of a shared value', () =>
  expect(gradientError((a) => a.exp().mul(a).add(a.exp()), [[3]])).resolves.toBeLessThan(1e-6));
test('is undone over stretched axes, new ones too', () =>
  expect(
    gradientError(
      (a, b) => a.mul(b).add(a),
      [
        [1, 3],
        [2, 2, 1],
      ],
    ),
  ).resolves.toBeLessThan(1e-6));
test('of a gradient', async () => {
  const [first] = gradients(w.pow(4).sum(), [w]);
  const [second] = gradients(first!.sum(), [w]);
  expect((await evaluate({ second: second! }, { w: [1, 2, -3] }))['second']).toEqual([12, 48, 108]);
});
test('through an op of several outputs, used alone and together', () =>
  expect(
    gradientError(
      (a, weight, bias) => {
        const y = a.layerNorm(weight, bias);
        return y.add(y.square()).mul(a);
      },
      [[2, 4], [4], [4]],
    ),
  ).resolves.toBeLessThan(1e-6));

test('of 5,000 nodes in a row', async () => {
  let y: Tensor = w;
  for (let i = 0; i < 2500; i++) y = y.mul(0.999).add(w);
  const [dw] = gradients(y.sum(), [w]);
  expect(topologicalOrder([dw!]).length).toBeGreaterThan(5000);
  const geometric = (1 - 0.999 ** 2500) / (1 - 0.999) + 0.999 ** 2500;
  for (const d of (await evaluate({ dw: dw! }))['dw']!) expect(d / geometric).toBeCloseTo(1, 4);
});

test('of any mixture of broadcasting ops agrees with differences', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.integer({ min: 1, max: 3 }), fc.boolean(), fc.boolean()), { minLength: 1, maxLength: 3 }),
      fc.integer({ min: 0, max: 2 }),
      async (axes, dropped) => {
        const left = axes.map(([d, ones]) => (ones ? 1 : d));
        const right = axes.map(([d, , ones]) => (ones ? 1 : d)).slice(dropped);
        const f = (a: Tensor, b: Tensor): Tensor => a.mul(b).add(b.tanh()).sub(a.exp()).div(b.square().add(1));
        expect(await gradientError(f, [left, right])).toBeLessThan(1e-6);
      },
    ),
    { numRuns: 15 },
  ));

describe('errors', () => {
  test('a loss that is no scalar', () => {
    expect(() => gradients(x, [x])).toThrow(
      'gradients() needs a scalar loss, got shape [2,3]; call .mean() or .sum() first.',
    );
  });
  test('an op without a gradient between the loss and a parameter', () => {
    const [last] = loop({ state: [w], captured: [], limit: 2 }, ([s]) => ({ next: [s!.tanh()], again: always() }));
    expect(() => gradients(last!.sum(), [w])).toThrow('Loop has no gradient, and the loss depends on a parameter');
    expect(gradients(last!.sum().add(x.sum()), [x])[0]).toBeDefined();
  });
  test('integers and comparisons stop a gradient without one', () => {
    expect(gradients(x.greater(0).cast('float32').sum(), [x])).toEqual([undefined]);
  });
});
