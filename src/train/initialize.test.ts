import { describe, expect, test } from 'vitest';
import { byFanIn, constantly, normally, type Initializer } from '../nn/index.ts';
import { initialize } from './initialize.ts';
import type { ParameterSpec } from './network.ts';

const spec = (init: Initializer, shape: readonly number[] = [50, 40]): ParameterSpec => ({ shape, init, group: {} });
const declared = new Map([
  ['a.weight', spec(byFanIn(4))],
  ['b.weight', spec(byFanIn(4))],
  ['c.weight', spec(normally(0.1))],
  ['c.bias', spec(constantly(3), [5])],
]);
const random = ['a.weight', 'b.weight', 'c.weight'];

describe('initial parameters', () => {
  const first = initialize(declared, 1);

  test('are the same for the same seed, and others for another', () => {
    expect(initialize(declared, 1)).toEqual(first);
    for (const seed of [0, 2, 2 ** 32 + 1])
      for (const name of random) expect(initialize(declared, seed)[name], name).not.toEqual(first[name]);
  });

  test('are drawn from a stream of their own each, whatever else is declared', () => {
    expect(first['a.weight']).not.toEqual(first['b.weight']);
    for (const name of random) {
      const alone = initialize(new Map([[name, declared.get(name)!]]), 1);
      expect(alone[name], name).toEqual(first[name]);
    }
  });

  test('are spread as their initialiser says', () => {
    const mean = (x: ArrayLike<number>, power = 1): number =>
      Array.from(x).reduce((sum, v) => sum + v ** power, 0) / x.length;
    const [uniform, normal] = [first['a.weight']!, first['c.weight']!];
    expect(Math.max(...uniform.map(Math.abs))).toBeLessThanOrEqual(0.5);
    // Within four deviations of the mean, 0, and of the variance: a third of the bound's square, and the deviation's square.
    expect(Math.abs(mean(uniform))).toBeLessThan(4 * Math.sqrt(1 / 12 / 2000));
    expect(Math.abs(mean(uniform, 2) - 1 / 12)).toBeLessThan(4 * Math.sqrt(1 / 180 / 2000));
    expect(Math.abs(mean(normal))).toBeLessThan(4 * 0.1 * Math.sqrt(1 / 2000));
    expect(Math.abs(mean(normal, 2) - 0.01)).toBeLessThan(4 * 0.01 * Math.sqrt(2 / 2000));
    expect([...first['c.bias']!]).toEqual([3, 3, 3, 3, 3]);
  });

  test('are those that are given, which must fit', () => {
    const given = { 'c.bias': Float32Array.of(1, 2, 3, 4, 5) };
    const state = initialize(declared, 1, given);
    expect(state['c.bias']).toEqual(given['c.bias']);
    expect(state['a.weight']).toEqual(first['a.weight']);
    expect(() => initialize(declared, 1, { 'c.bias': new Float32Array(4) })).toThrow(
      'Parameter "c.bias" of shape [5] cannot start as 4 values.',
    );
  });
});
