/** A run that is gone on with keeps the values and the samples that it was begun with, be it by an earlier release. */
import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { valuesBefore, type RunConfig } from '../config/index.ts';
import type { Dataset } from '../data/dataset.ts';
import { formerly } from '../data/formerly.ts';
import { hashOf } from './data-hash.ts';
import { prepare, type Prepared } from './prepare.ts';
import type { OwnModel } from './own-model/code.ts';
import { readRecord, recordedRecipe } from './record/run-record.ts';
import { runsIn } from './record/several-runs.ts';
import { readModel } from './trained-model.ts';

/**
 * The preparation of a call, made again where the run in a directory was begun otherwise: keys of labels and groups that its record lacks
 * stand for what was done before there were any (`valuesBefore`), whatever the call resolves to by now, and samples are
 * taken as they were read when it was begun.
 */
export function asBegun(prepared: Prepared, directory: string): Prepared {
  const file = path.join(directory, 'config.json');
  if (!existsSync(file)) return prepared;
  const { dataset, own } = prepared;
  const record = readRecord(file, own?.model);
  const config = partsBegun(prepared.config, record.config);
  const data = dataBegun(config.data, record.config.data);
  const samples = datasetBegun(dataset, directory, record.data.hash);
  if (data === config.data && samples === dataset) return { ...prepared, config };
  // Other samples have another standardisation.
  return prepare({ ...config, data }, samples, { ...prepared, standardisation: undefined });
}

/** A call that does not say in how many parts batches are computed goes on in as many, so that the bits stay the same. */
const partsBegun = (asked: RunConfig, { train: { parts } }: RunConfig): RunConfig =>
  asked.train.parts === undefined && parts !== undefined ? { ...asked, train: { ...asked.train, parts } } : asked;

type Data = RunConfig['data'];

/**
 * The configuration of a call that goes on with what a directory holds, a run or several, by which samples are read and
 * folded as they were then: where the call does not say by what groups, and ids told none, they tell none again.
 */
export function groupedAsBegun(config: RunConfig, directory: string, own?: OwnModel): RunConfig {
  if (config.data.group !== undefined) return config;
  const file = recordIn(directory);
  const group = file && groupBegun(config.data, readRecord(file, own?.model).config.data);
  return group === undefined ? config : { ...config, data: { ...config.data, group } };
}

/** The recipe of what a directory holds, a run or several; undefined where there is none yet. */
export function recipeBegun(directory: string): string | undefined {
  const file = recordIn(directory);
  return file === undefined ? undefined : recordedRecipe(file);
}

/** The record of the run in a directory, or of the first one of several. */
const recordIn = (directory: string): string | undefined =>
  isFolder(directory)
    ? runsIn(directory)
        .directories.map((run) => path.join(run, 'config.json'))
        .find((each) => existsSync(each))
    : undefined;

const isFolder = (directory: string): boolean => existsSync(directory) && statSync(directory).isDirectory();

const groupBegun = (asked: Data, begun: Data): Data['group'] =>
  asked.group === undefined && begun.group === 'none' ? begun.group : asked.group;

function dataBegun(asked: Data, begun: Data): Data {
  const kept = <K extends 'labelScale' | 'labelClasses'>(key: K): Data[K] =>
    asked[key] === 'auto' && begun[key] === valuesBefore.data[key] ? begun[key] : asked[key];
  const [labelScale, labelClasses] = [kept('labelScale'), kept('labelClasses')];
  const group = groupBegun(asked, begun);
  const isSame = labelScale === asked.labelScale && labelClasses === asked.labelClasses && group === asked.group;
  return isSame ? asked : { ...asked, labelScale, labelClasses, ...(group !== undefined && { group }) };
}

/**
 * The dataset with the samples, and the classes, that the run in a directory was begun on, which an earlier release may have
 * read otherwise; their hash tells which they are. The dataset as it is where they are none of these.
 */
export function datasetBegun(dataset: Dataset, directory: string, hash: string): Dataset {
  for (const samples of formerly(dataset)) if (hashOf(samples) === hash) return withClassesOf(directory, samples);
  return dataset;
}

/** A preset used to give labels all its classes, some of which they may lack; the model of such a run still has them. */
function withClassesOf(directory: string, dataset: Dataset): Dataset {
  const file = path.join(directory, 'best.safetensors');
  if (dataset.task.kind !== 'classification' || !existsSync(file)) return dataset;
  const { task } = readModel(file).data;
  if (task.kind !== 'classification' || task.classes.length === dataset.task.classes.length) return dataset;
  return { ...dataset, task };
}
