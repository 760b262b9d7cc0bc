/** Helpers of the tests of alignment: random transport problems, solved. */
import { compile } from '../runtime/node.ts';
import { numbers, testValues } from '../runtime/testing.ts';
import { input, size, type Shape, type Tensor } from '../tensor/index.ts';
import type { TransportOptions } from './transport.ts';
import { transport } from './transport.ts';

export interface Problem {
  readonly cost: readonly number[];
  readonly marginals: readonly (readonly number[])[];
}

/** Uneven costs within 0..1 and uneven marginals, for plans of a shape. */
export function randomProblem(shape: Shape, seed: number): Problem {
  const marginals = shape.map((k, m) => {
    const mass = testValues(k, 10 * seed + m + 1, 0.02, 1);
    const total = mass.reduce((a, b) => a + b);
    return mass.map((v) => v / total);
  });
  return { cost: testValues(size(shape), seed, 0, 1), marginals };
}

export interface Solution {
  readonly plan: number[];
  readonly optimum: number;
  readonly linear: number;
  readonly error: number;
}

/** Solves several problems of one shape. */
export async function solveAll(
  shape: Shape,
  problems: readonly Problem[],
  options: Omit<TransportOptions, 'lambdaScale'> &
    Partial<TransportOptions> & { readonly dtype?: 'float32' | 'float64' },
): Promise<Solution[]> {
  const { dtype = 'float64', ...rest } = options;
  const cost = input('cost', shape, dtype);
  const marginals = shape.map((k, m): Tensor => input(`marginal ${m}`, [k], dtype));
  const { plan, optimum, linear, error } = transport(cost, marginals, { lambdaScale: 'absolute', ...rest });
  const program = await compile({ plan, optimum, linear, error }, { threads: 1 });
  const array = dtype === 'float32' ? Float32Array : Float64Array;
  const solutions: Solution[] = [];
  for (const problem of problems) {
    const masses = problem.marginals.map((nu, m) => [`marginal ${m}`, array.from(nu)] as const);
    const results = await program.run({ cost: array.from(problem.cost), ...Object.fromEntries(masses) });
    const scalar = (name: string): number => Number(results[name]![0]);
    solutions.push({
      plan: numbers(results['plan']!),
      optimum: scalar('optimum'),
      linear: scalar('linear'),
      error: scalar('error'),
    });
  }
  await program.dispose();
  return solutions;
}

/** The largest deviation of a plan's marginals from those asked for. */
export function deviationOf(plan: readonly number[], shape: Shape, marginals: Problem['marginals']): number {
  const sums = shape.map((k) => Array<number>(k).fill(0));
  plan.forEach((mass, at) => {
    let rest = at;
    for (let m = shape.length - 1; m >= 0; m--) {
      sums[m]![rest % shape[m]!]! += mass;
      rest = Math.floor(rest / shape[m]!);
    }
  });
  return Math.max(...sums.flatMap((sum, m) => sum.map((mass, k) => Math.abs(mass - marginals[m]![k]!))));
}
