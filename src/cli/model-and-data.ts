import { extname } from 'node:path';
import type { Dataset, Split } from '../data/dataset.ts';
import { loadDataset } from '../data/datasets/load.ts';
import { openAuthorsModel } from '../interop/authors-model.ts';
import { onDataset } from '../interop/authors-on-dataset.ts';
import { loadRunData } from '../runs/load.ts';
import { openModel, type OpenModel } from '../runs/open-model.ts';
import { UsageError } from './usage-error.ts';

export interface ModelAndData {
  readonly model: OpenModel;
  readonly dataset: Dataset;
}

/** Opens a run, a `.safetensors` of ours or an authors' `.pth`, and the split of a file that it is used on. */
export async function openModelAndData(
  location: string,
  source: string,
  {
    split,
    config,
    requireLabels,
  }: { readonly split: Split; readonly config?: string; readonly requireLabels: boolean },
): Promise<ModelAndData> {
  // Errors about the data should name the file.
  const named = (dataset: Dataset): Dataset => ({ ...dataset, name: source });
  const authors = ['.pth', '.pt'].includes(extname(location));
  if (authors && config === undefined)
    throw new UsageError(`${location} is a PyTorch checkpoint: give its configuration with --config FILE.json.`);
  if (!authors && config !== undefined)
    throw new UsageError('--config goes with a PyTorch checkpoint (.pth); a run knows its own configuration.');
  if (authors) {
    const opened = openAuthorsModel(location, config!);
    const dataset = await loadDataset(source, { task: opened.config.task.kind, splits: 'present', requireLabels });
    return { dataset: named(dataset), model: onDataset(opened, named(dataset)) };
  }
  const model = openModel(location);
  const { task, features } = model.data;
  const dataset = await loadRunData(source, model.trained!.config, {
    task: task.kind,
    modalities: features.map(({ name }) => name),
    splits: [split],
    requireLabels,
  });
  return { model, dataset: named(dataset) };
}
