import type { SortKey } from './entries.ts';

/** What the list's columns are called. */
export const headings: Readonly<Record<SortKey, string>> = {
  name: 'Run',
  status: 'Status',
  model: 'Model',
  data: 'Data',
  seed: 'Seed',
  best: 'Best epoch',
  valid: 'Valid',
  test: 'Test',
  duration: 'Time',
  started: 'Started',
};
