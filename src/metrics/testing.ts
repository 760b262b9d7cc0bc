/** For the tests of this folder only. */
import { readFileSync } from 'node:fs';
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

/** Numbers of scikit-learn; `null` is an absent label. */
export interface GoldenLabels {
  readonly truth: readonly (readonly (number | null)[])[];
  readonly logits: readonly (readonly number[])[];
  readonly thresholds: readonly number[];
  readonly sklearn: Golden & { readonly by_label: ByName };
}

export interface GoldenTargets {
  readonly truth: readonly (readonly (number | null)[])[];
  readonly prediction: readonly (readonly number[])[];
  readonly sklearn: Golden & { readonly by_target: ByName };
}

type Golden = Readonly<Record<string, unknown>>;

/** By score, then by the number of a label, only where scikit-learn defines it. */
type ByName = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** The file of golden numbers of several labels and of several targets, by case. */
export const golden = JSON.parse(readFileSync('test/fixtures/metrics/several.json', 'utf8')) as {
  readonly labels: Readonly<Record<string, GoldenLabels>>;
  readonly targets: Readonly<Record<string, GoldenTargets>>;
};

/** Rows in one array, with NaN for what is absent. */
export const flat = (rows: readonly (readonly (number | null)[])[]): number[] => rows.flat().map((x) => x ?? NaN);
