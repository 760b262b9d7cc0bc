/** Tags and notes: one file, and nobody's change is lost. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { NotesChangedError, NotesFile, notesName } from './notes.ts';
import { Runs } from '../testing.ts';

let runs: Runs;
let file: string;
beforeEach(() => {
  runs = new Runs();
  file = path.join(runs.root, notesName);
});
afterEach(() => runs.remove());

test('what is written is read, also by another process', () => {
  const notes = new NotesFile(runs.root);
  const { revision } = notes.read();
  const changed = notes.change('a/b', { revision, tags: ['good', 'good', 'x'], note: 'why' });
  expect(changed.runs).toEqual({ 'a/b': { tags: ['good', 'x'], note: 'why' } });
  expect(changed.revision).not.toBe(revision);
  expect(notes.read()).toEqual(changed);
  expect(new NotesFile(runs.root).read()).toEqual(changed);
});

test('two windows that change two runs both keep theirs', () => {
  const notes = new NotesFile(runs.root);
  const { revision } = notes.read();
  notes.change('a', { revision, tags: [], note: 'first' });
  expect(notes.change('b', { revision, tags: ['t'], note: '' }).runs).toEqual({
    a: { tags: [], note: 'first' },
    b: { tags: ['t'], note: '' },
  });
});

test('of two that change the same run the second is told of the first', () => {
  const notes = new NotesFile(runs.root);
  const { revision } = notes.read();
  const first = notes.change('a', { revision, tags: [], note: 'first' });
  expect(() => notes.change('a', { revision, tags: [], note: 'second' })).toThrow(NotesChangedError);
  expect(() => notes.change('a', { revision: 'unknown', tags: [], note: 'second' })).toThrow(NotesChangedError);
  expect(notes.change('a', { revision: first.revision, tags: [], note: 'second' }).runs['a']!.note).toBe('second');
});

test('a change that another process made meanwhile is seen', () => {
  const [one, other] = [new NotesFile(runs.root), new NotesFile(runs.root)];
  const { revision } = one.read();
  other.change('a', { revision: other.read().revision, tags: [], note: 'theirs' });
  expect(() => one.change('a', { revision, tags: [], note: 'ours' })).toThrow(NotesChangedError);
  expect(one.change('b', { revision, tags: [], note: 'ours' }).runs).toHaveProperty('a');
});

test('an empty note with no tags is taken away', () => {
  const notes = new NotesFile(runs.root);
  const { revision } = notes.change('a', { revision: notes.read().revision, tags: ['t'], note: '' });
  expect(notes.change('a', { revision, tags: [], note: '  ' }).runs).toEqual({});
});

test('a run of any name has its note', () => {
  const notes = new NotesFile(runs.root);
  for (const id of ['__proto__', 'constructor', '~']) {
    const { revision } = notes.read();
    notes.change(id, { revision, tags: [], note: id });
  }
  expect(Object.keys(new NotesFile(runs.root).read().runs).toSorted()).toEqual(['__proto__', 'constructor', '~']);
});

test.each(['', '{', '[]', '{"format":"decalign notes 9","runs":{}}', '{"format":"decalign notes 1","runs":{"a":3}}'])(
  'a file that is none (%s) is told of, and never written over',
  (content) => {
    writeFileSync(file, content);
    const notes = new NotesFile(runs.root);
    const { revision, runs: none, problem } = notes.read();
    expect(none).toEqual({});
    expect(problem).toMatch(/^decalign-notes\.json is damaged: /);
    expect(() => notes.change('a', { revision, tags: [], note: 'x' })).toThrow(problem);
    expect(readFileSync(file, 'utf8')).toBe(content);
  },
);
