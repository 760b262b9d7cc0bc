/** What an experiment was asked to compare, read again from its folder, to make its tables when its jobs are done. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { isTree } from '../../json/tree.ts';
import { loadModelFile } from '../../runs/own-model/load.ts';
import type { BenchmarkPlan } from '../benchmark.ts';
import { combinationsOf, type SweepKey } from '../sweep-cells.ts';
import type { SweepPlan } from '../sweep.ts';
import { experimentKinds } from './directory.ts';
import type { BenchmarkData, Entry, Given, ModelEntry } from './entries.ts';
import { jobCount } from './jobs.ts';

const recorded = <T>() => z.custom<T>(isTree);
type RecordedData = Omit<BenchmarkData, 'groups'> & { readonly groups?: readonly (readonly [string, string])[] };
type OwnFile = Omit<NonNullable<ModelEntry['own']>, 'model'>;
type RecordedEntry = Extract<Entry, { reference: string }> | (Omit<ModelEntry, 'own'> & { readonly own?: OwnFile });

const schema = z.looseObject({
  kind: z.enum(experimentKinds),
  data: z.array(recorded<RecordedData>()),
  entries: z.array(recorded<RecordedEntry>()),
  seeds: z.array(z.int()),
  trials: z.int(),
  given: recorded<Given>(),
  decoupling: z.boolean().optional(),
  base: z.string().optional(),
  about: z.enum(['models', 'ablation']).optional(),
  keys: z.array(recorded<SweepKey>()).default([]),
  test: z.boolean().default(false),
});

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
  let found: z.output<typeof schema>;
  try {
    found = schema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    throw new Error(`${file} is no plan that can be read: plan anew, by the command that did, with --resume.`, {
      cause: error,
    });
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
  if (entry.reference !== undefined) return entry;
  const { own, ...rest } = entry;
  return own ? { ...rest, own: { ...own, model: (await loadModelFile(own.file)).model } } : rest;
}
