/** A batch script for Slurm. */
import { realpathSync } from 'node:fs';
import path from 'node:path';
import { ranges } from '../../experiments/benchmark/jobs.ts';
import { shellWord } from '../../text/shell-word.ts';

interface Jobs {
  readonly directory: string;
  /** Those that are not done, at least one. */
  readonly undone: readonly number[];
  /** The jobs of each stage. */
  readonly stages: readonly (readonly number[])[];
  /** Of each job. */
  readonly threads: number;
}

/**
 * An array of jobs, each of which Slurm starts again where its node fails or its place is taken. The job's process stands in the
 * place of the script (`exec`), so that TERM reaches it once: it writes a checkpoint and ends with 143.
 */
export function slurmScript({ directory, undone, stages, threads }: Jobs): string {
  const folder = path.resolve(directory);
  if (/["\\\p{Cc}]/u.test(folder))
    throw new Error(
      `Slurm cannot be told of ${JSON.stringify(folder)}: plan in a folder without quotes, backslashes and line breaks.`,
    );
  // % begins a pattern of Slurm's.
  const output = path.join(folder.replaceAll('%', '%%'), 'jobs', '%a.log');
  // npx calls a link in a cache of this machine's, which leads to where the package is.
  const program = [process.execPath, realpathSync(process.argv[1]!), 'job', folder].map(shellWord).join(' ');
  const of = stages.map((numbers) => numbers.filter((number) => undone.includes(number)));
  const [first, ...later] = of.filter((numbers) => numbers.length > 0);
  return [
    '#!/bin/bash',
    '#SBATCH --job-name=decalign',
    `#SBATCH --array=${ranges(first!)}`,
    `#SBATCH --cpus-per-task=${threads}`,
    '#SBATCH --requeue',
    '#SBATCH --open-mode=append',
    `#SBATCH --output=${/\s/.test(output) ? `"${output}"` : output}`,
    '# So long before the limit of time, if there is one, the job is told to write its checkpoint.',
    '#SBATCH --signal=B:TERM@60',
    ...later.map(
      (numbers) =>
        `# These wait for the ones above: sbatch --dependency=afterany:JOB --array=${ranges(numbers)} THIS_SCRIPT`,
    ),
    `cd ${shellWord(process.cwd())} || exit`,
    `exec ${program} "$SLURM_ARRAY_TASK_ID" --quiet`,
    '',
  ].join('\n');
}
