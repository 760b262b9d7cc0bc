/** Jobs in processes of their own, a few at a time: one that fails or is killed takes nobody with it. */
import type { ChildProcess } from 'node:child_process';
import * as z from 'zod';
import { stageLengths } from '../../runs/record/progress.ts';
import { finished, type EpochDone, type Job, type JobResult } from './job.ts';

export type Outcome =
  | {
      readonly status: 'done';
      readonly result: JobResult;
      /** Whether an earlier call did it. */ readonly kept: boolean;
    }
  | { readonly status: 'failed'; readonly reason: string }
  | { readonly status: 'stopped' };

export interface PoolOptions {
  /** How many processes run at a time. */
  readonly jobs: number;
  /** A process that does a job, tells of its epochs by messages, stops at the message "stop", and ends with 0 once the job is finished. */
  readonly start: (job: Job) => ChildProcess;
  readonly signal?: AbortSignal;
}

const epochMessage = z.object({ epoch: z.number(), epochs: z.number(), stages: stageLengths.optional() });

export class JobPool {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly options: PoolOptions) {}

  /** Does a job when its turn comes; one that is finished already is not done again. */
  async run(job: Job, onEpoch: (event: EpochDone) => void = () => undefined): Promise<Outcome> {
    if (this.running >= this.options.jobs) await new Promise<void>((resolve) => this.waiting.push(resolve));
    this.running++;
    try {
      const before = finished(job.directory);
      if (before) return { status: 'done', result: before, kept: true };
      if (this.options.signal?.aborted) return { status: 'stopped' };
      return await this.inProcess(job, onEpoch);
    } finally {
      this.running--;
      this.waiting.shift()?.();
    }
  }

  private inProcess(job: Job, onEpoch: (event: EpochDone) => void): Promise<Outcome> {
    const { start, signal } = this.options;
    return new Promise((resolve) => {
      const child = start(job);
      let said = '';
      const stop = (): void => {
        if (child.connected) child.send('stop');
      };
      const settle = (outcome: Outcome): void => {
        signal?.removeEventListener('abort', stop);
        resolve(outcome);
      };
      child.stderr?.on('data', (data: Buffer) => (said = (said + data.toString()).slice(-4000)));
      child.on('message', (message) => {
        const parsed = epochMessage.safeParse(message);
        if (parsed.success) onEpoch(parsed.data);
      });
      child.on('error', (error) => settle({ status: 'failed', reason: error.message }));
      child.on('close', (code, killed) => {
        const result = code === 0 ? finished(job.directory) : undefined;
        if (result) settle({ status: 'done', result, kept: false });
        else if (signal?.aborted) settle({ status: 'stopped' });
        else settle({ status: 'failed', reason: reasonOf(code, killed, said) });
      });
      signal?.addEventListener('abort', stop);
    });
  }
}

/** In one line: what the process said last, or how it ended. */
function reasonOf(code: number | null, signal: NodeJS.Signals | null, said: string): string {
  if (signal === 'SIGKILL') return 'its process was killed (SIGKILL), as happens when memory runs out';
  if (signal !== null) return `its process ended by ${signal}`;
  const lines = said.split('\n').map((line) => line.trim());
  // An error that nobody caught is printed with its stack below it.
  const last =
    lines.findLast((line) => /^(decalign:|\w*Error\b.*:) /.test(line)) ?? lines.findLast((line) => line !== '');
  return last === undefined ? `its process ended with ${code ?? 'no code'}` : last.replace(/^decalign: /, '');
}
