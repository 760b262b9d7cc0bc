/** Every alignment loss of samples that lack modalities is that of the samples that have them. */
import { describe, expect, test } from 'vitest';
import { evaluate, gradientError, relativeError, testValues } from '../runtime/testing.ts';
import { constant, gradients, input, type Tensor } from '../tensor/index.ts';
import { decouplingLoss } from './decoupling.ts';
import { mmdLoss } from './mmd.ts';
import { momentLoss } from './moments.ts';
import { heterogeneity, type HeterogeneityOptions } from './objective.ts';
import type { Presence } from './presence.ts';
import type { PrototypeOptions } from './prototypes.ts';

/** A loss of features `[N, 2]`, one per modality. */
type Loss = (x: readonly Tensor[], present?: Presence) => Tensor;
type Given = Omit<HeterogeneityOptions, 'prototypes' | 'terms'>;

const mixture: PrototypeOptions = {
  ...{ count: 2, iterations: 3, varianceFloor: 1e-2, gradient: 'all' },
  initialization: 'principal-axis',
};
const usual: Given = {
  cost: { covariance: 'diagonal', reduction: 'sum' },
  transport: { solver: 'optimum', lambda: 0.3, lambdaScale: 'absolute', tolerance: 1e-13 },
  attraction: { matching: 'plan', pairs: 'sum', reduction: 'sum' },
};

/** Eq. 9 or one of its terms. */
const hete =
  (term: 'transport' | 'attraction', own: Partial<Given> = {}, em: Partial<PrototypeOptions> = {}): Loss =>
  (x, present = []) => {
    // Matched by index, attraction needs no plan.
    const terms = { transport: own.attraction?.matching !== 'index', attraction: term === 'attraction' };
    const prototypes = x.map(() => ({ ...mixture, ...em }));
    return heterogeneity(x, { ...usual, ...own, prototypes, terms, present })[term]!;
  };

/** Beside each the share of it that a third modality, of which no sample of a batch has any, leaves of the loss of two. */
const losses: readonly (readonly [string, Loss, number])[] = [
  ...(['cosine', 'squared'] as const).map((form) => {
    const loss: Loss = (x, present = []) => {
      const common = x.map((f) => f.mul(f.add(0.5)));
      return decouplingLoss(x, common, { form, present });
    };
    return [`decoupling, ${form}`, loss, form === 'cosine' ? 1 : 2 / 3] as const;
  }),
  ['transport', hete('transport'), 1],
  ['transport, λ relative', hete('transport', { transport: { ...usual.transport, lambdaScale: 'relative' } }), 1],
  [
    'transport, full covariances',
    hete('transport', { cost: { covariance: 'full', reduction: 'mean' } }, { covariance: { shrinkage: 0.2 } }),
    1,
  ],
  ['transport, plan held', hete('transport', { transport: { ...usual.transport, solver: 'plan' } }), 1],
  ['transport, unrolled', hete('transport', { transport: { ...usual.transport, solver: 'unrolled', sweeps: 8 } }), 1],
  [
    "the authors' transport",
    hete(
      'transport',
      {
        cost: { covariance: 'diagonal', reduction: 'mean', rootFloor: 1e-8 },
        transport: { solver: 'fixed-sweeps', lambda: 0.1, lambdaScale: 'absolute', sweeps: 50 },
      },
      { initialization: 'spaced-samples', varianceFloor: 1e-4 },
    ),
    1,
  ],
  ['attraction by the plan', hete('attraction'), 1],
  [
    'attraction by index',
    hete('attraction', {
      attraction: { matching: 'index', pairs: 'mean', reduction: 'mean', mahalanobis: { floor: 0.1 } },
    }),
    1 / 3,
  ],
  ...(['norms', 'means'] as const).map((form) => {
    const loss: Loss = (x, present = []) => momentLoss(x, { form, present });
    return [`moments, ${form}`, loss, 1 / 3] as const;
  }),
  ...(['biased', 'unbiased'] as const).flatMap((estimator) =>
    (['median', [0.7, 2]] as const).map((bandwidth) => {
      const loss: Loss = (x, present = []) => mmdLoss(x, { estimator, bandwidth, present });
      return [`MMD, ${estimator}, ${String(bandwidth)}`, loss, 1 / 3] as const;
    }),
  ),
];

const width = 2;
const values = (count: number, m: number): number[] => testValues(count * width, 7 * m + 3, -1.5, 1.5);
const rowsOf = (data: readonly number[], kept: readonly number[]): number[] =>
  data.flatMap((value, i) => (kept[Math.floor(i / width)] === 1 ? [value] : []));

/** The loss of `data`, one list per modality, and its gradients. `present` is given where it is not undefined. */
async function run(
  loss: Loss,
  data: readonly (readonly number[])[],
  present: readonly (readonly number[] | undefined)[] = [],
): Promise<{ readonly value: number; readonly gradients: readonly number[][] }> {
  const x = data.map((list, m) => input(`x${m}`, [list.length / width, width], 'float64'));
  const p = present.map((list, m) => list && input(`p${m}`, [list.length], 'float64'));
  const value = loss(x, p);
  const grads = gradients(value, x);
  const outputs = Object.fromEntries(grads.flatMap((g, m) => (g ? [[`g${m}`, g] as const] : [])));
  const found = await evaluate(
    { value, ...outputs },
    {
      ...Object.fromEntries(data.map((list, m) => [`x${m}`, list])),
      ...Object.fromEntries(present.flatMap((list, m) => (list ? [[`p${m}`, list] as const] : []))),
    },
  );
  return { value: found['value']![0]!, gradients: data.map((list, m) => found[`g${m}`] ?? list.map(() => 0)) };
}

const count = 6;
const data = [0, 1, 2].map((m) => values(count, m));
const all = Array<number>(count).fill(1);
const some = [
  [1, 0, 1, 1, 0, 1],
  [1, 1, 0, 1, 1, 1],
  [0, 1, 1, 0, 1, 1],
] as const;

describe.each(losses)('%s', (name, loss, share) => {
  test('is that of the samples that have the modality', async () => {
    const among = await run(loss, data, some);
    const alone = await run(
      loss,
      data.map((list, m) => rowsOf(list, some[m]!)),
    );
    expect(relativeError([among.value], [alone.value])).toBeLessThan(1e-9);
    for (const [m, gradient] of among.gradients.entries())
      expect(relativeError(rowsOf(gradient, some[m]!), alone.gradients[m]!)).toBeLessThan(1e-7);
  });

  test('knows nothing of what absent samples hold, and gives it no gradient', async () => {
    const usualRun = await run(loss, data, some);
    const garbage = data.map((list, m) =>
      list.map((value, i) => (some[m]![Math.floor(i / width)] === 1 ? value : 1e3 * Math.cos(i))),
    );
    const other = await run(loss, garbage, some);
    expect(other.value).toBe(usualRun.value);
    for (const [m, gradient] of other.gradients.entries()) {
      expect(rowsOf(gradient, some[m]!)).toEqual(rowsOf(usualRun.gradients[m]!, some[m]!));
      expect(
        rowsOf(
          gradient,
          some[m]!.map((p) => 1 - p),
        ).every((g) => g === 0),
      ).toBe(true);
    }
  });

  test('is the usual one where all samples have all modalities', async () => {
    const [told, untold] = [await run(loss, data, [all, undefined, all]), await run(loss, data)];
    expect(relativeError([told.value], [untold.value])).toBeLessThan(1e-10);
    expect(relativeError(told.gradients.flat(), untold.gradients.flat())).toBeLessThan(1e-8);
  });

  const lone = [0, 0, 0, 1, 0, 0];
  const none = [0, 0, 0, 0, 0, 0];
  test('counts 0 for a modality that no sample of the batch has', async () => {
    const without = await run(loss, data, [all, none, some[2]]);
    const others = await run(loss, [data[0]!, data[2]!], [all, some[2]]);
    // The 1e-8 in the denominators of the authors' sweeps are felt.
    const limit = name.startsWith('the authors') ? 1e-4 : 1e-9;
    expect(relativeError([without.value], [share * others.value])).toBeLessThan(limit);
    expect(
      relativeError(
        without.gradients[0]!,
        others.gradients[0]!.map((g) => share * g),
      ),
    ).toBeLessThan(10 * limit);
    expect(without.gradients[1]!.every((g) => g === 0)).toBe(true);
  });

  test.each([
    ['one sample has each', [lone, lone, lone]],
    ['different samples have one each', [lone, [1, 0, 0, 0, 0, 0], [0, 1, 0, 0, 0, 0]]],
    ['none has two of them', [none, none, some[2]]],
    ['none has any', [none, none, none]],
  ] as const)('is finite where %s', async (what, present) => {
    const { value, gradients: grads } = await run(loss, data, present);
    expect([value, ...grads.flat()].every(Number.isFinite)).toBe(true);
    if (what === 'none has any') expect([value, ...grads.flat()].every((x) => x === 0)).toBe(true);
  });

  test('has the gradients of central differences', async () => {
    const p = some.map((list) => (t: Tensor) => constant([...list], [count], t.dtype));
    const shapes = data.map(() => [count, width]);
    // A plan, a median distance or a mean cost that is held constant has no gradient of its own.
    if (/held|median|by the plan|relative/.test(name)) return;
    const error = await gradientError(
      (...x) =>
        loss(
          x,
          x.map((t, m) => p[m]!(t)),
        ),
      shapes,
      { values: data },
    );
    expect(error).toBeLessThan(1e-5);
  });
});

test('between modalities of which a sample never has two there is no transport', async () => {
  const { value } = await run(hete('transport', { transport: { ...usual.transport, lambdaScale: 'absolute' } }), data, [
    all,
    Array<number>(count).fill(0),
    Array<number>(count).fill(0),
  ]);
  expect(Math.abs(value)).toBe(0);
});
