/** The runs below a directory, each by itself or as part of several seeds, folds or a benchmark. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { readProgress, type RunProgress } from '../runs/record/progress.ts';
import { runsIn } from '../runs/record/several-runs.ts';
import { heldStatus, statusOf, type RunStatus } from '../runs/record/status.ts';
import { benchmarkIn, type ExperimentKind } from './benchmark/directory.ts';
import { dataNameOf, isLeftOfRun, problems, recordAndResult, selectionOf, startsOf } from './listed-run.ts';

export interface ListedRun {
  /** The directory. */
  readonly run: string;
  readonly kind: 'run' | 'seeds' | 'folds' | ExperimentKind;
  readonly status: RunStatus;
  /** The names of the models: one, but of a benchmark. */
  readonly models: readonly string[];
  /** The names of the datasets: one, but of a benchmark. */
  readonly data: readonly string[];
  readonly seeds: readonly number[];
  /** In cross-validation, how many folds have begun. */
  readonly folds?: number;
  /** The metric that chose the best epoch, of that epoch; a mean over the runs that are finished. Absent where none is. */
  readonly metric?: { readonly name: string; readonly valid: number; readonly test?: number };
  /** Of a single run, how far it is. */
  readonly progress?: RunProgress;
  /** When it was started, as ISO 8601 has it. */
  readonly started: string;
  /** What is wrong with it, where it cannot be read. */
  readonly problem?: string;
}

/**
 * The runs below a directory, and the directory itself where it is one, the oldest first. Several seeds, folds and a
 * benchmark are each one. What looks like a run and cannot be read is listed with its problem.
 *
 * Throws an Error for a directory that is none, or is not there.
 */
export function listRuns(directory: string): ListedRun[] {
  if (!existsSync(directory)) throw new Error(`${directory} does not exist; name a folder with runs in it.`);
  if (!statSync(directory).isDirectory()) throw new Error(`${directory} is a file; name a folder with runs in it.`);
  return found(directory).sort((a, b) => (a.started < b.started ? -1 : a.started > b.started ? 1 : 0));
}

function found(directory: string): ListedRun[] {
  let entries;
  try {
    entries = readdirSync(directory, { withFileTypes: true });
  } catch (error) {
    return [broken(directory, `cannot be listed (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`)];
  }
  const names = entries.map(({ name }) => name);
  if (names.includes('benchmark.json')) return [listedBenchmark(directory)];
  if (runsIn(directory).kind !== undefined) return [listedSeveral(directory)];
  if (names.includes('config.json')) return [listedRun(directory)];
  if (isLeftOfRun(names)) return [broken(directory, problems.noRecord)];
  // A link is not followed: it may lead back here.
  return entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules')
    .flatMap(({ name }) => found(path.join(directory, name)));
}

function broken(run: string, problem: string): ListedRun {
  const started = statSync(run).mtime.toISOString();
  return { run, kind: 'run', status: 'unknown', models: [], data: [], seeds: [], started, problem };
}

function listedRun(run: string): ListedRun {
  const { record, problem } = recordAndResult(run);
  if (!record) return broken(run, problems.record);
  const metric = metricOf([run]);
  const progress = readProgress(run);
  return {
    ...{ run, kind: 'run', status: statusOf(run), models: [record.config.model.name] },
    ...{ data: [dataNameOf(record)], seeds: [record.seed], started: startsOf(run)[0] },
    ...(metric && { metric }),
    ...(progress && { progress }),
    ...(problem !== undefined && { problem }),
  };
}

function listedSeveral(run: string): ListedRun {
  const { kind, directories } = runsIn(run);
  const each = directories.flatMap(found);
  const [first] = each;
  if (!first) return broken(run, 'has no run in it yet');
  const metric = metricOf(directories);
  const problem = each.find((one) => one.problem !== undefined);
  return {
    ...{ run, kind: `${kind!}s`, status: statusOf(run) },
    ...{ models: distinct(each.flatMap(({ models }) => models)), data: distinct(each.flatMap(({ data }) => data)) },
    seeds: distinct(each.flatMap(({ seeds }) => seeds)),
    ...(kind === 'fold' && { folds: directories.length }),
    ...(metric && { metric }),
    started: each.reduce((earliest, { started }) => (started < earliest ? started : earliest), first.started),
    ...(problem && { problem: `has ${path.basename(problem.run)}, which ${problem.problem!}` }),
  };
}

function listedBenchmark(run: string): ListedRun {
  const plan = benchmarkIn(run);
  if (!plan) return { ...broken(run, 'has a benchmark.json that cannot be read'), kind: 'benchmark' };
  const started = statSync(path.join(run, 'benchmark.json')).mtime.toISOString();
  const { kind, models, data, seeds } = plan;
  const runs = found(path.join(run, 'runs'));
  // Between two runs, none of them is held.
  const isRunning = heldStatus(run) === 'running' || runs.some(({ status }) => status === 'running');
  const status = isRunning ? 'running' : plan.finished ? 'finished' : 'interrupted';
  const earliest = runs.reduce((time, one) => (one.started < time ? one.started : time), started);
  return { run, kind, status, models, data, seeds, started: earliest };
}

/** The mean over the finished runs of the metric that their best epochs were chosen by. */
function metricOf(directories: readonly string[]): ListedRun['metric'] {
  const finished = directories.flatMap((directory) => {
    const { record, result } = recordAndResult(directory);
    return record && result ? [{ record, result }] : [];
  });
  const [first] = finished;
  if (!first) return undefined;
  const name = selectionOf(first.record, first.result.valid);
  const mean = (split: 'valid' | 'test'): number | undefined => {
    const values = finished.flatMap(({ result }) => result[split]?.[name] ?? []);
    return values.length > 0 ? values.reduce((sum, x) => sum + x, 0) / values.length : undefined;
  };
  const [valid, test] = [mean('valid'), mean('test')];
  return valid === undefined ? undefined : { name, valid, ...(test !== undefined && { test }) };
}

const distinct = <T>(values: readonly T[]): T[] => [...new Set(values)];
