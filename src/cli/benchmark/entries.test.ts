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

test('recipes of one model are entries of their own, each with its name', async () => {
  const entries = await entriesNamed(['decalign@paper', 'decalign@decoupled', 'misa', 'decalign']);
  expect(entries).toEqual([
    { id: 'decalign@paper', model: 'decalign', recipe: 'paper' },
    { id: 'decalign@decoupled', model: 'decalign', recipe: 'decoupled' },
    { id: 'misa', model: 'misa' },
    { id: 'decalign', model: 'decalign' },
  ]);
});

test.each([
  ['decalign@papr', '--models decalign@papr: unknown recipe "papr" of decalign; did you mean "paper"?'],
  ['misa@paper', '--models misa@paper: unknown recipe "paper" of misa; it has published.'],
  ['decalign@', '--models decalign@: unknown recipe "" of decalign; it has decoupled, paper, authors.'],
  [
    'decalign@paper@more',
    '--models decalign@paper@more: unknown recipe "paper@more" of decalign; it has decoupled, paper, authors.',
  ],
  ['ridge@paper', '--models ridge@paper: ridge is a reference and has no recipes; leave out "@paper".'],
  ['decalgn@paper', '--models decalgn@paper: unknown model "decalgn"; did you mean "decalign"?'],
])('a recipe that is none is refused where it is named: %s', async (name, message) => {
  await expect(entriesNamed(['ridge', name])).rejects.toThrow(message);
});
