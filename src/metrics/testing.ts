/** For the tests of this folder only. */
import { random } from '../data/random.ts';

/** Groups of different sizes, whose samples share half of their variance; the true mean is 0. */
export function clustered(seed: number, count: number): { readonly values: number[]; readonly groups: string[] } {
  const source = random(seed, 'clustered');
  const groups = Array.from({ length: count }, (_, g) => Array.from({ length: 2 + source.integer(7) }, () => g)).flat();
  const common = Array.from({ length: count }, () => source.normal());
  return { values: groups.map((g) => (common[g]! + source.normal()) / Math.SQRT2), groups: groups.map(String) };
}

/** The mean of the values in some rows. */
export const meanOf =
  (values: readonly number[]) =>
  (rows: Int32Array): number => {
    let sum = 0;
    for (let i = 0; i < rows.length; i++) sum += values[rows[i]!]!;
    return sum / rows.length;
  };

export const allRows = (values: readonly number[]): Int32Array => Int32Array.from(values.keys());
