/** Sweeps: one model at every combination of values of some keys of its configuration, compared on the validation split. */
import path from 'node:path';
import * as z from 'zod';
import { ConfigError } from '../config/index.ts';
import { writeFileAtomic } from '../files/atomic.ts';
import { jsonIn } from '../files/json.ts';
import { metrics, type MetricName } from '../metrics/metric.ts';
import { summarise } from '../metrics/summary.ts';
import type { EntryOutcome } from './benchmark/compare.ts';
import { whyNot } from './benchmark/entries.ts';
import { outcomesOf, ruleText, runGrid, selectionOf, type Grid, type GridEvent } from './benchmark/grid.ts';
import { rowStatus } from './benchmark/lacking.ts';
import type { JobPool } from './benchmark/pool.ts';
import type { Sweep, SweepCell, SweepKey, SweepRow } from './sweep-cells.ts';
import { csv, document, markdown } from './sweep-tables.ts';

export interface SweepPlan extends Grid {
  readonly keys: readonly SweepKey[];
  readonly cells: readonly SweepCell[];
  /** Whether tables have the test split too. */
  readonly test: boolean;
}

/** Refuses data that has several labels where the model takes one. */
export function checkSweep({ cells, data }: Pick<SweepPlan, 'cells' | 'data'>): void {
  const reason = whyNot(cells[0]!.entry, data);
  if (reason !== undefined) throw new ConfigError(`${reason}.`);
}

const recorded = z.looseObject({ keys: z.array(z.looseObject({ key: z.string() })) });

/** Refuses to go on with a sweep of other keys: its cells could not stand in one table. More values are welcome. */
export function checkSameKeys(directory: string, keys: readonly SweepKey[]): void {
  const held = jsonIn(directory, 'benchmark.json', recorded);
  if (!held) return;
  const [before, now] = [held.keys, keys].map((all) => all.map(({ key }) => key));
  if (before!.toSorted().join() !== now!.toSorted().join())
    throw new Error(
      `${directory} holds a sweep of ${before!.join(' and ')}, not of ${now!.join(' and ')}: name a new directory.`,
    );
}

/** Does what of the sweep is not done yet, and writes its tables. Undefined if stopped before the end. */
export async function runSweep(
  plan: SweepPlan,
  pool: JobPool,
  watch: (event: GridEvent) => void = () => undefined,
): Promise<Sweep | undefined> {
  return (await runGrid(plan, pool, watch)) ? collectSweep(plan) : undefined;
}

/** Writes the tables of what the jobs of a sweep have come to; cells that lack runs say which. */
export function collectSweep(plan: SweepPlan): Sweep {
  const outcomes = outcomesOf(plan);
  const [data] = plan.data;
  const [first] = plan.cells;
  const metric = selectionOf(first!.entry, data!, plan.given);
  const rows = outcomes[0]!.map((outcome, c) => rowOf(outcome, plan.cells[c]!));
  const { keys, seeds, test, directory } = plan;
  const best = bestOf(rows, metric);
  const sweep = {
    ...{ data: data!, model: first!.entry, keys, seeds, rule: ruleText(plan), metric, rows, test },
    ...(best && { best }),
  };
  const write = (ending: string, text: string): void =>
    writeFileAtomic(path.join(directory, `${data!.name}.${ending}`), text);
  write('md', markdown(sweep));
  write('csv', csv(sweep));
  write('json', `${JSON.stringify(document(sweep), null, 2)}\n`);
  return sweep;
}

function rowOf({ runs, failures }: EntryOutcome, { entry, values }: SweepCell): SweepRow {
  const results = runs.map(({ result }) => result);
  return {
    ...{ id: entry.id, values, runs, failures, seeds: results.map(({ seed }) => seed) },
    status: rowStatus({ runs, failures }),
    ...(results.length > 0 && {
      valid: summarise(results.map(({ valid }) => valid)),
      test: summarise(results.map(({ test }) => test)),
    }),
  };
}

function bestOf(rows: readonly SweepRow[], metric: MetricName): SweepRow | undefined {
  const sign = metrics[metric].better === 'lower' ? 1 : -1;
  const worth = ({ valid }: SweepRow): number => sign * (valid?.mean[metric] ?? Number.NaN);
  return rows
    .filter((row) => row.status === 'done' && Number.isFinite(worth(row)))
    .reduce<SweepRow | undefined>((best, row) => (best && worth(best) <= worth(row) ? best : row), undefined);
}
