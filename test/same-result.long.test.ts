/**
 * Bit-identical results for the same seed, data, configuration and threads: every dataset form, model and switch, run by
 * two processes at once, one of them in the reverse order.
 */
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { resolveConfig } from '../src/config/index.ts';
import { isTree } from '../src/json/tree.ts';
import { ablations, models } from '../src/models/index.ts';
import { temporaryFolder } from './cli/decalign.ts';
import { outcome } from './crash/run.ts';
import { cases, directoryOf } from './same-result/cases.ts';
import { writeData } from './same-result/data.ts';

const folder = temporaryFolder();
const at = (name: string): string => path.join(folder, name);
const root = path.resolve(import.meta.dirname, '..');
// No process outlives the test that started it.
const ended = new AbortController();
afterAll(() => ended.abort());

/** All cases in a process of its own. */
function runAll(out: string, ...order: readonly string[]): Promise<void> {
  const args = ['--import', 'tsx', path.join(import.meta.dirname, 'same-result/main.ts'), at('data'), out, ...order];
  const child = spawn(process.execPath, args, {
    ...{ cwd: root, stdio: ['ignore', 'ignore', 'pipe'] },
    signal: ended.signal,
  });
  let stderr = '';
  child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(stderr));
    });
  });
}

beforeAll(async () => {
  mkdirSync(at('data'));
  await writeData(at('data'));
  await Promise.all([runAll(at('once')), runAll(at('again'), '--reversed')]);
});

/** The keys of `defaults` that have the same value in `given`. */
function kept(defaults: unknown, given: unknown, key = ''): string[] {
  if (isTree(defaults) && isTree(given))
    return Object.keys(defaults).flatMap((name) => kept(defaults[name], given[name], key ? `${key}.${name}` : name));
  return JSON.stringify(defaults) === JSON.stringify(given) ? [key] : [];
}

test('the cases have every model, every ablation, and every switch of DecAlign and of training once', () => {
  const named = cases.map(({ values }) => values.model?.name ?? 'decalign');
  expect(new Set(named)).toEqual(new Set(Object.keys(models)));
  const configs = cases.filter((_, n) => named[n] === 'decalign').map(({ values }) => resolveConfig({ values }));
  const { model, train } = resolveConfig({});
  const unchanged = configs.map((each) => new Set(kept({ model, train }, each)));
  const never = kept({ model, train }, { model, train }).filter((key) => unchanged.every((keys) => keys.has(key)));
  expect(never).toEqual(['model.name', 'train.device']);
  const left = new Set(configs.flatMap((each) => each.model['without']));
  expect(left).toEqual(new Set(ablations));
});

test.each(cases.map(({ name }, index) => [name, index] as const))('%s', (_, index) => {
  const [once, again] = ['once', 'again'].map((name) => outcome(directoryOf(at(name), index)));
  expect(again!['metrics']).toBe(once!['metrics']);
  expect(again!['result']).toBe(once!['result']);
  // By name: what weights hold is too long to be shown.
  expect(Object.keys(once!).filter((name) => once![name] !== again![name])).toEqual([]);
  expect(once!['leftovers']).toBe('');
});
