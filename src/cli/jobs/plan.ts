import { configOf } from '../../experiments/benchmark/entries.ts';
import { plannedJob, ranges, stateOf, type JobState } from '../../experiments/benchmark/jobs.ts';
import { layoutIn, type Grid } from '../../experiments/benchmark/grid.ts';
import { stagesOf } from '../../experiments/benchmark/layout.ts';
import { readPlan } from '../../experiments/benchmark/recorded-plan.ts';
import { jobNames } from '../benchmark/progress.ts';
import { command } from '../command.ts';
import { refuseBoth, shared } from '../options/shared.ts';
import { slurmScript } from './slurm.ts';

export const planCommand = command('plan', {
  summary: 'what has become of the jobs of an experiment that was planned (--plan), or a batch script for them',
  example: 'decalign plan results --slurm > results.sbatch',
  description:
    'Tells which jobs of the experiment in DIR are done, which failed and which are to be done. A benchmark, an ablation or a sweep is planned by its own command, with --plan DIR.',
  arguments: [['<dir>', 'the folder that --plan named']],
  options: [
    { flag: '--slurm', help: 'print a script for sbatch: an array of the jobs that are not done' },
    shared.json,
  ],
  action: async (directory, { slurm, json }) => {
    refuseBoth({ slurm, json }, 'slurm', 'json');
    const { plan } = await readPlan(directory);
    const states = statesIn(plan);
    if (slurm) {
      const undone = states.flatMap(({ number, status }) => (status === 'done' ? [] : [number]));
      if (undone.length === 0)
        throw new Error(`${directory} has no job left: decalign collect ${directory} makes the tables.`);
      const { entries, data, given } = plan;
      const threads = entries.map((entry) =>
        entry.reference === undefined ? (configOf(entry, data[0]!.source, given).train.threads ?? 1) : 1,
      );
      const stages = stagesOf(layoutIn(plan));
      process.stdout.write(slurmScript({ directory, undone, stages, threads: Math.max(...threads) }));
      return;
    }
    if (json) process.stdout.write(`${JSON.stringify({ plan: directory, jobs: states })}\n`);
    else {
      const done = states.filter(({ status }) => status === 'done').length;
      const undone = states.filter(({ status }) => status !== 'done');
      process.stdout.write(`${done} of ${states.length} jobs are done.\n${undoneText(undone)}`);
    }
  },
});

interface NumberedState {
  readonly number: number;
  readonly name: string;
  readonly status: JobState['status'];
  readonly reason?: string;
}

/** What became of each job of a plan, in their order. Throws an Error where the file of one is not there. */
export function statesIn(plan: Grid): NumberedState[] {
  const { directory } = plan;
  const numbers = stagesOf(layoutIn(plan)).flat();
  return numbers
    .toSorted((a, b) => a - b)
    .map((number) => {
      const planned = plannedJob(directory, number);
      const state = stateOf(directory, planned);
      return {
        ...{ number, name: jobNames(planned.name), status: state.status },
        ...('reason' in state && { reason: state.reason }),
      };
    });
}

/** Lines on the jobs that failed and on those that are to be done. */
export function undoneText(states: readonly NumberedState[]): string {
  const missing = states.flatMap(({ number, status }) => (status === 'missing' ? [number] : []));
  return [
    ...states.flatMap(({ number, name, status, reason }) =>
      status === 'failed' ? [`job ${number} (${name}) failed: ${reason!}\n`] : [],
    ),
    ...(missing.length > 0 ? [`not done: ${missing.length === 1 ? 'job' : 'jobs'} ${ranges(missing)}\n`] : []),
  ].join('');
}
