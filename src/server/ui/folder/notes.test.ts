/** Tags and notes: one file, and nobody's change is lost. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { inTurn, lockOf } from './file-turn.ts';
import { NotesChangedError, NotesFile, notesName } from './notes.ts';
import { Runs } from '../testing.ts';

let runs: Runs;
let file: string;
beforeEach(() => {
  runs = new Runs();
  file = path.join(runs.root, notesName);
});
afterEach(() => runs.remove());

test('what is written is read, also by another process', async () => {
  const notes = new NotesFile(runs.root);
  const { revision } = notes.read();
  const changed = await notes.change('a/b', { revision, tags: ['good', 'good', 'x'], note: 'why' });
  expect(changed.runs).toEqual({ 'a/b': { tags: ['good', 'x'], note: 'why' } });
  expect(changed.revision).not.toBe(revision);
  expect(notes.read()).toEqual(changed);
  expect(new NotesFile(runs.root).read()).toEqual(changed);
});

test('two windows that change two runs both keep theirs', async () => {
  const notes = new NotesFile(runs.root);
  const { revision } = notes.read();
  await notes.change('a', { revision, tags: [], note: 'first' });
  expect((await notes.change('b', { revision, tags: ['t'], note: '' })).runs).toEqual({
    a: { tags: [], note: 'first' },
    b: { tags: ['t'], note: '' },
  });
});

test('of two that change the same run the second is told of the first', async () => {
  const notes = new NotesFile(runs.root);
  const { revision } = notes.read();
  const first = await notes.change('a', { revision, tags: [], note: 'first' });
  await expect(notes.change('a', { revision, tags: [], note: 'second' })).rejects.toThrow(NotesChangedError);
  await expect(notes.change('a', { revision: 'unknown', tags: [], note: 'second' })).rejects.toThrow(NotesChangedError);
  expect((await notes.change('a', { revision: first.revision, tags: [], note: 'second' })).runs['a']!.note).toBe(
    'second',
  );
});

test('a change that another process made meanwhile is seen', async () => {
  const [one, other] = [new NotesFile(runs.root), new NotesFile(runs.root)];
  const { revision } = one.read();
  await other.change('a', { revision: other.read().revision, tags: [], note: 'theirs' });
  await expect(one.change('a', { revision, tags: [], note: 'ours' })).rejects.toThrow(NotesChangedError);
  expect((await one.change('b', { revision, tags: [], note: 'ours' })).runs).toHaveProperty('a');
});

test('while the folder is away, those of before are told', async () => {
  const notes = new NotesFile(runs.root);
  const before = await notes.change('a', { revision: notes.read().revision, tags: ['t'], note: '' });
  renameSync(runs.root, `${runs.root}-away`);
  expect(notes.read()).toEqual(before);
  await expect(notes.change('a', { revision: before.revision, tags: [], note: '' })).rejects.toThrow(
    /^Cannot write .*decalign-notes\.json: its folder does not exist/,
  );
  renameSync(`${runs.root}-away`, runs.root);
});

test('a process that was killed while it changed notes holds nobody up for ever', async () => {
  writeFileSync(lockOf(file), '');
  expect(await inTurn(file, () => 'done', { patience: 0 })).toBe('done');
  expect(readdirSync(runs.root)).toEqual([]);
});

test.skipIf(process.platform === 'win32')('a pipe in the place of the file is not waited for', () => {
  execFileSync('mkfifo', [file]);
  expect(new NotesFile(runs.root).read().problem).toBe('decalign-notes.json cannot be read (it is no regular file).');
});

test('an empty note with no tags is taken away', async () => {
  const notes = new NotesFile(runs.root);
  const { revision } = await notes.change('a', { revision: notes.read().revision, tags: ['t'], note: '' });
  expect((await notes.change('a', { revision, tags: [], note: '  ' })).runs).toEqual({});
});

test('a run of any name has its note', async () => {
  const notes = new NotesFile(runs.root);
  for (const id of ['__proto__', 'constructor', '~']) {
    const { revision } = notes.read();
    await notes.change(id, { revision, tags: [], note: id });
  }
  expect(Object.keys(new NotesFile(runs.root).read().runs).toSorted()).toEqual(['__proto__', 'constructor', '~']);
});

test.each(['', '{', '[]', '{"format":"decalign notes 9","runs":{}}', '{"format":"decalign notes 1","runs":{"a":3}}'])(
  'a file that is none (%s) is told of, and never written over',
  async (content) => {
    writeFileSync(file, content);
    const notes = new NotesFile(runs.root);
    const { revision, runs: none, problem } = notes.read();
    expect(none).toEqual({});
    expect(problem).toMatch(/^decalign-notes\.json is damaged: /);
    await expect(notes.change('a', { revision, tags: [], note: 'x' })).rejects.toThrow(problem);
    expect(readFileSync(file, 'utf8')).toBe(content);
  },
);
