/** `decalign reproduce`, on runs that the command line made. */
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, test, vi } from 'vitest';
import type { Reproduction } from '../../src/experiments/reproduce.ts';
import { decalign, decalignHere, temporaryFolder, tiny } from './decalign.ts';
import { save, tables } from './feature-file.ts';

const folder = temporaryFolder();
const at = (...names: string[]): string => path.join(folder, ...names);
const data = at('mosi-small.pkl');

beforeAll(async () => {
  save(data, tables());
  expect(await decalignHere(['train', data, ...tiny, '--epochs', '2', '--out', at('run')])).toMatchObject({ code: 0 });
});

/** A copy of the run with its record changed. */
function changed(name: string, change: (text: string) => string): string {
  cpSync(at('run'), at(name), { recursive: true });
  const file = at(name, 'config.json');
  writeFileSync(file, change(readFileSync(file, 'utf8')));
  return at(name);
}

test('a run is the same to the last bit, and says so', async () => {
  const { code, stdout } = await decalign(['reproduce', at('run'), '--quiet']);
  expect([code, stdout]).toEqual([0, expect.stringMatching(/run: reproduced, identical to the last bit \(2 epochs, /)]);
  expect(stdout.trim().split('\n')).toHaveLength(1);
});

test('a run with another seed is not: each number that differs is counted, the first are shown', async () => {
  const other = changed('other-seed', (text) => text.replace('"seed": 1', '"seed": 2'));
  const { code, stdout } = await decalignHere(['reproduce', other, '--json', '--out', at('again')]);
  expect(code).toBe(1);
  const found = JSON.parse(stdout) as Reproduction;
  expect(found).toMatchObject({ run: other, identical: false, epochs: 2 });
  expect(found.different).toBeGreaterThan(found.parameters / 2);
  expect(found.different).toBeLessThan(found.numbers);
  expect(found.differences[0]!.where).toBe('metrics.jsonl epoch 1 losses task');
  const [line] = readFileSync(at('again', 'metrics.jsonl'), 'utf8').split('\n');
  const { losses } = JSON.parse(line!) as { losses: { task: number } };
  expect(found.differences[0]!.after).toBe(losses.task);
});

test('what the surroundings have become is told', async () => {
  cpSync(at('run'), at('elsewhere'), { recursive: true });
  const file = at('elsewhere', 'environment.json');
  writeFileSync(file, readFileSync(file, 'utf8').replace(/"node": "[^"]*"/, '"node": "v18.0.0"'));
  const { code, stdout } = await decalign(['reproduce', at('elsewhere'), '--quiet']);
  expect(code).toBe(0);
  expect(stdout).toContain(`Other surroundings:\n  node: v18.0.0, now ${process.version}\n`);
});

test('folds are made again as they were', async () => {
  const whole = tables();
  for (const [split, { id }] of Object.entries(whole)) whole[split]!['id'] = id!.map((_, n) => `${split} ${n}`);
  save(at('folded.pkl'), whole);
  const call = ['train', at('folded.pkl'), ...tiny, '--epochs', '1', '--folds', '3', '--out', at('folds')];
  expect(await decalignHere(call)).toMatchObject({ code: 0 });
  const { code, stdout } = await decalignHere(['reproduce', at('folds'), '--quiet']);
  expect(code).toBe(0);
  expect(stdout.match(/fold-\d: reproduced, identical/g)).toHaveLength(3);
});

test.each([1, 2])('a run directory of format %i is done again from its record', async (format) => {
  const fixture = (name: string): string => path.resolve(import.meta.dirname, '../fixtures', name);
  const call = ['reproduce', fixture(`runs/run-${format}`), '--data', fixture('data/packed-1'), '--json', '--quiet'];
  const { stdout, stderr } = await decalignHere(call);
  expect(stderr).toBe('');
  const found = JSON.parse(stdout) as Reproduction;
  // Bit for bit on the processor that made it, and close to it on any other.
  expect(found).toMatchObject({ epochs: 2, parameters: 269 });
  expect(found.largest).toBeLessThan(1e-3);
});

test.each<[string, readonly number[], readonly NodeJS.Signals[]]>([
  ['Ctrl-C', [130], ['SIGINT']],
  ['SIGTERM', [143], ['SIGTERM']],
  // It sleeps until both are there, or it might be done with the first before the second is sent. Which of its threads
  // hears one first is the system's choice.
  ['Ctrl-C and SIGTERM at once', [130, 143], ['SIGSTOP', 'SIGINT', 'SIGTERM', 'SIGCONT']],
])('interrupted by %s it exits with one of %j and leaves nothing behind', async (name, codes, signals) => {
  // So many epochs that no machine is done with them before the signal has reached it.
  const long = changed(name.replaceAll(' ', '-'), (text) =>
    text.replace('"epochs": 2', '"epochs": 500').replace('"patience": 8', '"patience": null'),
  );
  const temporary = at('temporary');
  mkdirSync(temporary, { recursive: true });
  vi.stubEnv('TMPDIR', temporary);
  let held: string[] = [];
  const { stdout, stderr, ...ended } = await decalign(['reproduce', long], {
    onStderr(said, child) {
      if (held.length > 0 || !said.includes('epoch 1 done')) return;
      held = readdirSync(temporary);
      for (const signal of signals) child.kill(signal);
    },
  });
  vi.unstubAllEnvs();
  expect(codes).toContain(ended.code);
  expect(stdout).toBe('');
  expect(held).toEqual([expect.stringMatching(/^decalign-reproduce-/)]);
  expect(readdirSync(temporary)).toEqual([]);
  const lines = stderr.split('\n').filter((line) => !line.includes('epoch'));
  const heard = 'finishing the step; once more to stop at once';
  expect(lines).toEqual(signals.length > 1 ? [heard, ''] : [heard, 'Interrupted; nothing was kept.', '']);
});

test.each<[string, () => string[], RegExp]>([
  ['of no run', () => [at('nowhere')], /nowhere does not exist; name the directory of a run/],
  [
    'of a run that has not finished',
    () => {
      const run = changed('unfinished', (text) => text);
      rmSync(path.join(run, 'result.json'));
      return [run];
    },
    /unfinished has not finished, so there is no result to reproduce/,
  ],
  [
    'whose data is gone',
    () => [changed('moved', (text) => text.replace('mosi-small.pkl', 'gone.pkl'))],
    /gone\.pkl, the data of .*moved, is not here; say where it is with --data FILE/,
  ],
  [
    'with other data',
    () => {
      save(at('other.pkl'), { ...tables(), test: tables()['train']! });
      return [at('run'), '--data', at('other.pkl')];
    },
    /other\.pkl holds other samples than .*run was trained on/,
  ],
  [
    'whose record has a key that is not known',
    () => [changed('edited', (text) => text.replace('"learningRate"', '"learningRates"'))],
    /config\.json: .*learningRates.*learningRate/,
  ],
])('a call %s is refused in one line', async (_, call, message) => {
  const { code, stderr, stdout } = await decalignHere(['reproduce', ...call(), '--quiet']);
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(message);
  expect(stderr.trim()).not.toContain('\n');
});
