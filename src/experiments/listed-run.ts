/** What the files of a run say of it where runs are listed, whatever release wrote them. */
import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { jsonIn } from '../files/json.ts';
import { longestText, sizeText } from '../files/read.ts';
import { defaultSelection, metricKinds } from '../metrics/metric.ts';

/** The part of a record that is listed; what else there is may be of any release. */
const recordSchema = z.object({
  config: z.looseObject({
    recipe: z.string().optional(),
    model: z.looseObject({ name: z.string() }),
    train: z.looseObject({ selection: z.string().optional(), epochs: z.int().optional() }),
  }),
  seed: z.int(),
  data: z.object({
    source: z.string(),
    hash: z.string().optional(),
    name: z.string().optional(),
    metrics: z.enum(metricKinds).optional(),
  }),
  fold: z.object({ request: z.union([z.int(), z.string()]), index: z.int().nonnegative() }).optional(),
  code: z.looseObject({ sha256: z.string().optional() }).optional(),
});
export type ListedRecord = z.output<typeof recordSchema>;

const figures = z.record(z.string(), z.number());
const resultSchema = z.object({
  best_epoch: z.int().optional(),
  epochs: z.int().optional(),
  valid: figures,
  test: figures.optional(),
});
export type ListedResult = z.output<typeof resultSchema>;

const startSchema = z.object({ started: z.iso.datetime() });

/** What is wrong with what looks like a run, as clauses that follow its name. */
export const problems = {
  noRecord: 'has no config.json: that file was removed or never copied',
  record: 'has a config.json that cannot be read: it is damaged, or no record of a run',
  result: 'has a result.json that cannot be read: it is damaged, or no result of a run',
} as const;

/** What is read of a run as a whole. */
const records = ['config.json', 'result.json', 'environment.json', 'progress.json', 'references.json'];

/** That a record is longer than is read, a clause that follows the name of the run; undefined where none is. */
function longRecord(run: string): string | undefined {
  for (const name of records) {
    const size = sizeOf(path.join(run, name));
    if (size > longestText)
      return `has ${sizeText(size)} in its ${name}, which is not read: records of up to ${sizeText(longestText)} are`;
  }
  return undefined;
}

/** A folder that holds one of these is that of a run, though it has no record. */
export const isLeftOfRun = (names: readonly string[]): boolean =>
  ['best.safetensors', 'checkpoint', 'metrics.jsonl'].some((name) => names.includes(name));

function sizeOf(file: string): number {
  try {
    return statSync(file).size;
  } catch {
    // It is not there, or a link in circles.
    return 0;
  }
}

/** The record and the result of a run; either is undefined where it is not there or cannot be read. */
export function recordAndResult(run: string): {
  readonly record: ListedRecord | undefined;
  readonly result: ListedResult | undefined;
  readonly problem: string | undefined;
} {
  const [record, result] = [jsonIn(run, 'config.json', recordSchema), jsonIn(run, 'result.json', resultSchema)];
  const isDamaged = !result && existsSync(path.join(run, 'result.json'));
  const damage = !record ? problems.record : isDamaged ? problems.result : undefined;
  return { record, result, problem: longRecord(run) ?? damage };
}

/** The name of the dataset, or of its file where an earlier release did not record it. */
export const dataNameOf = ({ data: { source, name } }: ListedRecord): string => name ?? path.parse(source).name;

/** The metric that chooses the best epoch; `valid` are figures that the run has. */
export function selectionOf({ config, data }: ListedRecord, valid: Readonly<Record<string, unknown>>): string {
  const { selection } = config.train;
  if (selection !== undefined) return selection;
  if (data.metrics) return defaultSelection(data.metrics);
  // A record of format 2 or before says no more of the data than the metrics tell.
  return Object.hasOwn(valid, 'waf1') ? 'waf1' : 'mae';
}

/** When a run was started, and each time that it was resumed, ISO 8601; at least one. */
export function startsOf(run: string): readonly [string, ...string[]] {
  // A release of before had the first alone.
  const starts = [jsonIn(run, 'environment.json', z.union([startSchema, z.array(startSchema)])) ?? []].flat();
  const [first, ...others] = starts.map(({ started }) => started);
  return [first ?? modifiedAt(run), ...others];
}

/** When the record of a run, or its folder, was written. */
export const modifiedAt = (run: string): string =>
  (statSync(path.join(run, 'config.json'), { throwIfNoEntry: false }) ?? statSync(run)).mtime.toISOString();
