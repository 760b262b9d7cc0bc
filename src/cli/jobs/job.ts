import { finished, runJob, type Job, type JobOptions, type JobResult } from '../../experiments/benchmark/job.ts';
import { noteFailure, plannedJob, waitsFor } from '../../experiments/benchmark/jobs.ts';
import { InUseError } from '../../runs/record/run-lock.ts';
import { shellWord } from '../../text/shell-word.ts';
import { jobNames, outcomeText } from '../benchmark/progress.ts';
import { command } from '../command.ts';
import { interruptible } from '../interruption.ts';
import { shared } from '../options/shared.ts';
import { epochText } from '../printing/epoch-text.ts';
import { StatusLine } from '../printing/status-line.ts';
import { UsageError } from '../usage-error.ts';

export const jobCommand = command('job', {
  summary: 'one job of an experiment that was planned (--plan), on any machine that shares its folder',
  example: 'decalign job results 3',
  description:
    'Does job N of the experiment in DIR. What is done is not done again, what was begun goes on from its last checkpoint, and what another process is at is left to it, with exit code 1. `decalign collect DIR` makes the tables when all are done.',
  arguments: [
    ['<dir>', 'the folder that --plan named'],
    ['<n>', 'the number of the job, from 1'],
  ],
  options: [shared.quiet],
  action: async (directory, text, { quiet = false }) => {
    const number = Number(text);
    if (!/^[1-9]\d{0,8}$/.test(text)) throw new UsageError(`"${text}" is no number of a job: they count from 1.`);
    const { name, job, best } = plannedJob(directory, number);
    const told = `job ${number} (${jobNames(name)})`;
    if (!job)
      throw new Error(
        best?.status === 'failed'
          ? `${told} is of the best of its trials, and all of them failed.`
          : `${told} waits for random trials: ${waitsFor(best)}.`,
      );
    if (finished(job.directory)) {
      process.stdout.write(`${told} is done already\n`);
      return;
    }
    noteFailure(directory, number, undefined);
    const work = (options: JobOptions): Promise<JobResult | undefined> =>
      attempted(directory, { ...job, number }, { ...options, told });
    const result =
      process.env[poolVariable] === undefined ? await byHand(work, { directory, number, quiet }) : await forPool(work);
    if (result) process.stdout.write(`${told}: ${outcomeText(result)}\n`);
  },
});

/** A variable of the environment that says that a pool started a process, which listens to it. */
export const poolVariable = 'DECALIGN_POOL';

type Work = (options: JobOptions) => Promise<JobResult | undefined>;

/** Does a job, and keeps why it failed for the tables. */
async function attempted(
  directory: string,
  job: Job & { readonly number: number },
  { told, ...options }: JobOptions & { readonly told: string },
): Promise<JobResult | undefined> {
  try {
    return await runJob(job, options);
  } catch (error) {
    if (error instanceof InUseError)
      throw new Error(`${told} is being done by ${error.holder}: leave it to that one.`, { cause: error });
    if (!options.signal?.aborted)
      noteFailure(directory, job.number, error instanceof Error ? error.message : String(error));
    throw error;
  }
}

interface Call {
  readonly directory: string;
  readonly number: number;
  readonly quiet: boolean;
}

function byHand(work: Work, { directory, number, quiet }: Call): Promise<JobResult | undefined> {
  const status = new StatusLine(quiet);
  const note = (text: string): void => status.print(text, { always: true });
  return interruptible(
    async (signal) => {
      try {
        return await work({
          signal,
          onWait: note,
          onEpoch: ({ epoch, epochs, stages }) => status.draw([epochText(epoch, epochs, stages)]),
        });
      } finally {
        status.clear();
      }
    },
    {
      stopping: () => note('finishing the step; once more to stop at once'),
      stopped: `Interrupted. To go on:\n  decalign job ${shellWord(directory)} ${number}`,
    },
  );
}

/**
 * Does a job in a process that a pool has started: epochs are told by messages, the message "stop" ends it, and so does the end of
 * the pool's process.
 */
async function forPool(work: Work): Promise<JobResult | undefined> {
  const interruption = new AbortController();
  const gone = (): never => process.exit(1);
  const listen = (message: unknown): void => {
    if (message === 'stop') interruption.abort();
  };
  process.on('message', listen).on('disconnect', gone);
  // Ctrl-C at a terminal reaches this process too; it waits for the pool's message instead.
  process.on('SIGINT', () => undefined);
  try {
    return await work({ signal: interruption.signal, onEpoch: (event) => process.send?.(event) });
  } finally {
    // Node ends the process when no listener keeps the channel open.
    process.off('message', listen).off('disconnect', gone);
  }
}
