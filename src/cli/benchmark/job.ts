import { Command } from 'commander';
import { jobSchema, runJob, type Job } from '../../experiments/benchmark/job.ts';
import { toldInOneLine } from '../command.ts';
import { UsageError } from '../usage-error.ts';

/** What `benchmark` starts, one process per job: takes the job as its first message, and goes when its starter does. */
export const benchmarkJobCommand = toldInOneLine(new Command('benchmark-job'), 'decalign benchmark').action(
  async () => {
    if (!process.send) throw new UsageError('benchmark-job is started by benchmark, not by hand.');
    const tell = process.send.bind(process);
    const interruption = new AbortController();
    const gone = (): never => process.exit(1);
    let take: (message: unknown) => void = () => undefined;
    const first = new Promise<unknown>((resolve) => (take = resolve));
    const listen = (message: unknown): void => (message === 'stop' ? interruption.abort() : take(message));
    process.on('message', listen).on('disconnect', gone);
    // An interrupt at the terminal reaches every process; the starter says what is to be done.
    process.on('SIGINT', () => undefined);
    try {
      const job: Job = jobSchema.parse(await first);
      await runJob(job, { signal: interruption.signal, onEpoch: (event) => tell(event) });
    } finally {
      // The process ends when nobody listens anymore.
      process.off('message', listen).off('disconnect', gone);
    }
  },
);
