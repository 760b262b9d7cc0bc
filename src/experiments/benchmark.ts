/** Models and references on the same data under the same rule: every job once, then tables that compare them. */
import path from 'node:path';
import { ConfigError } from '../config/index.ts';
import { makeFolder } from '../files/append.ts';
import { writeFileAtomic } from '../files/atomic.ts';
import { compare, type Row } from './benchmark/compare.ts';
import { withDecoupling } from './benchmark/decoupling.ts';
import { document } from './benchmark/document.ts';
import { whyNot, type BenchmarkData } from './benchmark/entries.ts';
import { outcomesOf, ruleText, runGrid, type Grid, type GridEvent } from './benchmark/grid.ts';
import type { JobPool } from './benchmark/pool.ts';
import type { Comparison } from './benchmark/cells.ts';
import { csv, latex, markdown } from './benchmark/tables.ts';
import type { ReportedAbout } from './reported.ts';

export interface BenchmarkPlan extends Grid {
  /** Whether tables have a column of D, how far the parts of a model are decoupled. Default: false. */
  readonly decoupling?: boolean;
  /** The entry that the others are tested against. Default: DecAlign by its default recipe, else the first of its recipes. */
  readonly base?: string;
  /** Whose figures the paper has beside. Default: models. */
  readonly about?: ReportedAbout;
}

export type BenchmarkEvent =
  | GridEvent
  | { readonly type: 'comparing'; readonly data: string }
  /** The decoupling of a model could not be measured. */
  | { readonly type: 'unmeasured'; readonly data: string; readonly entry: string; readonly reason: string };

type Watch = (event: BenchmarkEvent) => void;

/** Refuses data that has several labels where some model takes one. */
export function checkPlan({ entries, data }: Pick<BenchmarkPlan, 'entries' | 'data'>): void {
  for (const entry of entries) {
    const reason = whyNot(entry, data);
    if (reason !== undefined) throw new ConfigError(`${reason}: leave it out of --models.`);
  }
}

/** Does what of the plan is not done yet, and writes its tables. Undefined if stopped before the end. */
export async function runBenchmark(
  plan: BenchmarkPlan,
  pool: JobPool,
  watch: Watch = () => undefined,
): Promise<readonly Comparison[] | undefined> {
  return (await runGrid(plan, pool, watch)) ? collectBenchmark(plan, watch) : undefined;
}

/** Writes the tables of what the jobs of a plan have come to; rows that lack runs say which. */
export async function collectBenchmark(
  plan: BenchmarkPlan,
  watch: Watch = () => undefined,
): Promise<readonly Comparison[]> {
  const outcomes = outcomesOf(plan);
  const comparisons: Comparison[] = [];
  for (const [d, data] of plan.data.entries()) {
    watch({ type: 'comparing', data: data.name });
    const { seeds, decoupling = false, base, about, given } = plan;
    const rows = compare(data, outcomes[d]!, { base, about, given });
    comparisons.push({
      ...{ data, seeds, decoupling, rule: ruleText(plan), ...(about && { about }) },
      rows: decoupling ? await decoupled(rows, { plan, data, watch }) : rows,
    });
  }
  for (const comparison of comparisons) writeTables(plan.directory, comparison);
  return comparisons;
}

/** Rows with D, one after the other. */
async function decoupled(
  rows: readonly Row[],
  { plan, data, watch }: { readonly plan: BenchmarkPlan; readonly data: BenchmarkData; readonly watch: Watch },
): Promise<Row[]> {
  const measured: Row[] = [];
  for (const row of rows) {
    const entry = plan.entries.find(({ id }) => id === row.id)!;
    const tell = (reason: string): void => watch({ type: 'unmeasured', data: data.name, entry: entry.id, reason });
    measured.push(await withDecoupling(row, { entry, data, tell }));
  }
  return measured;
}

function writeTables(directory: string, comparison: Comparison): void {
  makeFolder(directory);
  const write = (ending: string, text: string): void =>
    writeFileAtomic(path.join(directory, `${comparison.data.name}.${ending}`), text);
  write('md', markdown(comparison));
  write('csv', csv(comparison));
  write('tex', latex(comparison));
  write('json', `${JSON.stringify(document(comparison), null, 2)}\n`);
}
