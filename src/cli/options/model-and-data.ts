import { extname } from 'node:path';
import type { Dataset, Split } from '../../data/dataset.ts';
import { loadDataset, type LoadOptions } from '../../data/datasets/load.ts';
import { openAuthorsModel } from '../../interop/authors-model.ts';
import { onDataset } from '../../interop/authors-on-dataset.ts';
import { mmsaOnDataset, openMmsaModel } from '../../interop/mmsa-checkpoint.ts';
import { loadRunData } from '../../runs/load.ts';
import { loadForModel } from '../../runs/load-for-model.ts';
import { modalitiesWithout } from '../../runs/network.ts';
import { isModelFile } from '../../runs/own-model/load.ts';
import { openModel, type OpenModel } from '../../runs/open-model.ts';
import { keyOptions } from './configuration.ts';
import { dataHelp } from './data.ts';
import type { CliArgument, CliOption, Values } from './option.ts';
import { shared } from './shared.ts';
import { ownModelOf, ownModelOptions } from './own-model.ts';
import { UsageError } from '../usage-error.ts';

/** The arguments of commands that use a model on a dataset. */
export const openingArguments = [
  ['<run>', 'run directory, .safetensors, or .pth with --config or --model'],
  ['<data>', dataHelp],
] as const satisfies readonly CliArgument[];

/** The options of commands that use a model on a dataset. */
export const openingOptions = [
  { flag: '--config <file>', help: "the authors' JSON configuration of a .pth" },
  {
    ...ownModelOptions[0],
    flag: '--model <name|file>',
    help: 'the model of MMSA that a .pth is of, or the file of your own model',
  },
  ownModelOptions[1],
  {
    flag: '--set <key=value>',
    help: 'with --model: one key, as in text.bert.path=FOLDER; may be repeated',
    repeated: true,
  },
  { ...shared.preset, help: "'none', or the dataset that the file is of; default: as the run has it" },
  { ...keyOptions.threads, help: 'threads of the runtime' },
  shared.device,
] as const satisfies readonly CliOption[];

type Opening = Values<(typeof openingOptions)[number]> & {
  readonly requireLabels: boolean;
  /** The samples to use: those of a split, or all; undefined for the test split, or all samples where there are no splits. */
  readonly split: Split | 'all' | undefined;
  /** As errors and warnings call the data. Default: by its path. */
  readonly shown?: string;
};

export interface ModelAndData {
  readonly model: OpenModel;
  readonly dataset: Dataset;
  /** The split of `dataset` that the samples to use are in. */
  readonly split: Split;
}

/** How a dataset is read so that the samples that are asked for are in one split. */
function readingOf(split: Opening['split']): Pick<LoadOptions, 'splits' | 'unsplit'> & { readonly in: Split } {
  if (split === 'all') return { splits: 'present', unsplit: 'all', in: 'test' };
  return split === undefined ? { splits: ['test'], unsplit: true, in: 'test' } : { splits: [split], in: split };
}

/** Opens a model (a run, our `.safetensors`, or a `.pth` of other code) and the samples on which it is used. */
export async function openModelAndData(location: string, source: string, opening: Opening): Promise<ModelAndData> {
  const { config, model: name, set, preset, device, requireLabels } = opening;
  const { in: split, ...reading } = readingOf(opening.split);
  const { shown = source } = opening;
  const named = (dataset: Dataset): Dataset => ({ ...dataset, name: shown });
  checkOptions(location, opening);
  if (name !== undefined && !isModelFile(name)) {
    const opened = openMmsaModel(location, name, { ...(set && { set }) });
    const asked = { ...reading, requireLabels, ...(preset && { preset }) };
    const options = {
      task: opened.task.kind,
      modalities: Object.keys(opened.widths),
      padding: 'end',
      ...asked,
    } as const;
    const dataset = named(await loadRunData(source, opened.config, options));
    return { dataset, model: { ...mmsaOnDataset(opened, dataset), device }, split };
  }
  if (config !== undefined) {
    const opened = openAuthorsModel(location, config);
    const task = opened.config.task.kind;
    const dataset = await loadDataset(source, {
      task,
      ...reading,
      splits: 'present',
      requireLabels,
      ...(preset && { preset }),
      // Padding counts in the authors' code and in MMSA's, wherever it stands.
      padding: 'end',
    });
    return { dataset: named(dataset), model: { ...onDataset(opened, named(dataset)), device }, split };
  }
  const own = await ownModelOf(opening);
  const model = openModel(location, { ...own, device });
  const dataset = await loadForModel(model, source, {
    ...{ ...reading, requireLabels, split },
    ...(preset && { preset }),
  });
  const without = modalitiesWithout(dataset.splits[split]!, model);
  if (without.length > 0)
    process.stderr.write(`warning: no sample of ${shown} has ${without.join(' or ')}: the model predicts without.\n`);
  return { model, dataset: named(dataset), split };
}

/** Refuses options that do not go with the kind of model at `location`. */
function checkOptions(location: string, { config, model: named, set }: Opening): void {
  const torch = ['.pth', '.pt'].includes(extname(location));
  const file = named !== undefined && isModelFile(named);
  const model = file ? undefined : named;
  if (torch && file)
    throw new UsageError(`${location} is a PyTorch checkpoint: --model takes the NAME of a model of MMSA, not a file.`);
  if (torch && config === undefined && model === undefined)
    throw new UsageError(
      `${location} is a PyTorch checkpoint: give its configuration with --config FILE.json, or, of MMSA, --model NAME.`,
    );
  if (torch && config !== undefined && model !== undefined)
    throw new UsageError("--config goes with the authors' checkpoints and --model with MMSA's; give one of them.");
  if (!torch && config !== undefined)
    throw new UsageError('--config goes with a PyTorch checkpoint (.pth); a run knows its own configuration.');
  if (!torch && model !== undefined)
    throw new UsageError('--model goes with a PyTorch checkpoint of MMSA (.pth); a run knows its own model.');
  if (set && model === undefined)
    throw new UsageError(
      '--set goes with --model NAME, of a PyTorch checkpoint of MMSA; a run keeps its own settings.',
    );
}
