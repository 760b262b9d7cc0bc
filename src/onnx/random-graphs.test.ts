import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compile } from '../runtime/node.ts';
import { numbers, relativeError, testValues } from '../runtime/testing.ts';
import { always, concat, constant, full, gradients, input, loop, size, where, type Tensor } from '../tensor/index.ts';

/** What a random program is made of: each step takes earlier values (all `[2,3,2]`) to a new one. */
const steps: ((a: Tensor, b: Tensor) => Tensor)[] = [
  (a, b) => a.add(b),
  (a, b) => a.mul(b),
  (a, b) => a.div(b.square().add(1)),
  (a, b) => a.max(b).sub(b.min(0)),
  (a) => a.add(0).mul(1).neg().neg(),
  (a) => a.mul(2).mul(0.25).div(1),
  (a) => a.tanh(),
  (a) => a.transpose().transpose([0, 2, 1]),
  (a) => a.transpose([1, 0, 2]).transpose([1, 2, 0]).transpose(),
  (a) => a.reshape([6, 2]).reshape([12]).reshape([2, 3, 2]),
  (a) => a.reshape([2, 1, 6]).transpose([1, 0, 2]).reshape([2, 3, 2]),
  (a, b) => a.sub(b.mean([0], true).expand([2, 3, 2])),
  (a) =>
    full([2, 3, 2], 1)
      .mul(a)
      .add(full([3, 1], 0.5).expand([3, 2])),
  (a, b) => a.matmul(b.transpose()).matmul(b).mul(0.1),
  (a, b) => b.transpose().matmul(a.mul(0.1)).transpose().reshape([2, 2, 2]).slice(1, 0, 1).add(a),
  (a, b) => a.softmax().add(b.logSumExp([1], true)),
  (a, b) => where(a.greater(b), a, 0.5),
  (a, b) => concat([a, b], 1).slice(1, 1, 4),
  (a) => a.slice(2, 0, 1).pad(2, 1, 0),
  (a) => a.layerNorm(constant([1, 2], [2]), constant([0, 0], [2]).add(0)),
  (a) => a.detach().add(constant([1, 2], [2]).mul(2).reshape([1, 2])),
  (a, b) =>
    loop({ state: [a.mul(1)], captured: [b], limit: 2 }, ([s], [c]) => ({
      next: [s!.mul(0.5).mul(2).add(c!.transpose().transpose()).mul(0.5)],
      again: always(),
    }))[0]!.detach(),
];

test('a simplified graph, with its gradients, gives the values of the graph it came from', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(steps.length - 1), fc.nat(3), fc.nat(3)), { minLength: 3, maxLength: 12 }),
      async (choices) => {
        const inputs = [input('x', [2, 3, 2]), input('y', [2, 3, 2])];
        const values: Tensor[] = [...inputs];
        for (const [step, i, j] of choices)
          values.push(steps[step]!(values.at(-1 - (i % values.length))!, values.at(-1 - (j % values.length))!));
        const result = values.at(-1)!;
        const grads = gradients(result.mul(values.at(-2)!).mean(), inputs);
        const outputs = Object.fromEntries([result, ...grads].flatMap((t, i) => (t ? [[`y${i}`, t]] : [])));
        const run = async (simplify: boolean): Promise<number[][]> => {
          const program = await compile(outputs, { threads: 1, simplify });
          const feeds = Object.fromEntries(
            [...program.inputs].map(([name, { shape }]) => [
              name,
              Float32Array.from(testValues(size(shape), name === 'x' ? 1 : 2)),
            ]),
          );
          const results = await program.run(feeds);
          await program.dispose();
          return Object.keys(outputs).map((name) => numbers(results[name]!));
        };
        const [whole, simple] = [await run(false), await run(true)];
        // Where a gradient is all but 0, as by a layer norm of two features, what is left of it is rounding alone.
        const rounding = 1e-7;
        whole.forEach((value, i) => {
          const largest = Math.max(...value.map(Math.abs));
          expect(relativeError(simple[i]!, value) * largest).toBeLessThan(2e-4 * largest + rounding);
        });
      },
    ),
    { numRuns: 150 },
  ));
