/** Known generating factors, put together and taken apart as the samples are. */
import type { Dataset } from './dataset.ts';
import type { InMemoryFeatures } from './features.ts';

/** Factors by name, `[N, width]`. */
export type Factors = Readonly<Record<string, InMemoryFeatures>>;

/** Of all samples, one split after the other as `allSamples` has them; undefined where a split has none. */
export function allFactors({ splits, factors }: Pick<Dataset, 'splits' | 'factors'>): Factors | undefined {
  const parts = (Object.keys(splits) as (keyof typeof splits)[]).map((split) => factors?.[split]);
  return parts.every((part) => part !== undefined) ? concatFactors(parts) : undefined;
}

/** Of parts with the same names and widths, one after the other. */
export const concatFactors = (parts: readonly Factors[]): Factors =>
  Object.fromEntries(
    Object.entries(parts[0] ?? {}).map(([name, { shape }]): [string, InMemoryFeatures] => {
      const data = Float32Array.from(parts.flatMap((part) => Array.from(part[name]!.data)));
      return [name, { shape: [data.length / shape[1]!, shape[1]!], data }];
    }),
  );

/** Those of some samples, in the order of `rows`. */
export const pickFactors = (factors: Factors, rows: readonly number[]): Factors =>
  Object.fromEntries(
    Object.entries(factors).map(([name, { shape, data }]): [string, InMemoryFeatures] => {
      const width = shape[1]!;
      const picked = rows.flatMap((row) => Array.from(data.subarray(row * width, (row + 1) * width)));
      return [name, { shape: [rows.length, width], data: Float32Array.from(picked) }];
    }),
  );
