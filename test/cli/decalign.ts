/** The command line: as its users start it, in a process of its own, and as a function. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, vi } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { compiled } from '../compiled.ts';

export { filesIn } from '../compiled.ts';
export { complete, tiny } from './settings.ts';

/** A folder that goes when the test file is done. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'decalign-cli-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  /** Largest file in KiB, as `ulimit -f` has it: a disk that is full. */
  readonly largestFile?: number;
  /** Sees what arrives on stderr, to act on the process. */
  readonly onStderr?: (text: string, child: ChildProcess) => void;
}

/** Runs `decalign ...args` to its end, in a process of its own. */
export function decalign(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const { cwd = tmpdir(), largestFile, onStderr } = options;
  const call = [process.execPath, compiled(), ...args];
  const env = { ...process.env, CI: '1' };
  const child =
    largestFile === undefined
      ? spawn(call[0]!, call.slice(1), { cwd, env })
      : spawn('bash', ['-c', `ulimit -f ${largestFile}; exec "$@"`, 'bash', ...call], { cwd, env });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
  child.stderr.on('data', (data: Buffer) => {
    stderr += data.toString();
    onStderr?.(stderr, child);
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      resolve({ code, signal, stdout, stderr });
    });
  });
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
