/** The command line: as its users start it, in a process of its own, and as a function of this one. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, vi } from 'vitest';
import { run } from '../../src/cli/run.ts';
import type { Finished } from '../process.ts';

export { filesIn } from '../compiled.ts';
export { decalign, type Finished } from '../process.ts';
export { complete, tiny } from './settings.ts';

/** A folder that goes when the test file is done. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'decalign-cli-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/**
 * Runs `decalign ...args` to its end in this process, which takes a tenth of the time: for calls that change nothing of
 * the process they are in, as wrong ones are. One at a time.
 */
export async function decalignHere(
  args: readonly string[],
  { cwd = tmpdir() }: { readonly cwd?: string } = {},
): Promise<Finished> {
  const written = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      written[name] += String(text);
      return true;
    }),
  );
  const before = process.cwd();
  process.chdir(cwd);
  try {
    await run(args);
    return { ...written, code: Number(process.exitCode ?? 0), signal: null };
  } finally {
    process.exitCode = undefined;
    process.chdir(before);
    for (const spy of spies) spy.mockRestore();
  }
}
