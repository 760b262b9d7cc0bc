/** The tables of the folder of a benchmark, an ablation or a sweep, as they were written, with the place of each row's runs. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { readBytes } from '../../files/read.ts';
import { metricKinds } from '../../metrics/metric.ts';
import { benchmarkIn, type ExperimentKind } from './directory.ts';

const figures = z.record(z.string(), z.number());
const tested = z.object({ value: z.number(), low: z.number().nullable(), high: z.number().nullable() });
const rowSchema = z.object({
  model: z.string(),
  // The rows of a sweep have no titles, but the values of its keys.
  title: z.string().optional(),
  values: z.record(z.string(), z.unknown()).optional(),
  mean: z.object({ valid: figures, test: figures.optional() }).optional(),
  std: z.object({ valid: figures, test: figures.optional() }).optional(),
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
  format: z.enum(['decalign benchmark 1', 'decalign sweep 1']),
  data: z.object({
    name: z.string(),
    metrics: z.enum(metricKinds),
    samples: z.object({ test: z.int() }),
    groups: z.int().nullable().default(null),
  }),
  seeds: z.array(z.int()),
  /** Of a sweep, what was varied, and the metric of the validation split that it goes by. */
  keys: z.array(z.object({ key: z.string(), values: z.array(z.unknown()) })).optional(),
  metric: z.string().optional(),
  rows: z.array(rowSchema),
});
const classesSchema = z.object({
  data: z.array(z.object({ name: z.string(), classes: z.array(z.string()).default([]) })),
});

/** A model or reference of a benchmark. */
export interface RecordedRow extends z.output<typeof rowSchema> {
  readonly title: string;
}

/** The table of one dataset. */
export interface RecordedTable extends Omit<z.output<typeof tableSchema>, 'format' | 'rows'> {
  readonly kind: ExperimentKind;
  readonly rows: readonly RecordedRow[];
  /** The names of the classes, or of several labels; none of a regression. */
  readonly classes: readonly string[];
}

/**
 * The tables of the experiment in a folder, those that are there; undefined where it is no folder of one. The runs of
 * rows are where they are now: the folder may have been moved. Throws an Error for a table that cannot be read.
 */
export function recordedTables(directory: string): readonly RecordedTable[] | undefined {
  const plan = benchmarkIn(directory);
  if (!plan) return undefined;
  const { data } = classesSchema.parse(JSON.parse(readBytes(path.join(directory, 'benchmark.json')).toString('utf8')));
  return plan.data.flatMap((name) => {
    const file = path.join(directory, `${name}.json`);
    if (!existsSync(file)) return [];
    const table = parsed(file);
    const rows = table.rows.map((row) => ({
      ...row,
      title: row.title ?? row.model.slice(row.model.indexOf(':') + 1),
      runs: row.runs.map(({ run, seed }) => ({ run: movedTo(directory, run), seed })),
    }));
    return [{ ...table, kind: plan.kind, rows, classes: data.find((each) => each.name === name)?.classes ?? [] }];
  });
}

function parsed(file: string): z.output<typeof tableSchema> {
  try {
    return tableSchema.parse(JSON.parse(readBytes(file).toString('utf8')));
  } catch (error) {
    throw new Error(`${file} is no table of a benchmark: make it anew by the command that made it, with --resume.`, {
      cause: error,
    });
  }
}

/** A run's folder lies below `runs/` of the benchmark, whatever that was called then. */
function movedTo(directory: string, run: string): string {
  const parts = run.split(/[\\/]/);
  return path.join(directory, ...parts.slice(parts.lastIndexOf('runs')));
}
