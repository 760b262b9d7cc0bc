/** The lines of the list of runs: a run each, or the runs of a group as their mean and deviation. */
import type { MetricAbout, Notes, RunNote, RunRow, RunStatus } from '../../../server/ui/api/routes.ts';
import type { Filterable, Value } from './filter.ts';

export interface Entry extends Filterable {
  /** The id of the run, or of the first of the group. */
  readonly id: string;
  /** What it is called: the run's id, or what the ids of the group begin with. */
  readonly name: string;
  /** One, or by seed and fold those of a group. */
  readonly runs: readonly RunRow[];
  /** Running where any is, finished where all are. */
  readonly status: RunStatus;
  readonly metric?: MetricAbout;
  readonly valid?: Spread;
  readonly test?: Spread;
  /** A mean. */
  readonly seconds?: number;
  readonly started: string;
  readonly tags: readonly string[];
  readonly notes: readonly string[];
}

/** The figures of runs. */
export interface Spread {
  readonly mean: number;
  /** Of the sample, divided by one less than there are; absent for a single figure. */
  readonly deviation?: number;
  readonly count: number;
}

export function spreadOf(values: readonly number[]): Spread | undefined {
  const count = values.length;
  if (count === 0) return undefined;
  const mean = values.reduce((sum, x) => sum + x, 0) / count;
  if (count === 1) return { mean, count };
  return { mean, count, deviation: Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (count - 1)) };
}

/** An entry for each run, or with `grouped` for each group of runs that differ in nothing but seed and fold. */
export function entriesOf(
  runs: readonly RunRow[],
  notes: Notes['runs'],
  { grouped }: { readonly grouped: boolean },
): readonly Entry[] {
  if (!grouped) return runs.map((run) => entryOf([run], notes));
  const groups = new Map<string, RunRow[]>();
  for (const run of runs) {
    // A name that no group has.
    const group = run.group ?? `\n${run.id}`;
    const known = groups.get(group);
    if (known) known.push(run);
    else groups.set(group, [run]);
  }
  return [...groups.values()].map((group) => entryOf(group.toSorted(byNumber), notes));
}

/** `seed-2` before `seed-10`. */
const naturally = new Intl.Collator('en', { numeric: true }).compare;

const byNumber = (a: RunRow, b: RunRow): number =>
  (a.seed ?? 0) - (b.seed ?? 0) || (a.fold ?? 0) - (b.fold ?? 0) || naturally(a.id, b.id);

function entryOf(runs: readonly RunRow[], notes: Notes['runs']): Entry {
  const first = runs[0]!;
  const told = runs.flatMap(({ id }): RunNote[] => (notes[id] ? [notes[id]] : []));
  const tags = [...new Set(told.flatMap((each) => each.tags))];
  const texts = told.flatMap(({ note }) => (note === '' ? [] : [note]));
  const metric = first.metric;
  const alike = runs.filter((run) => run.metric?.name === metric?.name);
  const [valid, test] = (['valid', 'test'] as const).map((split) =>
    spreadOf(alike.flatMap((run) => run.metric?.[split] ?? [])),
  );
  const seconds = spreadOf(runs.flatMap((run) => run.seconds ?? []))?.mean;
  const name = runs.length === 1 ? first.id : sharedName(runs.map(({ id }) => id));
  return {
    ...{ id: first.id, name, runs, status: statusOf(runs), tags, notes: texts },
    started: runs.reduce((earliest, { started }) => (started < earliest ? started : earliest), first.started),
    ...(metric && { metric }),
    ...(valid && { valid }),
    ...(test && { test }),
    ...(seconds !== undefined && { seconds }),
    valuesOf: (key) => valuesOf(key, runs, { tags, notes: texts, seconds }),
    texts: [
      ...runs.flatMap(({ id, model, title, data, recipe }) => [id, model ?? '', title ?? '', data ?? '', recipe ?? '']),
      ...tags,
      ...texts,
    ],
  };
}

/** The folder that ids have in common, or where they have none the first id and that there are more. */
export function sharedName(ids: readonly string[]): string {
  const parts = ids.map((id) => id.split('/'));
  const [first] = parts;
  const length = first!.findIndex((part, n) => parts.some((each) => each[n] !== part));
  return length > 0 ? first!.slice(0, length).join('/') : `${ids[0]!} and ${ids.length - 1} more`;
}

/** An id without the hashes that folders of benchmarks end with, which tell people nothing: `runs/mult-59b7711c204f/seed-1`. */
export const shownId = (id: string): string => id.replaceAll(/-[0-9a-f]{12,16}(?=\/|$)/g, '');

function statusOf(runs: readonly RunRow[]): RunStatus {
  const order = ['running', 'unknown', 'failed', 'interrupted'] as const;
  return order.find((status) => runs.some((run) => run.status === status)) ?? 'finished';
}

/** The keys of a filter that are no metrics and no settings. */
const plainKeys = [
  ...['status', 'model', 'data', 'seed', 'fold', 'recipe', 'name', 'tag', 'note', 'experiment'],
  ...['best', 'epochs', 'duration', 'started', 'warnings'],
] as const;

/** The keys that a filter may name: metrics (of the validation split, or `test.NAME`), and settings by their dotted names. */
export function keysOf(runs: readonly RunRow[]): readonly string[] {
  const names = new Set(runs.flatMap(({ valid = {} }) => Object.keys(valid)));
  const tested = new Set(runs.flatMap(({ test = {} }) => Object.keys(test)));
  const settings = new Set(runs.flatMap((run) => Object.keys(run.set ?? {})));
  return [...plainKeys, ...names, ...[...tested].map((name) => `test.${name}`), ...[...settings].sort()];
}

/** The settings in which runs differ: those that some run was given, and not all alike. */
export function differingSettings(runs: readonly RunRow[]): readonly string[] {
  const keys = new Set(runs.flatMap((run) => Object.keys(run.set ?? {})));
  return [...keys].filter((key) => new Set(runs.map(({ set }) => set?.[key])).size > 1).sort();
}

interface Told {
  readonly tags: readonly string[];
  readonly notes: readonly string[];
  readonly seconds: number | undefined;
}

/** Numbers of several runs are their mean: a filter by figures of single runs would leave means of the best alone. */
function valuesOf(key: string, runs: readonly RunRow[], { tags, notes, seconds }: Told): readonly Value[] {
  const each = <T extends Value>(valueOf: (run: RunRow) => T | undefined): readonly T[] =>
    runs.flatMap((run) => valueOf(run) ?? []);
  const mean = (valueOf: (run: RunRow) => number | undefined): readonly number[] => {
    const spread = spreadOf(each(valueOf));
    return spread ? [spread.mean] : [];
  };
  switch (key) {
    case 'status':
    case 'model':
    case 'data':
    case 'seed':
    case 'fold':
    case 'recipe':
    case 'experiment':
    case 'started':
      return each((run) => run[key]);
    case 'name':
      return each(({ id }) => id);
    case 'tag':
      return tags;
    case 'note':
      return notes;
    case 'best':
      return mean(({ bestEpoch }) => bestEpoch);
    case 'epochs':
      return mean(({ epochs }) => epochs?.done);
    case 'warnings':
      return mean(({ warnings = 0 }) => warnings);
    case 'duration':
      return seconds === undefined ? [] : [seconds];
    default: {
      const settings = each(({ set }) => settingOf(set?.[key]));
      if (settings.length > 0) return settings;
      return key.startsWith('test.') ? mean(({ test }) => test?.[key.slice(5)]) : mean(({ valid }) => valid?.[key]);
    }
  }
}

const settingOf = (value: string | number | boolean | undefined): Value | undefined =>
  typeof value === 'boolean' ? String(value) : value;

export const sortKeys = [
  'name',
  'status',
  'model',
  'data',
  'seed',
  'best',
  'valid',
  'test',
  'duration',
  'started',
] as const;
export type SortKey = (typeof sortKeys)[number];

export interface Sorting {
  readonly key: SortKey;
  readonly isDown: boolean;
}

/** As an address says it: `valid`, or `-valid` for the other way round; default: the newest first. */
export function sortingOf(text: string | null): Sorting {
  const isDown = text?.startsWith('-') ?? true;
  const key = sortKeys.find((each) => each === text?.replace(/^-/, ''));
  return key === undefined ? { key: 'started', isDown: true } : { key, isDown };
}

export const sortingText = ({ key, isDown }: Sorting): string | undefined =>
  key === 'started' && isDown ? undefined : `${isDown ? '-' : ''}${key}`;

/** In order. Figures are the best first, of each metric by itself; what has none comes last, either way; equals are by their names. */
export function sorted(entries: readonly Entry[], { key, isDown }: Sorting): readonly Entry[] {
  const places = entries.map((entry) => placeIn(entry, key));
  const order = [...entries.keys()].sort((a, b) => {
    const [first, second] = [places[a]!, places[b]!];
    const equal = (): number => naturally(entries[a]!.name, entries[b]!.name) || a - b;
    if (first.length === 0 || second.length === 0) return second.length - first.length || equal();
    for (const [n, x] of first.entries()) {
      const y = second[n]!;
      // Times of ISO 8601 are in the order of their letters.
      const isText = typeof x === 'string' && typeof y === 'string' && key !== 'started';
      const found = isText ? naturally(x, y) : x === y ? 0 : x < y ? -1 : 1;
      if (found !== 0) return found * (isDown ? -1 : 1);
    }
    return equal();
  });
  return order.map((n) => entries[n]!);
}

const statusOrder: readonly RunStatus[] = ['running', 'failed', 'interrupted', 'unknown', 'finished'];

function placeIn(entry: Entry, key: SortKey): readonly Value[] {
  const [run] = entry.runs as readonly [RunRow];
  switch (key) {
    case 'name':
      return [entry.name];
    case 'status':
      return [statusOrder.indexOf(entry.status)];
    case 'started':
      return [entry.started];
    case 'duration':
      return entry.seconds === undefined ? [] : [entry.seconds];
    case 'best':
      return run.bestEpoch === undefined ? [] : [run.bestEpoch];
    case 'valid':
    case 'test': {
      const [spread, metric] = [entry[key], entry.metric];
      return spread && metric ? [metric.name, metric.better === 'lower' ? spread.mean : -spread.mean] : [];
    }
    case 'model':
    case 'data':
    case 'seed': {
      const value = run[key];
      return value === undefined ? [] : [value];
    }
  }
}
