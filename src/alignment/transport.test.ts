import { describe, expect, test } from 'vitest';
import { evaluate, gradientError, relativeError, testValues } from '../runtime/testing.ts';
import { constant, gradients, input, type Tensor } from '../tensor/index.ts';
import { deviationOf, randomProblem, solveAll } from './testing.ts';
import { transport, unrolledTransport } from './transport.ts';

const shapes = [
  [7, 7],
  [7, 7, 7],
  [3, 5, 7],
  [4, 4, 4, 4],
];
const seeds = [1, 2, 3, 4];

describe.each(shapes.map((shape) => ({ shape })))('marginals of a plan [$shape]', ({ shape }) => {
  const problems = seeds.map((seed) => randomProblem(shape, seed));
  test.each([
    ['float32', 10, {}],
    ['float32', 100, {}],
    ['float64', 100, {}],
    ['float64', 1000, {}],
  ] as const)('in %s at C/λ %i are met within 1e-5', async (dtype, ratio, options) => {
    const solved = await solveAll(shape, problems, { lambda: 1 / ratio, dtype, ...options });
    solved.forEach(({ plan, error }, i) => {
      expect(error).toBeLessThan(1e-5);
      expect(deviationOf(plan, shape, problems[i]!.marginals)).toBeLessThan(1e-5);
      expect(Math.min(...plan)).toBeGreaterThanOrEqual(0);
    });
  });
});

test('when the sweeps run out, the error is that of the plan returned', async () => {
  const problem = randomProblem([5, 5, 5], 1);
  const [solved] = await solveAll([5, 5, 5], [problem], { lambda: 1e-3, sweeps: 3 });
  expect(solved!.error).toBeGreaterThan(1e-4);
  expect(solved!.error).toBeCloseTo(deviationOf(solved!.plan, [5, 5, 5], problem.marginals), 12);
});

test('24 relaxed sweeps meet marginals that as many plain ones leave a hundred times as far off', async () => {
  const problems = [2, 3, 4, 5].map((seed) => randomProblem([7, 7], seed));
  const solved = await solveAll([7, 7], problems, { lambda: 0.03, sweeps: 24, tolerance: 1e-10 });
  for (const { error } of solved) expect(error).toBeLessThan(1e-6);
  for (const { cost, marginals } of problems) {
    const given = marginals.map((nu) => constant(nu, [7], 'float64'));
    const plain = unrolledTransport(constant(cost, [7, 7], 'float64'), given, {
      ...{ lambda: 0.03, lambdaScale: 'absolute', sweeps: 24 },
    });
    expect((await evaluate({ error: plain.error }))['error']![0]).toBeGreaterThan(1e-4);
  }
});

test('after 32 sweeps Newton steps meet in eight more what sweeps alone would not', async () => {
  const problems = [1, 2, 3, 4, 5].map((seed) => randomProblem([3, 5, 7], seed));
  const [before, after] = await Promise.all(
    [32, 40].map((sweeps) => solveAll([3, 5, 7], problems, { lambda: 0.01, sweeps, tolerance: 1e-10 })),
  );
  expect(Math.min(...before!.map(({ error }) => error))).toBeGreaterThan(1e-5);
  expect(Math.max(...after!.map(({ error }) => error))).toBeLessThan(1e-10);
});

test('two marginals: the plan of a plain Sinkhorn iteration', async () => {
  const problem = randomProblem([4, 6], 5);
  const [a, b] = problem.marginals as [number[], number[]];
  const kernel = a.map((_, i) => b.map((__, j) => Math.exp(-problem.cost[6 * i + j]! / 0.1)));
  let [u, v] = [a.map(() => 1), b.map(() => 1)];
  for (let sweep = 0; sweep < 5000; sweep++) {
    u = a.map((mass, i) => mass / b.reduce((sum, _, j) => sum + kernel[i]![j]! * v[j]!, 0));
    v = b.map((mass, j) => mass / a.reduce((sum, _, i) => sum + kernel[i]![j]! * u[i]!, 0));
  }
  const expected = u.flatMap((ui, i) => v.map((vj, j) => ui * kernel[i]![j]! * vj));
  const [solved] = await solveAll([4, 6], [problem], { lambda: 0.1, tolerance: 1e-12 });
  expect(relativeError(solved!.plan, expected)).toBeLessThan(1e-9);
  const [narrow] = await solveAll([4, 6], [problem], { lambda: 0.1, dtype: 'float32' });
  expect(relativeError(narrow!.plan, expected)).toBeLessThan(1e-4);
});

test('a constant cost gives the product of the marginals', async () => {
  const { marginals } = randomProblem([3, 2, 4], 1);
  const [solved] = await solveAll([3, 2, 4], [{ cost: Array<number>(24).fill(7), marginals }], { lambda: 0.1 });
  const [a, b, c] = marginals as [number[], number[], number[]];
  expect(
    relativeError(
      solved!.plan,
      a.flatMap((x) => b.flatMap((y) => c.map((z) => x * y * z))),
    ),
  ).toBeLessThan(1e-9);
  expect(solved!.linear).toBeCloseTo(7, 9);
});

test('the optimum is its value under Eq. 7, and no feasible plan is better', async () => {
  const problem = randomProblem([4, 3, 3], 2);
  const lambda = 0.05;
  const [{ plan, optimum, linear }] = (await solveAll([4, 3, 3], [problem], { lambda, tolerance: 1e-12 })) as [
    Awaited<ReturnType<typeof solveAll>>[number],
  ];
  const objective = (t: readonly number[]): number =>
    t.reduce((sum, mass, i) => sum + mass * problem.cost[i]! + (mass > 0 ? lambda * mass * Math.log(mass) : 0), 0);
  expect(optimum).toBeCloseTo(objective(plan), 10);
  expect(linear).toBeCloseTo(
    plan.reduce((sum, mass, i) => sum + mass * problem.cost[i]!, 0),
    10,
  );
  const [a, b, c] = problem.marginals as [number[], number[], number[]];
  const product = a.flatMap((x) => b.flatMap((y) => c.map((z) => x * y * z)));
  for (const share of [0.01, 0.1, 1])
    expect(objective(plan.map((mass, i) => mass + share * (product[i]! - mass)))).toBeGreaterThan(optimum);
});

describe('gradients', () => {
  // Marginals are moved through their logits, so that each still sums to 1.
  const optimum = (cost: Tensor, ...logits: Tensor[]): Tensor =>
    transport(
      cost,
      logits.map((x) => x.softmax()),
      { lambda: 0.2, lambdaScale: 'absolute', tolerance: 1e-13 },
    ).optimum;

  test.each([
    ['two', [[3, 4], [3], [4]]],
    ['three', [[2, 3, 4], [2], [3], [4]]],
    ['four', [[2, 2, 3, 2], [2], [2], [3], [2]]],
  ])('of the optimum by central differences: cost and %s marginals', async (_, given) => {
    expect(await gradientError(optimum, given, { range: [0, 1] })).toBeLessThan(1e-6);
  });

  test('of the optimum for the cost is the plan; for ⟨T*, C⟩ with T* held, too', async () => {
    const cost = input('cost', [3, 4], 'float64');
    const marginals = [constant([0.2, 0.3, 0.5], [3], 'float64'), constant([0.1, 0.2, 0.3, 0.4], [4], 'float64')];
    const solved = transport(cost, marginals, { lambda: 0.1, lambdaScale: 'relative' });
    const [a, b] = [solved.optimum, solved.linear].map((loss) => gradients(loss, [cost])[0]!) as [Tensor, Tensor];
    const values = await evaluate({ plan: solved.plan, a, b }, { cost: testValues(12, 3, 0, 1) });
    expect(values['a']).toEqual(values['plan']);
    expect(values['b']).toEqual(values['plan']);
  });

  test('of unrolled sweeps by central differences, through the plan as well', async () => {
    const linear = (cost: Tensor, ...logits: Tensor[]): Tensor =>
      unrolledTransport(
        cost,
        logits.map((x) => x.softmax()),
        { lambda: 0.3, lambdaScale: 'absolute', sweeps: 6 },
      ).linear;
    const given = [[2, 3, 2], [2], [3], [2]];
    expect(await gradientError(linear, given, { range: [0, 1] })).toBeLessThan(1e-6);
  });
});

test('unrolled sweeps reach the same plan', async () => {
  const cost = input('cost', [3, 4], 'float64');
  const marginals = [constant([0.2, 0.3, 0.5], [3], 'float64'), constant([0.1, 0.2, 0.3, 0.4], [4], 'float64')];
  const options = { lambda: 0.2, lambdaScale: 'relative', sweeps: 300, tolerance: 1e-12 } as const;
  const [a, b] = [transport(cost, marginals, options), unrolledTransport(cost, marginals, options)];
  const values = await evaluate(
    { a: a.plan, b: b.plan, oa: a.optimum, ob: b.optimum, error: b.error },
    { cost: testValues(12, 3, 0, 1) },
  );
  expect(relativeError(values['b']!, values['a']!)).toBeLessThan(1e-9);
  expect(values['ob']![0]).toBeCloseTo(values['oa']![0]!, 9);
  expect(values['error']![0]).toBeLessThan(1e-9);
});

test('relative λ: scaling the cost scales the optimum and leaves the plan', async () => {
  const problem = randomProblem([4, 4], 7);
  const options = { lambda: 0.1, lambdaScale: 'relative', tolerance: 1e-10 } as const;
  const [a, b] = (await solveAll(
    [4, 4],
    [problem, { ...problem, cost: problem.cost.map((c) => 1000 * c) }],
    options,
  )) as [Awaited<ReturnType<typeof solveAll>>[number], Awaited<ReturnType<typeof solveAll>>[number]];
  expect(relativeError(b.plan, a.plan)).toBeLessThan(1e-8);
  expect(b.optimum / a.optimum).toBeCloseTo(1000, 4);
});

describe.each(['float32', 'float64'] as const)('in %s', (dtype) => {
  test('components with no mass, or next to none, get none, and nothing is NaN', async () => {
    const cost = testValues(27, 1, 0, 1);
    const marginals = [
      [0, 0.5, 0.5],
      [1e-20, 1e-6, 1 - 1e-6],
      [0, 0, 1],
    ];
    for (const lambda of [0.01, 0.1]) {
      const [solved] = await solveAll([3, 3, 3], [{ cost, marginals }], { lambda, dtype });
      expect(solved!.plan.every(Number.isFinite)).toBe(true);
      expect(Number.isFinite(solved!.optimum)).toBe(true);
      expect(deviationOf(solved!.plan, [3, 3, 3], marginals)).toBeLessThan(1e-5);
    }
  });

  test('a cost of zero, and a single prototype, are no trouble', async () => {
    const [flat] = await solveAll(
      [2, 2],
      [
        {
          cost: [0, 0, 0, 0],
          marginals: [
            [0.5, 0.5],
            [0.25, 0.75],
          ],
        },
      ],
      {
        lambda: 0.1,
        lambdaScale: 'relative',
        dtype,
      },
    );
    expect(relativeError(flat!.plan, [0.125, 0.375, 0.125, 0.375])).toBeLessThan(1e-5);
    const [single] = await solveAll([1, 3], [{ cost: [1, 2, 3], marginals: [[1], [0.5, 0.25, 0.25]] }], {
      lambda: 0.1,
      dtype,
    });
    expect(single!.linear).toBeCloseTo(1.75, 5);
  });
});

test('errors say what does not go together', () => {
  const options = { lambda: 1, lambdaScale: 'absolute' } as const;
  const [nu, cost] = [input('nu', [3]), input('c', [3, 4])];
  expect(() => transport(cost, [nu], options)).toThrow('Transport needs at least two marginals, got 1.');
  for (const solve of [transport, unrolledTransport])
    expect(() => solve(cost, [nu, nu], options)).toThrow(
      'A cost of shape [3,4] does not go with marginals of [3], [3].',
    );
});

test('λ relative to the spread is λ times the standard deviation of costs, whatever their level', async () => {
  const { cost, marginals } = randomProblem([3, 4], 7);
  const mean = cost.reduce((a, b) => a + b) / cost.length;
  const deviation = Math.sqrt(cost.reduce((sum, c) => sum + (c - mean) ** 2, 0) / cost.length);
  const raised = cost.map((c) => c + 50);
  const [spread] = await solveAll([3, 4], [{ cost: raised, marginals }], { lambda: 0.5, lambdaScale: 'spread' });
  const [known] = await solveAll([3, 4], [{ cost, marginals }], { lambda: 0.5 * deviation });
  expect(relativeError(spread!.plan, known!.plan)).toBeLessThan(1e-6);
});
