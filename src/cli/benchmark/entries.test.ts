import { expect, test } from 'vitest';
import { entriesNamed, takingPart } from './entries.ts';

test('of all models, those that take one label alone are left out where data has several, and one that is named is not', async () => {
  const all = await entriesNamed(['all']);
  const data = [
    { source: 'mosi.pkl', task: 'regression' },
    { source: 'people', task: 'multitarget' },
  ] as const;
  const left = takingPart(all, { names: ['all'], data });
  const ids = left.entries.map(({ id }) => id);
  expect(all.map(({ id }) => id).filter((id) => !ids.includes(id))).toEqual(['pmr', 'self-mm']);
  expect(left.notes).toEqual([
    'pmr takes one label of each sample (it has a prototype of each class), and people has several: it is left out',
    'self-mm takes one label of each sample (it makes labels of each modality about one), and people has several: it is left out',
  ]);
  expect(takingPart(all, { names: ['all', 'pmr'], data }).notes).toEqual([left.notes[1]]);
  expect(takingPart(all, { names: ['all'], data: data.slice(0, 1) })).toEqual({ entries: all, notes: [] });
});
