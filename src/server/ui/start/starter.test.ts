/** What is started and stopped, by processes that stand for training: where a run lies, and how it is asked to end. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Starter } from './starter.ts';

let root: string;
beforeEach(() => (root = mkdtempSync(path.join(tmpdir(), 'decalign-start-'))));
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Begins a run, as `decalign train --out` does, and does as `then` says. */
const starterOf = (then: string): Starter => {
  const program = `
    const { appendFileSync, writeFileSync } = require('node:fs');
    const directory = process.argv[process.argv.indexOf('--out') + 1];
    ${then}
    writeFileSync(directory + '/config.json', '{}');
    setInterval(() => undefined, 1000);`;
  return new Starter([process.execPath, '-e', program, '--'], root, []);
};
const request = { model: 'decalign', data: 'synthetic', values: {} };
const ended = (starter: Starter): Promise<void> =>
  expect.poll(() => starter.running(), { timeout: 300_000 }).toEqual([]);

test('a run that is stopped from two windows is asked once: a second signal would cost it its checkpoint', async () => {
  const starter = starterOf(`process.on('SIGTERM', () => {
    appendFileSync(directory + '/signals', 'SIGTERM ');
    setTimeout(() => process.exit(143), 200);
  });`);
  const directory = await starter.start({ ...request, name: 'one' });
  starter.stop(directory);
  starter.stop(directory);
  await ended(starter);
  expect(readFileSync(path.join(directory, 'signals'), 'utf8')).toBe('SIGTERM ');
  expect(starter.about(directory)?.failure).toBeUndefined();
  expect(() => starter.stop(directory)).toThrow('It does not train.');
});

test('a run that is stopped before it hears of signals was stopped, and failed in nothing', async () => {
  const starter = starterOf('');
  const directory = await starter.start({ ...request, name: 'one' });
  starter.stop(directory);
  await ended(starter);
  expect(starter.about(directory)?.failure).toBeUndefined();
});

test('a run that fails as it is stopped says why', async () => {
  const starter = starterOf(`process.on('SIGTERM', () => {
    console.error('decalign: the disk is full');
    process.exit(1);
  });`);
  const directory = await starter.start({ ...request, name: 'one' });
  starter.stop(directory);
  await ended(starter);
  expect(starter.about(directory)?.failure).toBe('the disk is full');
});

test.each(['seed-1', 'fold-3', 'config.json', 'benchmark.json', 'checkpoint', 'node_modules'])(
  'a run is not called %s, which would hide all others',
  async (name) => {
    await expect(starterOf('').start({ ...request, name })).rejects.toThrow(
      `"${name}" is what a part of a run is called`,
    );
    expect(readdirSync(root)).toEqual([]);
  },
);

test('in the folder of a run none is started, where nobody would look for it', async () => {
  writeFileSync(path.join(root, 'config.json'), '{}');
  await expect(starterOf('').start(request)).rejects.toThrow('show the one above it');
  expect(readdirSync(root)).toEqual(['config.json']);
});

test('a name that is taken stays with what has it', async () => {
  mkdirSync(path.join(root, 'one'));
  await expect(starterOf('').start({ ...request, name: 'one' })).rejects.toThrow('"one" is there already');
});

test('a folder that cannot be made is told of in words', async () => {
  rmSync(root, { recursive: true });
  writeFileSync(root, '');
  await expect(starterOf('').start({ ...request, name: 'one' })).rejects.toThrow(/^Cannot write .*: .+\.$/);
});
