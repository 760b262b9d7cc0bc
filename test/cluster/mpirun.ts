/** Several ranks of `decalign` as Open MPI's launcher starts them. */
import { spawn, spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { compiled } from '../compiled.ts';
import { callOf, environmentOf, processes } from './processes.ts';
import { finished, type Finished } from '../process.ts';

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
  readonly onStderr?: (text: string) => void;
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
  return finished(spawn(call[0]!, call.slice(1), { cwd: tmpdir(), env }), onStderr);
}

/** The process of a rank whose call has these words in it; undefined where it has none yet. */
export const processOfRank = (rank: number, words: string): number | undefined =>
  processes().find((pid) => {
    if (environmentOf(pid).get('OMPI_COMM_WORLD_RANK') !== String(rank)) return false;
    const call = callOf(pid);
    return call.includes(words) && call.includes(compiled());
  });
