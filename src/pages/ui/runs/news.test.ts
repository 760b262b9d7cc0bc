import { expect, test } from 'vitest';
import type { RunRow } from '../../../server/ui/api/routes.ts';
import { newsOf } from './news.ts';

const row = (id: string, status: RunRow['status'], more: Partial<RunRow> = {}): RunRow => ({
  id,
  status,
  started: '',
  ...more,
});
const metric = { name: 'mae', label: 'MAE', better: 'lower', valid: 0.8, test: 0.9 } as const;

test('tells of runs that are new, and of those that end', () => {
  const before = [row('a', 'running'), row('b', 'finished')];
  expect(newsOf(before, [row('a', 'running'), row('b', 'finished')])).toBeUndefined();
  expect(newsOf(before, [row('a', 'finished', { metric }), row('b', 'finished'), row('c', 'running')])).toBe(
    'New run c. a: finished, MAE 0.900.',
  );
  expect(
    newsOf(
      [],
      ['a', 'b', 'c'].map((id) => row(id, 'running')),
    ),
  ).toBe('3 new runs, 0 runs changed.');
});
