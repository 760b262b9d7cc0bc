/** Finished runs as a comparison needs them: what they were trained on, how they were set, and what they predict. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { scoredNames, type Task } from '../data/task.ts';
import type { Tree } from '../json/tree.ts';
import type { MetricKind } from '../metrics/metric.ts';
import { modelNamed } from '../models/index.ts';
import { predictedOf } from '../runs/held-out.ts';
import { loadForModel } from '../runs/load-for-model.ts';
import { openModel, predict, type OpenOptions } from '../runs/open-model.ts';
import {
  hasPredictions,
  joined,
  parsedPredictions,
  predictionLines,
  readPredictions,
  type Predictions,
} from '../runs/record/predictions.ts';
import { readRecord, type RunRecord } from '../runs/record/run-record.ts';
import { runBelow, runsIn } from '../runs/record/several-runs.ts';
import { holdsResult, holdsTree, statusOf, type RunStatus } from '../runs/record/status.ts';
import { readModel } from '../runs/trained-model.ts';

export interface FinishedOptions {
  /** A file on whose test split the models are used, in the place of the predictions that the runs kept. */
  readonly data?: string | undefined;
  /** The model of those runs that are of a model of one's own; only with `data`. */
  readonly own?: OpenOptions | undefined;
  /** What the models run on; only with `data`. Default: `cpu`. */
  readonly device?: string | undefined;
}

/** A finished run, or the finished runs of several seeds. */
export interface FinishedRuns {
  readonly run: string;
  readonly model: string;
  /** By seed, the directories of its runs: one, or in cross-validation one for each fold. */
  readonly seeds: readonly { readonly seed: number; readonly directories: readonly string[] }[];
  readonly metrics: MetricKind;
  readonly classes: readonly string[];
  /** The configuration, and what else decides a result: the hash of the samples, the folds, code of one's own. */
  readonly settings: Tree;
  /** A line for each seed that is not finished. */
  readonly notes: readonly string[];
}

/** Opens a run directory, or a folder of several seeds or folds. Throws an Error where there is no finished run. */
export function openFinished(run: string): FinishedRuns {
  if (!existsSync(run)) throw new Error(`${run} does not exist; name the directory of a run.`);
  if (!statSync(run).isDirectory()) throw new Error(`${run} is a file; name the directory of a run.`);
  const { kind, directories } = runsIn(run);
  const each = kind === 'seed' ? directories : [run];
  const seeds = each.map((directory) => ({ directory, directories: runsIn(directory).directories }));
  const finished = seeds.filter((seed) => seed.directories.every((one) => statusOf(one) === 'finished'));
  const unfinished = seeds.filter((seed) => !finished.includes(seed));
  const [first] = finished;
  if (!first) throw notFinished(run, seeds[0]!.directories);
  const leaf = first.directories[0]!;
  const record = recordIn(leaf);
  const { task, metrics } = aboutData(leaf, record);
  return {
    ...{ run, model: record.config.model.name, metrics },
    classes: scoredNames(task),
    seeds: finished.map((seed) => ({ seed: recordIn(seed.directories[0]!).seed, directories: seed.directories })),
    settings: settingsOf(record),
    notes: unfinished.map(({ directory }) => `${directory} ${become(statusOf(directory))} and is left out`),
  };
}

/** What has become of a run, after its name. */
const become = (status: RunStatus): string => (status === 'failed' ? 'has failed' : `is ${status}`);

function notFinished(run: string, directories: readonly string[]): Error {
  const unfinished = directories.find((directory) => statusOf(directory) !== 'finished')!;
  const status = statusOf(unfinished);
  if (status !== 'unknown')
    return new Error(`${unfinished} ${become(status)}: compare it when it has finished (train --resume).`);
  if (existsSync(path.join(unfinished, 'config.json'))) return new Error(unreadable(unfinished));
  return new Error(runBelow(run) ?? `${run} is no run directory: there is no config.json in it.`);
}

/** Which of its files makes the status of a run that has its record unknown. */
function unreadable(directory: string): string {
  const damaged = !holdsTree(directory, 'config.json')
    ? 'config.json'
    : existsSync(path.join(directory, 'result.json')) && !holdsResult(directory)
      ? 'result.json'
      : undefined;
  return damaged === undefined
    ? `${directory} is held by a process on another machine that is silent: compare it when it has finished.`
    : `${directory} has a ${damaged} that cannot be read: it is damaged, or was not copied whole.`;
}

type Settings = Omit<RunRecord, 'config'> & {
  readonly config: { readonly model: { readonly name: string } };
};

/** What every record has, of any version. */
const named = z.looseObject({
  config: z.looseObject({ model: z.looseObject({ name: z.string() }) }),
  data: z.looseObject({}),
});

/** The record of a run; the configuration of a model of one's own as it stands, for its schema is not at hand. */
function recordIn(directory: string): Settings {
  const file = path.join(directory, 'config.json');
  const parsed: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (!named.safeParse(parsed).success)
    throw new Error(`${directory} has a config.json that names no model or data: it is damaged, or not of a run.`);
  const raw = parsed as Settings;
  return modelNamed(raw.config.model.name) ? readRecord(file) : raw;
}

/** The task and metrics of the data; a record of format 2 or before does not have them, and its model does. */
function aboutData(
  directory: string,
  { data }: Pick<RunRecord, 'data'>,
): { readonly task: Task; readonly metrics: MetricKind } {
  const { task, metrics } = data;
  return task && metrics ? { task, metrics } : readModel(path.join(directory, 'best.safetensors')).data;
}

const settingsOf = ({ config, data, fold, code }: Settings): Tree => ({
  ...config,
  samples: data.hash,
  ...(fold && { folds: fold.request }),
  ...(code && { code: code.sha256 }),
});

/** The predictions of the test split by each seed, with classes in that order. */
export async function predictionsIn(
  { run, seeds }: FinishedRuns,
  classes: readonly string[],
  options: FinishedOptions,
): Promise<readonly Predictions[]> {
  const found: Predictions[] = [];
  for (const { directories } of seeds) {
    const { data } = options;
    if (data !== undefined && directories.length > 1)
      throw new Error(`${run} has a model for each fold, none of which is for ${data}: leave --data out.`);
    const parts: Predictions[] = [];
    for (const directory of directories)
      parts.push(
        data === undefined ? keptBy(directory, classes) : await predictedOn(data, directory, classes, options),
      );
    found.push(joined(parts));
  }
  return found;
}

function keptBy(directory: string, classes: readonly string[]): Predictions {
  const { source } = recordIn(directory).data;
  if (!hasPredictions(directory))
    throw new Error(
      `${directory} kept no predictions, as runs of earlier releases: name its data by --data, as in --data ${source}.`,
    );
  const kept = readPredictions(directory, { classes });
  if (kept.ids.length > 0) return kept;
  throw new Error(`${directory} was trained on data without a test split: name a file that has one by --data FILE.`);
}

async function predictedOn(
  data: string,
  directory: string,
  classes: readonly string[],
  { own, device }: FinishedOptions,
): Promise<Predictions> {
  const { name } = recordIn(directory).config.model;
  const model = openModel(directory, { ...(!modelNamed(name) && own), device });
  const dataset = await loadForModel(model, data, { split: 'test', splits: ['test'], requireLabels: true });
  try {
    const { prediction } = await predict(model, dataset);
    const predicted = { ...predictedOf(model, dataset, { split: 'test', prediction }), split: 'test' } as const;
    const lines = predictionLines(model.data.task, predicted);
    return parsedPredictions(lines.join(''), data, { classes });
  } finally {
    await dataset.close?.();
  }
}
