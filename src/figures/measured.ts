/** Trained models on the data that they were trained on, or on other data, for figures that show what they make of it. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import type { Decoupling } from '../analysis/decoupling.ts';
import { isMade } from '../data/datasets/made.ts';
import type { Dataset } from '../data/dataset.ts';
import { modelNamed } from '../models/index.ts';
import { measureParts } from '../runs/decoupling.ts';
import { loadForModel } from '../runs/load-for-model.ts';
import { predictParts, runHasParts, type PredictedParts } from '../runs/parts.ts';
import { prototypesOf } from '../runs/explain/prototypes.ts';
import { preparedSplit } from '../runs/network.ts';
import { openModel, type OpenModel } from '../runs/open-model.ts';
import { readRecord } from '../runs/record/run-record.ts';
import { CannotShow } from './figure.ts';
import type { Shown, Source } from './source.ts';

/** Whether the model of a run keeps unique and common parts apart. */
export const hasParts = ({ model, seeds }: Pick<Shown, 'model' | 'seeds'>): boolean =>
  modelNamed(model)?.parts !== undefined && runHasParts(seeds[0]!.directories[0]!);

/** Of a source the data that was read last, which most of its models are used on. */
const lastRead = new WeakMap<Source, { readonly of: string; readonly dataset: Dataset }>();

/** The data as a model takes it; read once for models, one after the other, that take it alike. */
async function datasetFor(model: OpenModel, place: string, source: Source): Promise<Dataset> {
  const { data, text } = model.trained!.config;
  const of = JSON.stringify({ place, data, text, trainedOn: model.data });
  const last = lastRead.get(source);
  if (last?.of === of) return last.dataset;
  const dataset = await loadForModel(model, place, { split: 'test', splits: 'present', requireLabels: false });
  // What is open is closed after each use.
  if (!dataset.close) lastRead.set(source, { of, dataset });
  return dataset;
}

/** Opens the model of a run's first seed, and its data; `use` is done before the data is closed again. */
export async function withModel<T>(
  { name, model: kind, seeds }: Shown,
  source: Source,
  use: (model: OpenModel, dataset: Dataset) => Promise<T>,
): Promise<T> {
  if (!modelNamed(kind)) throw new CannotShow(`${name} is a model of one's own, which is not loaded for figures`);
  const [directory, ...others] = seeds[0]!.directories;
  if (others.length > 0) throw new CannotShow(`${name} has a model for each fold, none of which is for all samples`);
  const model = openModel(directory!, { device: source.device });
  const place = source.data ?? readRecord(path.join(directory!, 'config.json')).data.source;
  if (!isMade(place) && !existsSync(place))
    throw new CannotShow(`${place}, the data of ${name}, is not here: name it by --data`);
  const dataset = await datasetFor(model, place, source);
  try {
    return await use(model, dataset);
  } finally {
    await dataset.close?.();
  }
}

const resultSchema = z.object({
  decoupling: z.object({
    score: z.number().optional(),
    agreement: z.number().optional(),
    leak: z.number().optional(),
    overlap: z.number().optional(),
  }),
});

/**
 * The decoupling of a run's first fold as its training measured it, of data without true factors; undefined for others, and
 * for a run of a version that did not measure it.
 */
export function measuredInTraining({ seeds }: Pick<Shown, 'seeds'>): Pick<Decoupling, keyof Kept> | undefined {
  const [directory] = seeds[0]!.directories;
  const { data } = readRecord(path.join(directory!, 'config.json'));
  if (isMade(data.source)) return undefined;
  return keptIn(directory!);
}

/** D of a run's first fold as its training measured it; undefined where it did not. */
export const scoreInTraining = ({ seeds }: Pick<Shown, 'seeds'>): number | undefined =>
  keptIn(seeds[0]!.directories[0]!)?.score;

function keptIn(directory: string): Pick<Decoupling, keyof Kept> | undefined {
  const result = resultSchema.safeParse(JSON.parse(readFileSync(path.join(directory, 'result.json'), 'utf8'))).data;
  if (!result) return undefined;
  const { score, agreement, leak, overlap } = result.decoupling;
  return { score, agreement, leak, overlap };
}

type Kept = z.output<typeof resultSchema>['decoupling'];

/** Finds of a run's first seed what several figures of a source need, once. */
function once<T>(find: (shown: Shown, source: Source) => Promise<T>): (shown: Shown, source: Source) => Promise<T> {
  const known = new WeakMap<Source, Map<string, Promise<T>>>();
  return (shown, source) => {
    const found = known.get(source) ?? new Map<string, Promise<T>>();
    known.set(source, found);
    const directory = shown.seeds[0]!.directories[0]!;
    const now = found.get(directory) ?? find(shown, source);
    found.set(directory, now);
    return now;
  };
}

/** The prototypes of a run; undefined where its model has no plan. */
export const prototypesIn = once((shown, source) =>
  withModel(shown, source, async (model, dataset) =>
    model.network.plan ? prototypesOf(model, preparedSplit(dataset, 'test', model)) : undefined,
  ),
);

interface PartsIn extends PredictedParts {
  /** What they come to, of runs whose training has not measured it. */
  readonly measured: () => ReturnType<typeof measureParts>;
}

/** The parts of a run, of the test split alone where training has measured what they come to. */
export const partsIn = once((shown, source) =>
  withModel(shown, source, async (model, dataset): Promise<PartsIn> => {
    const { train, test } = dataset.splits;
    if (!test) throw new CannotShow(`${dataset.name} has no split "test"`);
    const isMeasured = source.data === undefined && measuredInTraining(shown) !== undefined;
    const predicted =
      train && !isMeasured
        ? await predictParts(model, dataset)
        : await predictParts(model, { ...dataset, splits: { train: test } }, { split: 'train' });
    return { ...predicted, measured: () => measureParts(predicted, dataset) };
  }),
);
