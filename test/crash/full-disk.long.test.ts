/** A disk that is full, or fails: the run stops and says so in one line, and goes on to the same bits once there is room. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { random } from '../../src/data/random.ts';
import { readCheckpoint } from '../../src/runs/record/checkpoint.ts';
import { temporaryFolder } from '../cli/decalign.ts';
import { outcome, SmallRun } from './run.ts';

const folder = temporaryFolder();
const run = new SmallRun(folder);
const at = (name: string): string => path.join(folder, name);
let [calls, largest]: [number, number] = [0, 0];

beforeAll(async () => {
  expect(await run.start(at('whole'), { calls: at('calls') })).toMatchObject({ code: 0 });
  calls = Number(readFileSync(at('calls'), 'utf8'));
  largest = readFileSync(at('whole/checkpoint/latest.safetensors')).length;
});

/** One line, of the command, that says why. */
const line = (why: string): RegExp => new RegExp(`^decalign: Cannot write [^\\n]*: ${why}[^\\n]*\\n$`);

/** Every checkpoint that is there is sound, and the run goes on from it to the bits of one that was left alone. */
async function goesOn(directory: string): Promise<void> {
  expect((await readCheckpoint(directory))?.warning).toBeUndefined();
  expect(await run.start(directory)).toMatchObject({ code: 0, stderr: '' });
  expect(outcome(directory)).toEqual(outcome(at('whole')));
}

test('no file may grow as large as a checkpoint (ulimit -f)', async () => {
  const directory = at('limited');
  await run.start(directory, { fault: `SIGKILL@${Math.floor(calls / 2)}` });
  const before = await readCheckpoint(directory);
  expect(before?.state.step).toBeGreaterThan(0);
  const stopped = await run.start(directory, { largestFile: Math.floor(largest / 2048) });
  expect(stopped).toMatchObject({ code: 1, stderr: expect.stringMatching(line('the file would exceed')) as unknown });
  expect(await readCheckpoint(directory)).toEqual(before);
  await goesOn(directory);
});

describe.each([
  ['ENOSPC', 'the disk is full'],
  ['EIO', 'the disk reports an input/output error'],
])('%s, injected', (fault, why) => {
  test.each([0, 1])('in half %i of its calls', async (part) => {
    const directory = at(`${fault}-${part}`);
    // Not the very last, which gives the lock back.
    const call = 1 + Math.floor(((part + random(1, fault, part).uniform()) / 2) * (calls - 2));
    const stopped = await run.start(directory, { fault: `${fault}@${call}` });
    expect(stopped, `${fault}@${call}`).toMatchObject({ code: 1, stderr: expect.stringMatching(line(why)) as unknown });
    await goesOn(directory);
  });
});

test('a file system of its own that fills up', async ({ skip }) => {
  const directory = at('small');
  mkdirSync(directory);
  const room = (size: number, ...more: string[]): unknown =>
    execFileSync('mount', ['-t', 'tmpfs', '-o', [`size=${size}`, ...more].join(), 'tmpfs', directory], {
      stdio: 'pipe',
    });
  try {
    // Two checkpoints, a best and a third checkpoint in part.
    room(Math.floor(largest * 2.6));
  } catch (error) {
    skip(`mounting takes root: ${String(error).trim()}`);
  }
  try {
    const stopped = await run.start(path.join(directory, 'run'));
    expect(stopped).toMatchObject({ code: 1, stderr: expect.stringMatching(line('the disk is full')) as unknown });
    expect((await readCheckpoint(path.join(directory, 'run')))?.state.step).toBeGreaterThan(0);
    room(largest * 10, 'remount');
    await goesOn(path.join(directory, 'run'));
  } finally {
    execFileSync('umount', [directory]);
  }
});
