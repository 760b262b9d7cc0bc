export interface Summary {
  readonly mean: Readonly<Record<string, number>>;
  /** Sample standard deviation (divisor: runs - 1); 0 for a single run. */
  readonly std: Readonly<Record<string, number>>;
}

/** Mean and spread, metric by metric, of several runs' metrics. All records must name the same metrics. */
export function summarise(records: readonly Readonly<Record<string, number>>[]): Summary {
  if (records.length === 0) throw new RangeError('Cannot summarise: there are no runs.');
  const names = Object.keys(records[0]!);
  const columns = names.map((name) => [name, records.map((record, run) => valueOf(record, name, run))] as const);
  for (const [run, record] of records.entries()) {
    const extra = Object.keys(record).find((name) => !names.includes(name));
    if (extra !== undefined) throw new RangeError(`Cannot summarise: run ${run} has "${extra}" and run 0 does not.`);
  }
  return {
    mean: Object.fromEntries(columns.map(([name, values]) => [name, mean(values)])),
    std: Object.fromEntries(columns.map(([name, values]) => [name, deviation(values)])),
  };
}

function valueOf(record: Readonly<Record<string, number>>, name: string, run: number): number {
  const value = record[name];
  if (value === undefined) throw new RangeError(`Cannot summarise: run 0 has "${name}" and run ${run} does not.`);
  return value;
}

const mean = (values: readonly number[]): number => values.reduce((total, x) => total + x, 0) / values.length;

function deviation(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const centre = mean(values);
  return Math.sqrt(values.reduce((total, x) => total + (x - centre) ** 2, 0) / (values.length - 1));
}
