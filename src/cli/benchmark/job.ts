import { Command } from 'commander';
import { jobSchema, runJob, type Job } from '../../experiments/benchmark/job.ts';
import { withOneLineErrors } from '../command.ts';
import { UsageError } from '../usage-error.ts';

/**
 * The command that `benchmark` starts in a process of its own for every job. The job comes as the first message, and
 * events of its epochs go back as messages. The process ends when the benchmark's process does.
 */
export const benchmarkJobCommand = withOneLineErrors(new Command('benchmark-job'), 'decalign benchmark').action(
  async () => {
    if (!process.send) throw new UsageError('benchmark-job is started by benchmark, not by hand.');
    const tell = process.send.bind(process);
    const interruption = new AbortController();
    const gone = (): never => process.exit(1);
    let take: (message: unknown) => void = () => undefined;
    const first = new Promise<unknown>((resolve) => (take = resolve));
    const listen = (message: unknown): void => (message === 'stop' ? interruption.abort() : take(message));
    process.on('message', listen).on('disconnect', gone);
    // Ctrl-C at a terminal reaches this process too; it waits for the benchmark's message "stop" instead.
    process.on('SIGINT', () => undefined);
    try {
      const job: Job = jobSchema.parse(await first);
      await runJob(job, { signal: interruption.signal, onEpoch: (event) => tell(event) });
    } finally {
      // Node ends the process when no listener keeps the channel open.
      process.off('message', listen).off('disconnect', gone);
    }
  },
);
