/**
 * The jobs of an experiment as files of its folder, `jobs/1.json` and so on. A job can be started by hand on any machine that
 * shares the folder: it does nothing if it is done, and goes on if it was begun. What became of it is told by the
 * folder that it writes to, and where it failed by `jobs/1.failed`.
 */
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { makeFolder } from '../../files/append.ts';
import { writeFileAtomic } from '../../files/atomic.ts';
import { jsonIn } from '../../files/json.ts';
import { summarise } from '../../metrics/summary.ts';
import { severalRunDirectory } from '../../runs/record/several-runs.ts';
import { benchmarkText } from './entries.ts';
import { finished, taskSchema, type Job, type JobResult } from './job.ts';

/** A job as people name it. */
const nameSchema = z.object({
  data: z.string(),
  entry: z.string(),
  /** As in `seed 3`, `trial 2` or `seed 3 fold 1`; empty for a reference. */
  what: z.string(),
});
export type JobName = z.output<typeof nameSchema>;

const bestSchema = z.object({
  /** The jobs of each trial. */
  trials: z.array(z.array(z.int().positive()).min(1)).min(1),
  /** The metric of the validation split that the best one has. */
  metric: z.string(),
  better: z.enum(['lower', 'higher']),
});
type BestOf = z.output<typeof bestSchema>;

/** What is done, but for seed and fold; `folder` is where, below the folder of the experiment. */
const plannedTask = taskSchema
  .extend({ folder: z.string().regex(/^runs(\/(?!\.\.?(\/|$))[^/\\]+)+$/, { error: 'none below runs/' }) })
  .refine(({ config, reference }) => (config === undefined) !== (reference === undefined), {
    error: 'neither of a model nor of a reference, or of both',
  });

const fileSchema = z
  .object({
    format: z.literal('decalign job 1'),
    name: nameSchema,
    seed: z.int().nonnegative(),
    fold: z.object({ of: z.union([z.int(), z.string()]), index: z.int().nonnegative() }).optional(),
    /** Absent where it is that of the best trial. */
    task: plannedTask.optional(),
    best: bestSchema.optional(),
    /** Of a trial, what differs from the model as it is. */
    settings: z.array(z.string()).optional(),
  })
  .refine(({ task, best }) => (task === undefined) !== (best === undefined), {
    error: 'neither a task nor the best of trials, or both',
  });
export type JobFile = Omit<z.output<typeof fileSchema>, 'format'>;

const fileOf = (directory: string, number: number, ending: 'json' | 'failed'): string =>
  path.join(directory, 'jobs', `${number}.${ending}`);

/** Writes the jobs by number, in the place of those that were there; what failed before may be tried again. */
export function writeJobs(directory: string, jobs: ReadonlyMap<number, JobFile>): void {
  const folder = path.join(directory, 'jobs');
  makeFolder(folder);
  for (const name of readdirSync(folder)) {
    const [, number, ending] = /^(\d+)\.(json|failed)$/.exec(name) ?? [];
    if (ending === 'failed' || (ending === 'json' && !jobs.has(Number(number)))) rmSync(path.join(folder, name));
  }
  const last = Math.max(...jobs.keys());
  for (const [number, job] of jobs)
    writeFileAtomic(
      fileOf(directory, number, 'json'),
      `${JSON.stringify({ format: 'decalign job 1', ...job }, null, 2)}\n`,
      // One after another they would take their time; what a power cut takes is planned anew.
      { durable: number === last },
    );
}

/** A name as the key of a map. */
export const nameKey = ({ data, entry, what }: JobName): string => JSON.stringify([data, entry, what]);

/** The numbers of the jobs in a folder that can be read, by `nameKey`. */
export const knownJobs = (directory: string): ReadonlyMap<string, number> =>
  new Map(
    Array.from({ length: jobCount(directory) }, (_, i) => i + 1).flatMap((number) => {
      const job = jsonIn(path.join(directory, 'jobs'), `${number}.json`, z.object({ name: nameSchema }));
      return job ? [[nameKey(job.name), number] as const] : [];
    }),
  );

/** The number of the last job; 0 for a folder that is not of a planned experiment. */
export const jobCount = (directory: string): number => {
  const folder = path.join(directory, 'jobs');
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return 0;
  return Math.max(0, ...readdirSync(folder).map((name) => Number(/^(\d+)\.json$/.exec(name)?.[1] ?? 0)));
};

export interface PlannedJob {
  readonly number: number;
  readonly name: JobName;
  readonly settings: readonly string[];
  /** Absent where trials must come first. */
  readonly job?: Job;
  /** The trials that it is of the best of. */
  readonly best?: BestTrial;
}

/** A job of the experiment in a folder. Throws an Error where there is none of that number. */
export function plannedJob(directory: string, number: number): PlannedJob {
  return plannedIn(directory, number, readFile(directory, number));
}

function plannedIn(directory: string, number: number, file: JobFile): PlannedJob {
  const { name, seed, fold, task, best: of, settings = [] } = file;
  const best = of && bestTrial(directory, of);
  const chosen = task ?? (best?.status === 'chosen' ? readFile(directory, best.job).task : undefined);
  if (!chosen) return { number, name, settings, ...(best && { best }) };
  const { folder, ...rest } = chosen;
  const below = path.join(directory, folder);
  const whole = chosen.reference === undefined ? severalRunDirectory(below, 'seed', seed) : below;
  const job: Job = {
    ...{ ...rest, ...benchmarkText(rest, directory), seed, number },
    directory: fold ? severalRunDirectory(whole, 'fold', fold.index + 1) : whole,
    ...(fold && { fold }),
  };
  return { number, name, settings, job, ...(best && { best }) };
}

function readFile(directory: string, number: number): JobFile {
  const file = fileOf(directory, number, 'json');
  if (!existsSync(file)) {
    const count = jobCount(directory);
    throw new Error(
      count === 0
        ? `${directory} has no jobs: plan them, as by decalign benchmark DATA --plan ${directory}.`
        : number > count
          ? `${directory} has no job ${number}: its jobs are 1 to ${count}; where one is missing, plan anew with --resume.`
          : `${file} is missing: it was left out when the plan was last made, or lost; plan anew, by the command that did, with --resume.`,
    );
  }
  try {
    return fileSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    throw unreadable(file, 'job', error);
  }
}

/** The error of a file that is damaged, which names the place in it where that is known. */
export function unreadable(file: string, what: 'job' | 'plan', error: unknown): Error {
  const issue = error instanceof z.ZodError ? error.issues[0] : undefined;
  const where = issue ? ` (${[issue.path.join('.'), issue.message].filter(Boolean).join(': ')})` : '';
  return new Error(
    `${file} is no ${what} that can be read${where}: plan anew, by the command that did, with --resume.`,
    {
      cause: error,
    },
  );
}

/** What became of a job. */
export type JobState =
  | { readonly status: 'done'; readonly result: JobResult }
  | { readonly status: 'failed'; readonly reason: string }
  | { readonly status: 'missing'; readonly reason: string };

export function stateOf(directory: string, { number, job, best }: PlannedJob): JobState {
  const result = job && finished(job.directory);
  if (result) return { status: 'done', result };
  const failure = fileOf(directory, number, 'failed');
  if (existsSync(failure)) return { status: 'failed', reason: readFileSync(failure, 'utf8').trim() };
  // Its folder is made by the process that begins it.
  if (job)
    return {
      status: 'missing',
      reason: `job ${number} ${existsSync(job.directory) ? 'is not done' : 'has not been started'}`,
    };
  return best?.status === 'failed'
    ? { status: 'failed', reason: 'all of its trials failed' }
    : { status: 'missing', reason: `job ${number} waits for trials: ${waitsFor(best)}` };
}

/** Which trials are to come before, in words. */
export const waitsFor = (best: BestTrial | undefined): string =>
  best?.status === 'open' ? `of jobs ${ranges(best.jobs)} not all are done` : '';

/** Whole numbers in a few words, as in `1-3,7`. */
export function ranges(numbers: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const number of numbers.toSorted((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last?.[1] === number - 1) last[1] = number;
    else runs.push([number, number]);
  }
  return runs.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(',');
}

/** Keeps why a job failed, for the tables; undefined forgets it, when the job is started again. */
export function noteFailure(directory: string, number: number, reason: string | undefined): void {
  const file = fileOf(directory, number, 'failed');
  if (reason === undefined) rmSync(file, { force: true });
  else writeFileAtomic(file, `${reason.trim().replaceAll(/\s*\n\s*/g, ' ')}\n`);
}

/** What random search came to: no trial is chosen before each is done or has failed. */
export type BestTrial =
  | { readonly status: 'open'; readonly jobs: readonly number[] }
  | { readonly status: 'failed'; readonly reasons: readonly string[] }
  | {
      readonly status: 'chosen';
      readonly trial: number;
      readonly valid: number;
      readonly settings: readonly string[];
      /** The first job of the trial. */
      readonly job: number;
    };

function stateOfTrial(directory: string, number: number): JobState {
  const file = readFile(directory, number);
  if (!file.task) throw unreadable(fileOf(directory, number, 'json'), 'job', undefined);
  return stateOf(directory, plannedIn(directory, number, file));
}

function bestTrial(directory: string, { trials, metric, better }: BestOf): BestTrial {
  const states = trials.map((numbers) => numbers.map((number) => stateOfTrial(directory, number)));
  const open = trials.filter((_, t) => states[t]!.some(({ status }) => status === 'missing'));
  if (open.length > 0) return { status: 'open', jobs: open.flat() };
  const scored = states.flatMap((each, trial) => {
    const results = each.flatMap((state) => (state.status === 'done' ? [state.result.valid] : []));
    return results.length === each.length ? [{ trial, valid: summarise(results).mean[metric]! }] : [];
  });
  const reasons = states.flatMap((each) => {
    const failed = each.find((state) => state.status === 'failed');
    return failed ? [failed.reason] : [];
  });
  if (scored.length === 0) return { status: 'failed', reasons };
  const sign = better === 'lower' ? 1 : -1;
  const best = scored.reduce((a, b) => (sign * (b.valid - a.valid) < 0 ? b : a));
  const job = trials[best.trial]![0]!;
  return { status: 'chosen', ...best, job, settings: readFile(directory, job).settings ?? [] };
}
