/** Several ranks of `decalign` as Open MPI's launcher starts them. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { compiled } from '../compiled.ts';
import type { Finished } from '../process.ts';

/** Why no ranks can be started on this machine; undefined where they can. */
export function whyNoMpi(): string | undefined {
  return spawnSync('mpirun', ['--version']).status === 0 ? undefined : 'mpirun not found (Debian: openmpi-bin)';
}

export interface MpiRun {
  /** Seconds that ranks wait for each other. */
  readonly deadline?: number;
  /** Options of mpirun. */
  readonly options?: readonly string[];
  /** What starts mpirun, such as a network namespace's command. */
  readonly before?: readonly string[];
  /** Sees all that has arrived on stderr. */
  readonly onStderr?: (text: string, mpirun: ChildProcess) => void;
}

/** Runs `decalign ...args` on so many ranks; with several lists of arguments, those of the first rank and so on. */
export function onRanks(
  count: number,
  args: readonly string[] | readonly (readonly string[])[],
  { deadline = 120, options = [], before = [], onStderr }: MpiRun = {},
): Promise<Finished> {
  const lists = typeof args[0] === 'string' ? undefined : (args as readonly (readonly string[])[]);
  const called = (list: readonly string[]): string[] => [process.execPath, compiled(), ...list];
  const ranks = lists
    ? lists.flatMap((list, i) => [...(i > 0 ? [':'] : []), '-n', '1', ...called(list)])
    : ['-n', String(count), ...called(args as readonly string[])];
  // More ranks than cores, and as root in a container: both have to be allowed.
  const call = [...before, 'mpirun', '--allow-run-as-root', '--oversubscribe', ...options, ...ranks];
  const env = { ...process.env, CI: '1', DECALIGN_DEADLINE: String(deadline) };
  const child = spawn(call[0]!, call.slice(1), { cwd: tmpdir(), env });
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

/** The process of a rank whose call has these words in it; undefined where it has none yet. */
export function processOfRank(rank: number, words: string): number | undefined {
  const found = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .find((pid) => {
      try {
        const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
        const call = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return (
          environment.includes(`OMPI_COMM_WORLD_RANK=${rank}`) && call.includes(words) && call.includes(compiled())
        );
      } catch {
        return false;
      }
    });
  return found;
}
