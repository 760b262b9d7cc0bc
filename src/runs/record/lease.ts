/**
 * The lease by which a process holds a run. It is the content of the process's lock, which a thread writes anew as long
 * as the process lives. A process on another machine cannot be asked whether it lives, and clocks of machines differ: who
 * sees on its own clock that the content stays the same for the length of the lease knows that it does not.
 */
import { existsSync, readlinkSync, rmSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import * as z from 'zod';
import { writeFileAtomic } from '../../files/atomic.ts';
import { readBytes } from '../../files/read.ts';
import { parsedText } from '../../json/text.ts';

/** Seconds that a lease lasts, and after which it is renewed. */
export const usualTerms = { seconds: 30, renewal: 10 } as const;
export type Terms = { readonly [K in keyof typeof usualTerms]: number };

const schema = z.object({
  /** Seconds without a renewal after which the process counts as dead. */
  seconds: z.number(),
  /** When the run was locked, on the clock of its machine: for people. */
  since: z.string(),
  /** Numbers of processes mean the same processes where this is the same; absent where the system does not tell. */
  processes: z.string().optional(),
  /** The job of Slurm that the process is of, and how often it has been started again. */
  slurm: z.object({ job: z.string(), restarts: z.int() }).optional(),
  /** Whether the process still looks whether another one holds the run. */
  looking: z.boolean(),
  /** How often it has been renewed. */
  renewed: z.int(),
});
export type Lease = z.output<typeof schema>;

/** The lease in the content of a lock; undefined for that of an earlier release, which is empty. */
export const leaseIn = (text: string): Lease | undefined => schema.safeParse(parsedText(text)).data;

/** The content of a lock; undefined where it is gone. */
export function lockText(file: string): string | undefined {
  try {
    return readBytes(file).toString('utf8');
  } catch {
    return undefined;
  }
}

/** The lease of this process. */
function ownLease(seconds: number): Lease {
  const [processes, slurm] = [processSpace(), slurmJob()];
  return {
    ...{ seconds, since: new Date().toISOString() },
    ...(processes !== undefined && { processes }),
    ...(slurm && { slurm }),
    ...{ looking: true, renewed: 0 },
  };
}

function slurmJob(): Lease['slurm'] {
  const { SLURM_JOB_ID: job, SLURM_RESTART_COUNT: restarts = '0' } = process.env;
  return job === undefined ? undefined : { job, restarts: Number(restarts) };
}

/** What tells containers on one machine apart, which may have the machine's name and number their processes anew. */
export function processSpace(): string | undefined {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return undefined;
  }
}

/** Whether this process is of the job that held a lease, which its scheduler has started again since: the first has ended. */
export function isStartedAgain({ slurm: before }: Lease): boolean {
  const now = slurmJob();
  return now !== undefined && now.job === before?.job && now.restarts > before.restarts;
}

/**
 * A thread renews the leases of the process: a step of training blocks the first one as long as it takes, and so does the
 * making of a program. What is written lies over what was there, so that a lock which is gone stays gone.
 */
const renewer = `
  const { closeSync, openSync, writeSync } = require('node:fs');
  const leases = new Map();
  const renew = ({ file, lease }) => {
    lease.renewed++;
    try {
      const descriptor = openSync(file, 'r+');
      try {
        writeSync(descriptor, JSON.stringify(lease), 0);
      } finally {
        closeSync(descriptor);
      }
    } catch {
      // The disk may answer the next time; that the lock is gone is told where the run is written.
    }
  };
  require('node:worker_threads').parentPort.on('message', ({ file, begin, held }) => {
    if (begin) {
      const renewed = { file, lease: begin.lease };
      leases.set(file, { ...renewed, timer: setInterval(renew, 1000 * begin.renewal, renewed) });
    } else if (held) {
      const { lease } = leases.get(file);
      lease.looking = false;
      renew({ file, lease });
    } else {
      clearInterval(leases.get(file).timer);
      leases.delete(file);
    }
  });`;

interface Told {
  readonly file: string;
  readonly begin?: { readonly lease: Lease; readonly renewal: number };
  /** Whether it looks no more; without this and `begin` the lease ends. */
  readonly held?: true;
}

let thread: Worker | undefined;
function tell(message: Told): void {
  if (!thread) {
    thread = new Worker(renewer, { eval: true, execArgv: [] });
    thread.unref();
  }
  thread.postMessage(message);
}

export interface HeldLease {
  /** Says that the run is held. */
  readonly hold: () => void;
  /** Whether the lock is still there: one who took this process for dead has removed it. */
  readonly isHeld: () => boolean;
  /** Removes the lock. */
  readonly release: () => void;
}

/** Writes the lock of a process that looks for others, and keeps its lease until it is released, or the process ends. */
export function holdLease(file: string, { seconds, renewal }: Terms): HeldLease {
  const lease = ownLease(seconds);
  // As a whole, since an empty lock is that of an earlier release.
  writeFileAtomic(file, JSON.stringify(lease), { durable: false });
  tell({ file, begin: { lease, renewal } });
  const release = (): void => {
    process.off('exit', release);
    tell({ file });
    rmSync(file, { force: true });
  };
  // A second Ctrl-C ends the process without giving it time for anything else.
  process.on('exit', release);
  return { hold: () => tell({ file, held: true }), isHeld: () => existsSync(file), release };
}
