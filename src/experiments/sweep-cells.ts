/** The cells of a sweep: every combination of the values of its keys, and what its runs came to. */
import type { MetricName } from '../metrics/metric.ts';
import type { summarise } from '../metrics/summary.ts';
import type { EntryOutcome } from './benchmark/compare.ts';
import type { BenchmarkData, ModelEntry } from './benchmark/entries.ts';
import type { RowStatus } from './benchmark/lacking.ts';

/** A key of the configuration, and the values that it takes in turn. */
export interface SweepKey {
  readonly key: string;
  readonly values: readonly unknown[];
}

/** A combination of values, in the order of the keys. */
export interface SweepCell {
  readonly entry: ModelEntry;
  readonly values: readonly unknown[];
}

/** A cell with what its seeds came to. */
export interface SweepRow {
  readonly id: string;
  readonly values: readonly unknown[];
  readonly status: RowStatus;
  readonly seeds: readonly number[];
  readonly runs: EntryOutcome['runs'];
  readonly failures: EntryOutcome['failures'];
  readonly valid?: ReturnType<typeof summarise>;
  readonly test?: ReturnType<typeof summarise>;
}

export interface Sweep {
  readonly data: BenchmarkData;
  readonly model: ModelEntry;
  readonly keys: readonly SweepKey[];
  readonly seeds: readonly number[];
  /** How long each could train. */
  readonly rule: string;
  /** The metric of the validation split that says which cell is best. */
  readonly metric: MetricName;
  readonly rows: readonly SweepRow[];
  /** The best of the rows with all their seeds; absent where there is none. */
  readonly best?: SweepRow;
  readonly test: boolean;
}

/** A value as tables and names have it. */
export const valueText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** Short names for keys: so many of their last parts as tell them apart, as in `heterogeneity` and `homogeneity`. */
export function shortKeys(keys: readonly string[]): readonly string[] {
  const parts = keys.map((key) => key.split('.'));
  const named = (count: number): string[] => parts.map((part) => part.slice(-count).join('.'));
  const longest = Math.max(...parts.map(({ length }) => length));
  for (let count = 1; count < longest; count++) if (new Set(named(count)).size === keys.length) return named(count);
  return named(longest);
}

/** Every combination of the values of the keys, the last key's changing fastest. */
export const combinationsOf = (keys: readonly SweepKey[]): readonly (readonly unknown[])[] =>
  keys.reduce<readonly (readonly unknown[])[]>(
    (all, { values }) => all.flatMap((before) => values.map((value) => [...before, value])),
    [[]],
  );

/** Every combination of the values as variants of the model. */
export function sweepCells(model: ModelEntry, keys: readonly SweepKey[]): SweepCell[] {
  const short = shortKeys(keys.map(({ key }) => key));
  return combinationsOf(keys).map((values) => {
    const name = values.map((value, k) => `${short[k]!}=${valueText(value)}`).join(',');
    const settings = keys.map(({ key }, k) => ({
      name: `--grid ${key}=${valueText(values[k])}`,
      key,
      value: values[k],
    }));
    return { entry: { ...model, id: `${model.id}:${name}`, variant: { name, settings } }, values };
  });
}
