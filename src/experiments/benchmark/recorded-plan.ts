/** What an experiment was asked to compare, read again from its folder, to make its tables when its jobs are done. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { z } from 'zod';
import { loadModelFile } from '../../runs/own-model/load.ts';
import type { BenchmarkPlan } from '../benchmark.ts';
import { combinationsOf } from '../sweep-cells.ts';
import type { SweepPlan } from '../sweep.ts';
import type { Entry } from './entries.ts';
import { jobCount, unreadable } from './jobs.ts';
import { planSchema, type RecordedEntry } from './plan-schema.ts';

export type RecordedPlan =
  | { readonly kind: 'sweep'; readonly plan: SweepPlan }
  | { readonly kind: 'benchmark' | 'ablation'; readonly plan: BenchmarkPlan };

/** Throws an Error for a folder that holds no experiment with jobs. */
export async function readPlan(directory: string): Promise<RecordedPlan> {
  if (jobCount(directory) === 0)
    throw new Error(
      `${directory} has no jobs: plan them, as by decalign benchmark DATA --plan ${directory}; one of an earlier release gets them by --resume.`,
    );
  const file = path.join(directory, 'benchmark.json');
  let found: z.output<typeof planSchema>;
  try {
    found = planSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    throw unreadable(file, 'plan', error);
  }
  const { kind, keys, test, seeds, trials, given, decoupling, base, about } = found;
  const entries: Entry[] = [];
  for (const entry of found.entries) entries.push(await entryOf(entry));
  const data = found.data.map(({ groups, ...each }) => ({ ...each, ...(groups && { groups: new Map(groups) }) }));
  const grid = { directory, data, entries, seeds, trials, given };
  if (kind !== 'sweep')
    return {
      kind,
      plan: {
        ...grid,
        ...(decoupling !== undefined && { decoupling }),
        ...(base !== undefined && { base }),
        ...(about && { about }),
      },
    };
  const values = combinationsOf(keys);
  const cells = entries.flatMap((entry, c) => (entry.reference === undefined ? [{ entry, values: values[c]! }] : []));
  return { kind, plan: { ...grid, keys, cells, test } };
}

/** An entry with its model: that of one's own is read from its file. */
async function entryOf(entry: RecordedEntry): Promise<Entry> {
  if ('reference' in entry) return entry;
  const { own, ...rest } = entry;
  return own ? { ...rest, own: { ...own, model: (await loadModelFile(own.file)).model } } : rest;
}
