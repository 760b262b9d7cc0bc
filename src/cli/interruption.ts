/** Ctrl-C (SIGINT) and SIGTERM: the work under way is asked to stop, and the exit code tells which signal it was. */
import { shellWord } from '../text/shell-word.ts';

const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const;
type Signal = keyof typeof exitCodes;

export interface Interruption {
  /** Called at the first signal, to say that stopping may take a while. A second signal ends the process, with or without it. */
  readonly stopping?: () => void;
  /** The line that is printed to stderr once the work has stopped. */
  readonly stopped: string;
  /** The exit code once the work has stopped, where it is another than that of a signal. */
  readonly codes?: { readonly [Name in Signal]?: number };
}

/**
 * The result of `work`; undefined where a signal interrupted it. Interrupted work returns undefined, or throws the
 * reason of its abort signal.
 */
export async function interruptible<T>(
  work: (signal: AbortSignal) => Promise<T | undefined>,
  { stopping, stopped, codes }: Interruption,
): Promise<T | undefined> {
  const interruption = new AbortController();
  const { signal } = interruption;
  let first: Signal | undefined;
  const stop = (name: Signal): void => {
    if (first) process.exit(exitCodes[name]);
    stopping?.();
    first = name;
    interruption.abort();
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  try {
    const done = await work(signal);
    if (done !== undefined || !first) return done;
  } catch (error) {
    if (!first || error !== signal.reason) throw error;
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
  process.stderr.write(`${stopped}\n`);
  process.exitCode = codes?.[first] ?? exitCodes[first];
  return undefined;
}

/** Calls `clean` before SIGINT or SIGTERM ends the process, until the function that is returned is called. */
export function beforeSignalEnds(clean: () => void): () => void {
  const stop = (name: Signal): void => {
    clean();
    process.exit(exitCodes[name]);
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  return () => void process.off('SIGINT', stop).off('SIGTERM', stop);
}

/** The command line that resumes this call into `directory`: the call with --out and --resume, quoted for a shell. */
export function resumeCommand(directory: string): string {
  const given = process.argv.slice(2).filter((argument) => argument !== '--resume');
  const named = given.some((argument) => argument === '--out' || argument.startsWith('--out='));
  const call = ['decalign', ...given, ...(named ? [] : ['--out', directory]), '--resume'];
  return call.map(shellWord).join(' ');
}
