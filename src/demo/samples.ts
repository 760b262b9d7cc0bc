/** Samples of the data of a run, as rows that a page can predict. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { isMade } from '../data/datasets/made.ts';
import { samplesWithout, type Samples } from '../data/dataset.ts';
import { copySamples } from '../data/features.ts';
import { hasSeveral } from '../data/task.ts';
import { textsIn } from '../report/texts.ts';
import { predictedOf } from '../runs/held-out.ts';
import { loadForModel } from '../runs/load-for-model.ts';
import { cutToModel, stepsForModel } from '../runs/new-samples.ts';
import type { OpenModel } from '../runs/open-model.ts';
import { labelOf } from '../runs/label-of.ts';
import { readRecord } from '../runs/record/run-record.ts';
import type { DemoContent, DemoSample } from './content.ts';

export interface SampleOptions {
  /** How many; fewer where there are no more. */
  readonly count: number;
  /** The data. Default: what the run was trained on. */
  readonly data?: string | undefined;
  /** Also their sentences. Default: false. */
  readonly texts?: boolean | undefined;
}

/**
 * Samples of the test split, spread evenly over the labels where there is one of each; of other data than that of the training
 * all, where it has no splits. Throws an Error where the data is not there, is that of a fold, or has no sentences though they were
 * asked for.
 */
export async function samplesOf(
  model: OpenModel,
  run: string,
  { count, data, texts = false }: SampleOptions,
): Promise<Required<Pick<DemoContent, 'samples' | 'from'>>> {
  const source = data ?? sourceOf(run);
  const sentences = texts ? await sentencesIn(source) : undefined;
  const split = 'test';
  // What divided the data for the training does so again.
  const reading = { split, splits: [split], unsplit: data !== undefined, requireLabels: false } as const;
  const dataset = await loadForModel(model, source, reading);
  try {
    const { samples } = cutToModel(stepsForModel(dataset.splits[split]!, model), model);
    // Labels in the order of the model, whichever they are in here.
    const known = predictedOf(model, dataset, { split, prediction: new Float32Array(), mayLackLabels: true });
    const { labels } = known.samples;
    const rows = spread({ ...samples, ...(labels && { labels }) }, model, count);
    if (rows.length === 0) throw new Error(`${source} has no sample that could be shown: leave out --samples.`);
    const shown = rows.map((row): DemoSample => {
      const label = labels && labelOf(model.data.task, labels, row, known.labelNames ?? []);
      const text = sentences?.get(samples.ids[row]!);
      return {
        row: { id: samples.ids[row]!, ...modalitiesOf(samples, row, model) },
        ...(label !== undefined && !Number.isNaN(label) && { label }),
        ...(text !== undefined && { text }),
      };
    });
    const from =
      data === undefined ? 'Of the test split, which it was not trained on' : `Of ${path.basename(path.resolve(data))}`;
    return { samples: shown, from };
  } finally {
    await dataset.close?.();
  }
}

/** What a run was trained on. */
function sourceOf(run: string): string {
  const record = path.join(run, 'config.json');
  if (!existsSync(record)) throw new Error(`${run} does not say what it was trained on: name the data by --data.`);
  const { data, fold } = readRecord(record);
  if (fold) throw new Error(`${run} is a fold of a cross-validation: name a file of samples by --data.`);
  if (!isMade(data.source) && !existsSync(data.source))
    throw new Error(`${data.source}, the data of ${run}, is not here: name it by --data.`);
  return data.source;
}

async function sentencesIn(source: string): Promise<ReadonlyMap<string, string>> {
  const none = `${source} has no sentences that could be shown: leave out --texts.`;
  if (isMade(source)) throw new Error(none);
  try {
    return await textsIn(source);
  } catch (error) {
    throw new Error(none, { cause: error });
  }
}

/** So many rows that have something, evenly over the labels, or else over the rows. */
function spread(samples: Samples, { data: { task } }: OpenModel, count: number): readonly number[] {
  const empty = new Set(samplesWithout(samples));
  const rows = [...samples.ids.keys()].filter((row) => !empty.has(row));
  const { labels } = samples;
  const ordered = labels && !hasSeveral(task) ? rows.toSorted((a, b) => labels[a]! - labels[b]! || a - b) : rows;
  const most = Math.min(count, ordered.length);
  return Array.from({ length: most }, (_, n) => ordered[Math.floor(((n + 0.5) * ordered.length) / most)]!);
}

/** The modalities that a sample has, as lists of its true steps; a number that is missing is null. */
function modalitiesOf({ features, lengths }: Samples, row: number, { data }: OpenModel): Record<string, unknown> {
  const cells: Record<string, unknown> = {};
  for (const { name, tokens } of data.features) {
    const array = features[name];
    const length = lengths[name]?.[row] ?? 0;
    if (!array || length === 0) continue;
    const [, time, width] = array.shape as readonly [number, number, number];
    const values = new Float32Array(time * width);
    copySamples(array, row, values);
    const steps = Array.from({ length }, (_, t) => Array.from(values.subarray(t * width, (t + 1) * width), shortest));
    if (tokens)
      for (const [n, part] of ['ids', 'segments'].entries()) cells[`${name}_${part}`] = steps.map((step) => step[n]);
    else cells[name] = steps;
  }
  return cells;
}

/** The number of the fewest digits that is the same in single precision. */
function shortest(x: number): number | null {
  if (!Number.isFinite(x)) return null;
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(x.toPrecision(digits));
    if (Math.fround(short) === x) return short;
  }
  return Number(x.toPrecision(9));
}
