import { expect, test } from 'vitest';
import type { Notes, RunRow } from '../../../server/ui/api/routes.ts';
import {
  differingSettings,
  entriesOf,
  keysOf,
  sharedName,
  shownId,
  sorted,
  sortingOf,
  sortingText,
  spreadOf,
  type SortKey,
} from './entries.ts';
import { parseFilter } from './filter.ts';

const mae = { name: 'mae', label: 'MAE', better: 'lower' } as const;
const waf1 = { name: 'waf1', label: 'WAF1', better: 'higher' } as const;
const row = (id: string, more: Partial<RunRow> = {}): RunRow => ({
  ...{ id, status: 'finished', started: '2026-01-01T00:00:00.000Z', model: 'mult', data: 'mosi' },
  ...more,
});
const seeds = [0.9, 0.8, 1].map((valid, n) =>
  row(`mult/seed-${n + 1}`, {
    ...{ group: 'g', seed: n + 1, seconds: 10 * (n + 1), set: { 'train.epochs': 5 } },
    ...{ metric: { ...mae, valid, test: valid + 0.1 }, valid: { mae: valid }, test: { mae: valid + 0.1 } },
  }),
);
const notes: Notes['runs'] = { 'mult/seed-2': { tags: ['baseline'], note: 'a second try' } };

const single = { grouped: false };
const grouped = { grouped: true };
const namesOf = (text: string, options: { readonly grouped: boolean }, runs: readonly RunRow[]): string[] => {
  const filter = parseFilter(text, keysOf(runs));
  expect(filter.problems).toEqual([]);
  return entriesOf(runs, notes, options)
    .filter((entry) => filter.matches(entry))
    .map(({ name }) => name);
};

test('the seeds of a group are their mean and deviation, by seed', () => {
  const other = row('other');
  const [group, alone] = entriesOf([seeds[2]!, other, seeds[0]!, seeds[1]!], notes, grouped);
  expect(group).toMatchObject({
    ...{ name: 'mult', status: 'finished', seconds: 20, tags: ['baseline'], notes: ['a second try'] },
  });
  expect([group!.valid!.mean, group!.test!.mean]).toEqual([expect.closeTo(0.9), expect.closeTo(1)]);
  expect(group!.valid).toMatchObject({ deviation: expect.closeTo(0.1) as number, count: 3 });
  expect(group!.runs.map(({ seed }) => seed)).toEqual([1, 2, 3]);
  expect(alone).toMatchObject({ name: 'other', runs: [other] });
  expect(alone).not.toHaveProperty('valid');
});

test('a group runs while one of its runs does', () => {
  const status = (more: Partial<RunRow>): string =>
    entriesOf([...seeds, row('x', { group: 'g', ...more })], {}, grouped)[0]!.status;
  expect([status({ status: 'running' }), status({ status: 'interrupted' }), status({})]).toEqual([
    ...['running', 'interrupted', 'finished'],
  ]);
});

test('a filter asks runs for their figures, and groups for their means', () => {
  expect(namesOf('mae<0.85', single, seeds)).toEqual(['mult/seed-2']);
  expect(namesOf('mae<0.85', grouped, seeds)).toEqual([]);
  expect(namesOf('mae<0.95 test.mae>0.95 seed=3 train.epochs=5', grouped, seeds)).toEqual(['mult']);
  expect(namesOf('tag=baseline', single, seeds)).toEqual(['mult/seed-2']);
  expect(namesOf('"second try"', single, seeds)).toEqual(['mult/seed-2']);
  expect(namesOf('duration>15s status=finished', single, seeds)).toEqual(['mult/seed-2', 'mult/seed-3']);
});

test('ids are named by the folder that they share', () => {
  expect(sharedName(['a/b/seed-1', 'a/b/seed-2'])).toBe('a/b');
  expect(sharedName(['first', 'second', 'third'])).toBe('first and 2 more');
});

test('hashes of folders are not shown', () => {
  expect(shownId('bench/runs/synthetic-9c2cd82e6809b218/mult-f79d3f2f15a2/seed-2')).toBe(
    'bench/runs/synthetic/mult/seed-2',
  );
  expect(shownId('decade-in-cafe/seed-1')).toBe('decade-in-cafe/seed-1');
});

test('a single figure has no deviation', () => {
  expect(spreadOf([])).toBeUndefined();
  expect(spreadOf([2])).toEqual({ mean: 2, count: 1 });
});

const mixed = [
  row('worse', { metric: { ...mae, valid: 2 }, seed: 2, started: '2026-01-02T00:00:00.000Z' }),
  row('none', { status: 'running', seed: 10 }),
  row('high', { metric: { ...waf1, valid: 0.9 }, started: '2026-01-03T00:00:00.000Z' }),
  row('better', { metric: { ...mae, valid: 1 }, seed: 1 }),
  row('low', { metric: { ...waf1, valid: 0.1 } }),
];

test.each<[SortKey, boolean, string[]]>([
  ['valid', false, ['better', 'worse', 'high', 'low', 'none']],
  ['valid', true, ['low', 'high', 'worse', 'better', 'none']],
  ['seed', false, ['better', 'worse', 'none', 'high', 'low']],
  ['seed', true, ['none', 'worse', 'better', 'high', 'low']],
  ['started', true, ['high', 'worse', 'better', 'low', 'none']],
  ['status', false, ['none', 'better', 'high', 'low', 'worse']],
])('sorted by %s, down %s', (key, isDown, names) => {
  expect(sorted(entriesOf(mixed, {}, single), { key, isDown }).map(({ name }) => name)).toEqual(names);
});

test.each<[SortKey, boolean, string[]]>([
  ['name', false, ['seed-1', 'seed-2', 'seed-10']],
  ['name', true, ['seed-10', 'seed-2', 'seed-1']],
  ['started', true, ['seed-1', 'seed-2', 'seed-10']],
  ['duration', false, ['seed-1', 'seed-2', 'seed-10']],
])('numbers in names are in their order by %s, down %s', (key, isDown, names) => {
  const runs = ['seed-10', 'seed-2', 'seed-1'].map((id) => row(id));
  expect(sorted(entriesOf(runs, {}, single), { key, isDown }).map(({ name }) => name)).toEqual(names);
});

test('the address says how a list is sorted', () => {
  expect(sortingOf('-valid')).toEqual({ key: 'valid', isDown: true });
  expect(sortingOf('valid')).toEqual({ key: 'valid', isDown: false });
  expect([sortingOf(null), sortingOf('nothing')]).toEqual([
    { key: 'started', isDown: true },
    { key: 'started', isDown: true },
  ]);
  for (const text of ['valid', '-seed', 'started']) expect(sortingText(sortingOf(text))).toBe(text);
  expect(sortingText(sortingOf(null))).toBeUndefined();
});

test('settings differ where not all runs were given the same', () => {
  const set = (...all: NonNullable<RunRow['set']>[]): RunRow[] => all.map((each, n) => row(String(n), { set: each }));
  expect(
    differingSettings(set({ 'train.epochs': 5, 'model.width': 8 }, { 'train.epochs': 5, 'model.width': 4 })),
  ).toEqual(['model.width']);
  expect(differingSettings([...set({ b: 1, a: true }), row('none')])).toEqual(['a', 'b']);
  expect(differingSettings(set({ a: 1 }))).toEqual([]);
});
