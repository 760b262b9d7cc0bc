/** The tables of a benchmark, an ablation or a sweep, with the runs behind each row. */
import { recordedTables, type RecordedRow, type RecordedTable } from '../../experiments/benchmark/recorded-tables.ts';
import { tableMetrics } from '../../experiments/benchmark/paired-tests.ts';
import type { ExperimentRow, RunRow } from './api/routes.ts';
import type { BenchmarkRow, BenchmarkTable, BenchmarkView } from './api/compare.ts';
import { idOf } from './folder/ids.ts';
import { aboutMetric } from './folder/metric-about.ts';

export interface BenchmarkPlace {
  /** The folder that is shown, and that of the experiment in it. */
  readonly root: string;
  readonly directory: string;
  readonly row: ExperimentRow;
  /** All runs. */
  readonly rows: readonly RunRow[];
}

export function benchmarkView({ root, directory, row, rows }: BenchmarkPlace): BenchmarkView {
  const { id, kind, status, problem } = row;
  const about = { id, kind, finished: status === 'finished', ...(problem !== undefined && { problem }) };
  try {
    const tables = recordedTables(directory) ?? [];
    if (tables.length === 0 && problem === undefined)
      return { ...about, tables: [], problem: 'There is no table yet: it is written when runs have finished.' };
    const runsIn = runsBelow(
      root,
      rows.filter(({ experiment }) => experiment === id),
    );
    return { ...about, tables: tables.map((table) => benchmarkTable(table, runsIn)) };
  } catch (error) {
    return { ...about, tables: [], problem: (error as Error).message };
  }
}

/** The runs at a place: one, or one for each fold. */
type RunsAt = (directory: string) => readonly RunRow[];

const runsBelow =
  (root: string, rows: readonly RunRow[]): RunsAt =>
  (directory) => {
    const id = idOf(root, directory);
    return rows.filter((row) => row.id === id || row.id.startsWith(`${id}/`));
  };

function benchmarkTable(table: RecordedTable, runsAt: RunsAt): BenchmarkTable {
  const { data, seeds, rows, kind, keys, metric } = table;
  // A sweep chooses on validation: the best of many on test would be chosen by it.
  const split = kind === 'sweep' || rows.every(({ mean }) => !mean?.test) ? 'valid' : 'test';
  const names = [...new Set([...(metric === undefined ? [] : [metric]), ...tableMetrics[data.metrics]])].filter(
    (name) => rows.some(({ mean }) => mean?.[split]?.[name] !== undefined),
  );
  const metrics = names.map((name) => aboutMetric(data.metrics, name));
  const best = new Map(metrics.map(({ name, better }) => [name, bestOf(rows, split, { name, better })]));
  const base = rows.find(({ model, mean, against }) => model.startsWith('decalign') && mean && !against);
  return {
    ...{ data: data.name, samples: data.samples.test, seeds, split, metrics },
    ...(data.groups !== null && { units: data.groups }),
    ...(keys && { keys: keys.map(({ key }) => key) }),
    ...(base && rows.some(({ against }) => against) && { base: base.title }),
    rows: rows.map((row) => benchmarkRow(row, { split, best, runsAt })),
  };
}

function bestOf(
  rows: readonly RecordedRow[],
  split: 'test' | 'valid',
  { name, better }: { readonly name: string; readonly better: 'lower' | 'higher' },
): number | undefined {
  const values = rows.flatMap(({ mean }) => mean?.[split]?.[name] ?? []);
  if (values.length < 2) return undefined;
  return better === 'lower' ? Math.min(...values) : Math.max(...values);
}

function benchmarkRow(
  { model, title, values, mean, std, runs, against }: RecordedRow,
  {
    split,
    best,
    runsAt,
  }: {
    readonly split: 'test' | 'valid';
    readonly best: ReadonlyMap<string, number | undefined>;
    readonly runsAt: RunsAt;
  },
): BenchmarkRow {
  const means = mean?.[split];
  const deviation = runs.length > 1 ? std?.[split] : undefined;
  return {
    ...{ model, title },
    ...(values && { values }),
    ...(means && { mean: means }),
    ...(deviation && { deviation }),
    best: [...best].flatMap(([name, value]) => (value !== undefined && means?.[name] === value ? [name] : [])),
    ...(against && {
      differences: against.bootstrap,
      verdict: against.verdict,
      p: against.corrected.bootstrap,
    }),
    runs: runs.flatMap(({ run, seed }) =>
      runsAt(run).map(({ id, fold, test }) => ({
        ...{ id, seed },
        ...(fold !== undefined && { fold }),
        ...(test && split === 'test' && { test }),
      })),
    ),
  };
}
