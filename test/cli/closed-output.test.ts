/** A reader that stops early, as `head` does, stops no work that is under way. */
import { existsSync, readFileSync } from 'node:fs';
import type { ChildProcess } from 'node:child_process';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { decalign, temporaryFolder, tiny } from './decalign.ts';
import { save, tables } from './feature-file.ts';

const folder = temporaryFolder();
const data = path.join(folder, 'small.pkl');
beforeAll(() => void save(data, tables()));

const train = ['train', data, ...tiny, '--no-references', '--seeds', '1,2', '--epochs', '2'];

test.each([
  ['stdout is closed', ['stdout'] as const],
  ['stdout and stderr are closed, as by 2>&1 | head -1', ['stdout', 'stderr'] as const],
])('%s as a training begins: its runs finish', async (name, closed) => {
  const out = path.join(folder, name.replaceAll(/\W/g, '-'));
  let isClosed = false;
  const ended = await decalign([...train, '--out', out], {
    cwd: folder,
    onStderr(_, child) {
      isClosed = true;
      for (const stream of closed) child[stream]!.destroy();
    },
  });
  expect(isClosed).toBe(true);
  expect(ended).toMatchObject({ code: 0, signal: null });
  for (const run of ['seed-1', 'seed-2', '.']) expect(existsSync(path.join(out, run, 'result.json')), run).toBe(true);
});

test('closed outputs change nothing of an exit code', async () => {
  const close = { onStart: (child: ChildProcess): void => void child.stderr?.destroy() };
  expect((await decalign(['inspect', path.join(folder, 'none.pkl')], close)).code).toBe(1);
});

test('a reader of predictions that stops early leaves the representations whole', async () => {
  const run = path.join(folder, 'run');
  await decalign([...train.slice(0, -4), '--epochs', '1', '--out', run, '--quiet']);
  const features = path.join(folder, 'features.safetensors');
  const predict = ['predict', run, data, '--features', features];
  const whole = await decalign(predict);
  expect(whole.code, whole.stderr).toBe(0);
  const before = readFileSync(features);
  const ended = await decalign(predict, { onStart: (child) => child.stdout?.destroy() });
  expect(ended).toMatchObject({ code: 0, stderr: whole.stderr });
  expect(readFileSync(features).equals(before)).toBe(true);
});
