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

const none = { tags: [], note: '' };

test('what is written is read, also by another process', async () => {
  const notes = new NotesFile(runs.root);
  const { revision } = notes.read();
  const changed = await notes.change('a/b', { was: none, tags: ['good', 'good', 'x'], note: 'why' });
  expect(changed.runs).toEqual({ 'a/b': { tags: ['good', 'x'], note: 'why' } });
  expect(changed.revision).not.toBe(revision);
  expect(notes.read()).toEqual(changed);
  expect(new NotesFile(runs.root).read()).toEqual(changed);
});

test('two windows that change two runs both keep theirs', async () => {
  const notes = new NotesFile(runs.root);
  await notes.change('a', { was: none, tags: [], note: 'first' });
  expect((await notes.change('b', { was: none, tags: ['t'], note: '' })).runs).toEqual({
    a: { tags: [], note: 'first' },
    b: { tags: ['t'], note: '' },
  });
});

test('of two that change the same run the second is told of the first, also by another process', async () => {
  const notes = new NotesFile(runs.root);
  await notes.change('a', { was: none, tags: ['x', 'y'], note: 'first' });
  const second = { tags: [], note: 'second' };
  for (const was of [none, { tags: [], note: 'first' }, { tags: ['x'], note: 'first' }, { tags: ['x', 'y'], note: '' }])
    for (const process of [notes, new NotesFile(runs.root)])
      await expect(process.change('a', { was, ...second })).rejects.toThrow(NotesChangedError);
  const was = { tags: ['x', 'y'], note: 'first' };
  expect((await new NotesFile(runs.root).change('a', { was, ...second })).runs).toEqual({ a: second });
});

test('a process that begins keeps what was begun before it', async () => {
  await new NotesFile(runs.root).change('a', { was: none, tags: [], note: 'theirs' });
  const begun = new NotesFile(runs.root);
  expect((await begun.change('b', { was: none, tags: [], note: 'ours' })).runs).toHaveProperty('a');
});

test('while the folder is away, those of before are told', async () => {
  const notes = new NotesFile(runs.root);
  const before = await notes.change('a', { was: none, tags: ['t'], note: '' });
  renameSync(runs.root, `${runs.root}-away`);
  expect(notes.read()).toEqual(before);
  await expect(notes.change('a', { was: before.runs['a']!, ...none })).rejects.toThrow(
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
  const was = { tags: ['t'], note: '' };
  await notes.change('a', { was: none, ...was });
  expect((await notes.change('a', { was, tags: [], note: '  ' })).runs).toEqual({});
});

test('a run of any name has its note', async () => {
  const notes = new NotesFile(runs.root);
  for (const id of ['__proto__', 'constructor', '~']) await notes.change(id, { was: none, tags: [], note: id });
  expect(Object.keys(new NotesFile(runs.root).read().runs).toSorted()).toEqual(['__proto__', 'constructor', '~']);
});

test.each(['', '{', '[]', '{"format":"decalign notes 9","runs":{}}', '{"format":"decalign notes 1","runs":{"a":3}}'])(
  'a file that is none (%s) is told of, and never written over',
  async (content) => {
    writeFileSync(file, content);
    const notes = new NotesFile(runs.root);
    const { runs: read, problem } = notes.read();
    expect(read).toEqual({});
    expect(problem).toMatch(/^decalign-notes\.json is damaged: /);
    await expect(notes.change('a', { was: none, tags: [], note: 'x' })).rejects.toThrow(problem);
    expect(readFileSync(file, 'utf8')).toBe(content);
  },
);
