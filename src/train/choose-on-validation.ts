import type { StateDict } from './state-dict.ts';

/** Scalar parameters that no gradient reaches, by name, each with the values to try. */
export type Grid = Readonly<Record<string, readonly number[]>>;

export interface Search {
  readonly grid: Grid;
  /** Predictions of the validation split by a network of these parameters, in which they are affine. */
  readonly predict: (parameters: StateDict) => Promise<Float32Array>;
  /** How bad predictions are: the search looks for the lowest cost. */
  readonly cost: (prediction: Float32Array) => number;
}

/** Throws a RangeError for a name in the grid that is no parameter of one value, with the sizes of all parameters given. */
export function checkGrid(grid: Grid, sizes: ReadonlyMap<string, number>): void {
  for (const name of Object.keys(grid))
    if (sizes.get(name) !== 1)
      throw new RangeError(
        `Cannot choose "${name}" on validation: that takes a parameter of 1 value, and it has ${sizes.get(name) ?? 'none'}.`,
      );
}

/**
 * The values of the grid, every combination tried, at which the cost of predictions is lowest; the first of equals.
 * Predictions f are affine in them, f(w) = f(0) + Σ_k w_k (f(e_k) − f(0)): one run for each, and one more, are enough.
 */
export async function chooseOnValidation(parameters: StateDict, { grid, predict, cost }: Search): Promise<StateDict> {
  const names = Object.keys(grid);
  if (names.length === 0) return {};
  const at = (one?: string): Promise<Float32Array> =>
    predict({
      ...parameters,
      ...Object.fromEntries(names.map((name) => [name, Float32Array.of(Number(name === one))])),
    });
  const origin = await at();
  const slopes: Float32Array[] = [];
  for (const name of names) slopes.push((await at(name)).map((value, i) => value - origin[i]!));
  let best: { readonly cost: number; readonly values: readonly number[] } | undefined;
  for (const values of combinations(names.map((name) => grid[name]!))) {
    const found = cost(origin.map((y, i) => values.reduce((sum, w, k) => sum + w * slopes[k]![i]!, y)));
    if (!best || found < best.cost) best = { cost: found, values };
  }
  return Object.fromEntries(names.map((name, k) => [name, Float32Array.of(best!.values[k]!)]));
}

/** One value of each list, in all ways; the last list's values change fastest. */
const combinations = (lists: readonly (readonly number[])[]): number[][] =>
  lists.reduce<number[][]>((all, list) => all.flatMap((values) => list.map((value) => [...values, value])), [[]]);
