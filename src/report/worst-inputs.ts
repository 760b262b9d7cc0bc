/** The worst errors of a run, each with what went into the model. */
import { existsSync } from 'node:fs';
import type { Dataset, Samples } from '../data/dataset.ts';
import { concatSamples } from '../data/samples.ts';
import { isMade } from '../data/datasets/made.ts';
import type { Shown } from '../figures/source.ts';
import { modelNamed } from '../models/index.ts';
import { loadForModel } from '../runs/load-for-model.ts';
import { openModel } from '../runs/open-model.ts';
import type { Predictions } from '../runs/record/predictions.ts';
import { inputsOf, type ModalityInputs } from './inputs.ts';
import { recordedData } from './recorded.ts';
import { textsIn } from './texts.ts';
import { worstSamples, type WorstSamples } from './worst.ts';

export interface WorstErrors extends WorstSamples {
  /** The name of the run. */
  readonly run: string;
  /** By modality, in the order of the samples; none where the data cannot be read. */
  readonly inputs: readonly ModalityInputs[];
  /** In the order of the samples; absent where sentences were not asked for, or there are none. */
  readonly texts?: readonly (string | undefined)[];
  /** Why there are no inputs, or no texts; sentences that go on from a colon. */
  readonly notes: readonly string[];
}

/** The worst errors of a run. `data` is a file that the predictions were made on, in place of what the run was trained on. */
export async function worstOf(
  shown: Shown,
  predictions: readonly Predictions[],
  { data, texts: wanted }: { readonly data: string | undefined; readonly texts: boolean },
): Promise<WorstErrors> {
  const found = worstSamples(shown, predictions);
  const [directory] = shown.seeds[0]!.directories;
  const source = data ?? recordedData(directory!).source;
  const notes: string[] = [];
  const attempt = async <T>(what: string, read: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await read();
    } catch (error) {
      notes.push(`No ${what}: ${(error as Error).message}`);
      return undefined;
    }
  };
  const ids = found.samples.map(({ id }) => id);
  const inputs = await attempt('inputs', () => inputsIn(source, { shown, directory: directory!, ids }));
  const texts = wanted ? await attempt('texts', () => textsIn(source)) : undefined;
  return {
    ...{ ...found, run: shown.name, inputs: inputs ?? [], notes },
    ...(texts && { texts: ids.map((id) => texts.get(id)) }),
  };
}

interface Wanted {
  readonly shown: Shown;
  readonly directory: string;
  readonly ids: readonly string[];
}

async function inputsIn(
  source: string,
  { shown: { model: kind, seeds }, directory, ids }: Wanted,
): Promise<readonly ModalityInputs[]> {
  if (!modelNamed(kind)) throw new Error("its model is one's own, which is not loaded for a report.");
  if (!isMade(source) && !existsSync(source)) throw new Error(`${source} is not here: name the data by --data.`);
  // Of folds, samples are tested wherever they stand in the file.
  const isFolded = seeds[0]!.directories.length > 1;
  const dataset = await loadForModel(openModel(directory), source, {
    ...{ split: 'test', requireLabels: false },
    splits: 'present',
  });
  try {
    const found = samplesWith(ids, dataset, isFolded);
    if (!found) throw new Error(`${source} has other samples than were predicted.`);
    return inputsOf(found.samples, found.rows);
  } finally {
    await dataset.close?.();
  }
}

/** The split that has all of these ids, and their rows in it. */
function samplesWith(
  ids: readonly string[],
  { splits }: Dataset,
  isFolded: boolean,
): { readonly samples: Samples; readonly rows: readonly number[] } | undefined {
  const parts = isFolded ? Object.values(splits) : [splits.test].filter((part) => part !== undefined);
  const samples = parts.length > 1 ? concatSamples(parts) : parts[0];
  if (!samples) return undefined;
  const rowOf = new Map(samples.ids.map((id, row) => [id, row]));
  const rows = ids.flatMap((id) => rowOf.get(id) ?? []);
  return rows.length === ids.length ? { samples, rows } : undefined;
}
