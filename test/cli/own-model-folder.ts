/** A folder with a copy of the example of a model of one's own and with data, and no package beside it; the command line in it. */
import { cpSync, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';
import { decalign, temporaryFolder, type Finished } from './decalign.ts';
import { save, tables } from './feature-file.ts';

export const folder = temporaryFolder();
export const at = (...names: string[]): string => path.join(folder, ...names);
export const own = ['--model', './mine/gated-fusion.js'];
export const quick = ['--epochs', '2', '--threads', '1', '--quiet'];

/** Fills the folder. */
export function fill(): void {
  save(at('small.pkl'), tables());
  cpSync(path.resolve(import.meta.dirname, '../../examples/own-model'), at('mine'), { recursive: true });
  for (let above = folder; above !== path.dirname(above); above = path.dirname(above))
    expect(existsSync(path.join(above, 'node_modules')), `packages lie in ${above}, where none may be found`).toBe(
      false,
    );
}

export const call = (...args: string[]): Promise<Finished> => decalign(args, { cwd: folder });

/** What a call prints that must succeed. */
export async function printed(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await call(...args);
  expect([code, stderr]).toEqual([0, '']);
  return stdout;
}

/** The one line of a call that must fail. */
export async function refusal(code: 1 | 2, ...args: string[]): Promise<string> {
  const { stderr, stdout, ...ended } = await call(...args);
  expect(stderr.trimEnd().split('\n'), stderr).toHaveLength(1);
  expect([ended.code, stdout]).toEqual([code, '']);
  return stderr;
}

export const jsonIn = (...names: string[]): Record<string, unknown> =>
  JSON.parse(readFileSync(at(...names), 'utf8')) as Record<string, unknown>;
export const metricsOf = (...names: string[]): unknown => jsonIn(...names, 'result.json')['test'];
