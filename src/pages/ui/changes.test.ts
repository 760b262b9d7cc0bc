import { expect, test } from 'vitest';
import type { RunList, RunRow, RunSeries } from '../../server/ui/api/routes.ts';
import { withChanges, withSeries } from './changes.ts';

const row = (id: string, hour: number, more: Partial<RunRow> = {}): RunRow => ({
  ...{ id, status: 'running', started: new Date(Date.UTC(2026, 0, 1, hour)).toISOString() },
  ...more,
});
const list: RunList = {
  ...{ cursor: '1', folder: 'runs', reading: true, allowStart: false, experiments: [] },
  notes: { revision: '', runs: {} },
  runs: [row('b', 2), row('a', 1)],
};
const ids = ({ runs }: RunList): string[] => runs.map(({ id }) => id);

test('runs appear in their order, change and go', () => {
  const changes = {
    cursor: '2',
    experiments: [],
    gone: ['a'],
    runs: [row('c', 3), row('b', 2, { status: 'finished' })],
  };
  const after = withChanges(list, changes);
  expect(after).toMatchObject({ cursor: '2', runs: [{ id: 'c' }, { id: 'b', status: 'finished' }] });
  expect(after).not.toHaveProperty('reading');
});

test('a whole list takes the place of what was known', () => {
  expect(ids(withChanges(list, { cursor: '2', all: true, experiments: [], gone: [], runs: [row('x', 1)] }))).toEqual([
    'x',
  ]);
});

test('what did not change stays the same value', () => {
  const after = withChanges(list, { cursor: '2', experiments: [], gone: [], runs: [], problem: 'the folder is gone' });
  expect(after.runs).toBe(list.runs);
  expect(after.problem).toBe('the folder is gone');
});

const series = (
  from: number,
  epochs: readonly number[],
  columns: Readonly<Record<string, readonly (number | null)[]>>,
): RunSeries => ({
  ...{ run: 'a', from, epochs, stages: [] },
  columns: Object.entries(columns).map(([name, values]) => ({ kind: 'loss', name, label: name, values })),
});

test('curves grow, and take back what a resumed run does anew', () => {
  const known = withSeries(undefined, series(0, [1, 2, 3], { total: [3, 2, 1] }));
  const grown = withSeries(known, series(3, [4], { total: [0.5], task: [0.1] }));
  expect(grown).toEqual(series(0, [1, 2, 3, 4], { total: [3, 2, 1, 0.5], task: [null, null, null, 0.1] }));
  expect(withSeries(grown, series(2, [3], { total: [9] }))).toEqual(
    series(0, [1, 2, 3], { total: [3, 2, 9], task: [null, null, null] }),
  );
  expect(withSeries(grown, series(0, [1], { total: [7] }))).toEqual(series(0, [1], { total: [7] }));
});
