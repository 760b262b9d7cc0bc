export interface Summary {
  readonly mean: Readonly<Record<string, number>>;
  /** Sample standard deviation (divisor: runs - 1); 0 for a single run. */
  readonly std: Readonly<Record<string, number>>;
}

/**
 * Mean and spread, metric by metric, of several runs' metrics: of those that all runs have, as a run of an earlier
 * version lacks the metrics that are newer. Throws a RangeError where there are no runs, or nothing that all have.
 */
export function summarise(records: readonly Readonly<Record<string, number>>[]): Summary {
  const [first] = records;
  if (!first) throw new RangeError('Cannot summarise: there are no runs.');
  const names = Object.keys(first).filter((name) => records.every((record) => Object.hasOwn(record, name)));
  if (names.length === 0) throw new RangeError('Cannot summarise: the runs have no metric in common.');
  const columns = names.map((name) => [name, records.map((record) => record[name]!)] as const);
  return {
    mean: Object.fromEntries(columns.map(([name, values]) => [name, mean(values)])),
    std: Object.fromEntries(columns.map(([name, values]) => [name, deviation(values)])),
  };
}

const mean = (values: readonly number[]): number => values.reduce((total, x) => total + x, 0) / values.length;

function deviation(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const centre = mean(values);
  return Math.sqrt(values.reduce((total, x) => total + (x - centre) ** 2, 0) / (values.length - 1));
}
