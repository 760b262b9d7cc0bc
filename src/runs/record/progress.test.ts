import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { EventOf } from '../../train/train-event.ts';
import { initialState } from '../../train/training-state.ts';
import { ProgressFile, readProgress } from './progress.ts';

let directory: string;
beforeEach(() => (directory = mkdtempSync(path.join(tmpdir(), 'decalign-progress-'))));
afterEach(() => rmSync(directory, { recursive: true }));

const start = { type: 'start', parameters: 1, nodes: 1, stepsPerEpoch: 10, epochs: 4, epoch: 1, step: 10 } as const;
const step = (n: number, total = 0.5): EventOf<'step'> => ({
  ...{ type: 'step', epoch: Math.ceil(n / 10), step: n, losses: { total }, diagnostics: {} },
  ...{ gradientNorm: 1, learningRate: 1, state: initialState({}) },
});

/** A progress file under a clock that is set by hand, in milliseconds. */
function progress(): { at: (milliseconds: number) => ProgressFile } {
  let now = 0;
  const file = new ProgressFile(directory, () => now);
  return {
    at(milliseconds) {
      now = milliseconds;
      return file;
    },
  };
}

test('a training that has begun says where, and not yet how fast', () => {
  progress().at(0).note(start);
  expect(readProgress(directory)).toEqual({
    ...{ epoch: 2, epochs: 4, step: 10, steps: 40, loss: null, steps_per_second: null, seconds_left: null },
    seconds: 0,
    updated: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string,
  });
});

test('a training with stages says how long they are', () => {
  const stages = [{ name: 'pretraining', epochs: 1 }];
  progress()
    .at(0)
    .note({ ...start, stages });
  expect(readProgress(directory)).toMatchObject({ epoch: 2, epochs: 4, stages });
});

test('speed is that of this process, and what is left takes as long at that speed', () => {
  const { at } = progress();
  at(5000).note(start);
  at(7000).note(step(14));
  expect(readProgress(directory)).toMatchObject({ step: 14, loss: 0.5, steps_per_second: 2, seconds_left: 13 });
});

test('it is written once a second at most, and at the end', () => {
  const { at } = progress();
  at(0).note(start);
  at(999).note(step(11));
  expect(readProgress(directory)).toMatchObject({ step: 10 });
  at(1000).note(step(12));
  expect(readProgress(directory)).toMatchObject({ step: 12 });
  at(1999).note(step(13));
  expect(readProgress(directory)).toMatchObject({ step: 12 });
  at(1999).note({ type: 'end', reason: 'stopped early', state: initialState({}) });
  expect(readProgress(directory)).toMatchObject({ step: 13, seconds_left: 0 });
  expect(readdirSync(directory)).toEqual(['progress.json']);
});

test('how long it has trained is counted over all its processes', () => {
  const first = progress();
  first.at(500).note(start);
  first.at(3000).note(step(14));
  expect(readProgress(directory)).toMatchObject({ seconds: 2.5 });
  const second = progress();
  second.at(70_000).note({ ...start, step: 14 });
  expect(readProgress(directory)).toMatchObject({ seconds: 2.5, steps_per_second: null });
  second.at(71_000).note(step(15));
  expect(readProgress(directory)).toMatchObject({ seconds: 3.5, steps_per_second: 1 });
});

test('an error that ended it is told until a process goes on', () => {
  const { at } = progress();
  at(0).note(start);
  at(10).fail('Training diverged.');
  expect(readProgress(directory)).toMatchObject({ step: 10, failure: 'Training diverged.' });
  progress().at(20).note(start);
  expect(readProgress(directory)).not.toHaveProperty('failure');
});

test('an aborted training has still to do what is left', () => {
  const { at } = progress();
  at(0).note(start);
  at(500).note(step(15));
  at(1000).note({ type: 'end', reason: 'aborted', state: initialState({}) });
  expect(readProgress(directory)).toMatchObject({ step: 15, seconds_left: 5 });
});

test('a step that was left out is done, and has no loss', () => {
  const { at } = progress();
  at(0).note(start);
  at(1000).note({ type: 'left out', epoch: 2, step: 11, reason: 'no number' });
  expect(readProgress(directory)).toMatchObject({ step: 11, loss: null });
});

test('what cannot be written is told as of any other file', () => {
  rmSync(directory, { recursive: true });
  expect(() => progress().at(0).note(start)).toThrow(/^Cannot write .*progress\.json: its folder does not exist/);
  directory = mkdtempSync(path.join(tmpdir(), 'decalign-progress-'));
});

test('there is none before the start, nor where it cannot be read', () => {
  progress().at(5000).note(step(11));
  expect(existsSync(path.join(directory, 'progress.json'))).toBe(false);
  expect(readProgress(directory)).toBeUndefined();
  for (const damaged of ['', '{', '{"epoch":1}']) {
    writeFileSync(path.join(directory, 'progress.json'), damaged);
    expect(readProgress(directory)).toBeUndefined();
  }
});
