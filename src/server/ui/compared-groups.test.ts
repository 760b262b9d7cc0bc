import { expect, test } from 'vitest';
import type { RunRow } from './api/routes.ts';
import { comparedGroups } from './compared-groups.ts';

const run = (id: string, more: Partial<RunRow>): { readonly row: RunRow; readonly directory: string } => ({
  row: { id, status: 'finished', started: '2026-01-01T00:00:00.000Z', ...more },
  directory: id,
});
const named = (runs: Parameters<typeof comparedGroups>[0]): unknown =>
  comparedGroups(runs).map(({ name, runs: own }) => [name, own.map(({ row }) => row.id)]);

test('runs that differ in seed and fold are one, by seed and fold', () => {
  const group = { group: 'a', title: 'MulT' };
  const runs = [
    run('x/2', { ...group, seed: 2 }),
    run('y', { group: 'b', title: 'DecAlign' }),
    run('x/1b', { ...group, seed: 1, fold: 2 }),
    run('x/1a', { ...group, seed: 1, fold: 1 }),
  ];
  expect(named([...runs, runs[0]!])).toEqual([
    ['MulT', ['x/1a', 'x/1b', 'x/2']],
    ['DecAlign', ['y']],
  ]);
});

test('groups of one model are named by where they lie, and where that is the same by what they are', () => {
  const title = 'MulT';
  const runs = [
    run('wide/seed-1', { title, group: 'a' }),
    run('wide/seed-2', { title, group: 'a' }),
    run('flat', { title, group: 'b' }),
    run('all/1', { title, group: 'c' }),
    run('all/2', { title, group: 'c' }),
    run('all/3', { title, group: 'd' }),
    run('all/4', { title, group: 'd' }),
  ];
  expect((named(runs) as [string][]).map(([name]) => name)).toEqual(['wide', 'flat', 'all', 'all (d)']);
});

test('a run that cannot be read is by itself', () => {
  expect(named([run('broken', {}), run('other', {})])).toEqual([
    ['broken', ['broken']],
    ['other', ['other']],
  ]);
});
