import { expect, test } from 'vitest';
import { models, notesOf, placeOf, titleOf, type Model } from './index.ts';

test.each(Object.entries<Model>(models))('%s is called so by itself, has a title and a source', (name, model) => {
  expect(model.name).toBe(name);
  expect(titleOf(name)).toBe(model.title);
  // A title is the name as its paper writes it.
  expect(model.title!.toLowerCase()).toBe(name);
  expect(model.paper).toMatch(/\d{4}/);
  for (const note of notesOf(name)) expect(note).toMatch(/^[A-Z].*\.$/);
});

test('a model that is not in the table is called by its name, and says nothing below tables', () => {
  expect(titleOf('mine')).toBe('mine');
  expect(titleOf('toString')).toBe('toString');
  expect(notesOf('mine')).toEqual([]);
});

test('tables have DecAlign last, and other models than the paper has just before it', () => {
  const order = ['decalign', 'mine', 'cggm', 'mfm'].toSorted((a, b) => placeOf(a) - placeOf(b));
  expect(order).toEqual(['mfm', 'cggm', 'mine', 'decalign']);
});
