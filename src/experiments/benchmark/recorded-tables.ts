/** The tables of a benchmark's folder, as `document.ts` wrote them, with the place of each row's runs. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { metricKinds } from '../../metrics/metric.ts';
import { benchmarkIn } from './directory.ts';

const figures = z.record(z.string(), z.number());
const tested = z.object({ value: z.number(), low: z.number().nullable(), high: z.number().nullable() });
const rowSchema = z.object({
  model: z.string(),
  title: z.string(),
  mean: z.object({ test: figures }).optional(),
  runs: z.array(z.object({ run: z.string(), seed: z.int() })),
  against: z
    .object({
      bootstrap: z.record(z.string(), tested),
      corrected: z.object({ bootstrap: z.number().nullable() }),
      verdict: z.enum(['wins', 'ties', 'loses']),
    })
    .optional(),
});
const tableSchema = z.object({
  format: z.literal('decalign benchmark 1'),
  data: z.object({
    name: z.string(),
    metrics: z.enum(metricKinds),
    samples: z.object({ test: z.int() }),
    groups: z.int().nullable().default(null),
  }),
  seeds: z.array(z.int()),
  rows: z.array(rowSchema),
});
const classesSchema = z.object({
  data: z.array(z.object({ name: z.string(), classes: z.array(z.string()).default([]) })),
});

/** A model or reference of a benchmark. */
export type RecordedRow = z.output<typeof rowSchema>;

/** The table of one dataset. */
export interface RecordedTable extends Omit<z.output<typeof tableSchema>, 'format'> {
  /** The names of the classes, or of several labels; none of a regression. */
  readonly classes: readonly string[];
}

/**
 * The tables of the benchmark in a folder, those that are there; undefined where it is no folder of a benchmark. The runs of
 * rows are where they are now: the folder may have been moved. Throws an Error for a table that cannot be read.
 */
export function recordedTables(directory: string): readonly RecordedTable[] | undefined {
  const plan = benchmarkIn(directory);
  if (!plan) return undefined;
  const { data } = classesSchema.parse(JSON.parse(readFileSync(path.join(directory, 'benchmark.json'), 'utf8')));
  return plan.data.flatMap((name) => {
    const file = path.join(directory, `${name}.json`);
    if (!existsSync(file)) return [];
    const table = parsed(file);
    const rows = table.rows.map((row) => ({
      ...row,
      runs: row.runs.map(({ run, seed }) => ({ run: movedTo(directory, run), seed })),
    }));
    return [{ ...table, rows, classes: data.find((each) => each.name === name)?.classes ?? [] }];
  });
}

function parsed(file: string): z.output<typeof tableSchema> {
  try {
    return tableSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    throw new Error(`${file} is no table of a benchmark: make it anew by decalign benchmark --resume.`, {
      cause: error,
    });
  }
}

/** A run's folder lies below `runs/` of the benchmark, whatever that was called then. */
function movedTo(directory: string, run: string): string {
  const parts = run.split(/[\\/]/);
  return path.join(directory, ...parts.slice(parts.lastIndexOf('runs')));
}
