/** The command line as its users start it: a process of its own. */
import { spawn, type ChildProcess, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { compiled } from './compiled.ts';

const faults = path.resolve(import.meta.dirname, 'crash/faults.mjs');

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  /** Variables of its environment beside those of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Largest file in KiB, as `ulimit -f` has it: a disk that is full. */
  readonly largestFile?: number;
  /** What befalls it at one of its calls that change files: test/crash/faults.mjs says how. */
  readonly fault?: string;
  /** A file in which the number of such calls is written. */
  readonly calls?: string;
  readonly onStart?: (child: ChildProcess) => void;
  /** Sees all that has arrived on stderr, to act on the process. */
  readonly onStderr?: (text: string, child: ChildProcess) => void;
}

/** Runs `decalign ...args` to its end, in a process of its own. */
export function decalign(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const { cwd = tmpdir(), env: more = {}, largestFile, fault, calls, onStart, onStderr } = options;
  const watched = fault !== undefined || calls !== undefined;
  const call = [process.execPath, ...(watched ? ['--import', faults] : []), compiled(), ...args];
  const env = {
    ...{ ...process.env, CI: '1', ...more },
    ...(fault !== undefined && { DECALIGN_FAULT: fault }),
    ...(calls !== undefined && { DECALIGN_CALLS: calls }),
  };
  const child =
    largestFile === undefined
      ? spawn(call[0]!, call.slice(1), { cwd, env })
      : spawn('bash', ['-c', `ulimit -f ${largestFile}; exec "$@"`, 'bash', ...call], { cwd, env });
  onStart?.(child);
  return finished(child, onStderr);
}

/** What a process prints until it ends, and how that was; `onStderr` sees all that has arrived on stderr. */
export function finished(
  child: ChildProcessWithoutNullStreams,
  onStderr?: (text: string, child: ChildProcess) => void,
): Promise<Finished> {
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
