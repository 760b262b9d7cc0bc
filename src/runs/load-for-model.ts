import type { Dataset, Split } from '../data/dataset.ts';
import type { LoadOptions } from '../data/datasets/load.ts';
import { isMade } from '../data/datasets/made.ts';
import { presetNamed, type PresetName } from '../data/published/presets.ts';
import { hasSeveral } from '../data/task.ts';
import { loadRunData } from './load.ts';
import { lengthsAsTrained } from './new-samples.ts';
import type { OpenModel } from './open-model.ts';

type Reading = Pick<LoadOptions, 'splits' | 'unsplit' | 'requireLabels' | 'preset'> & {
  /** The split of the samples that the model is used on. */
  readonly split: Split;
};

/**
 * Loads a file for a trained model to be used on: its modalities, where they stood in training, with lengths as the training
 * gave them. Throws a FormatError for a file that cannot be read so.
 */
export async function loadForModel(
  model: OpenModel,
  source: string,
  { split, preset, ...reading }: Reading,
): Promise<Dataset> {
  const { task, features, columns, sources, front, idKeys } = model.data;
  const { config } = model.trained!;
  const data = { ...config.data };
  // How the data of the training was made says nothing of a file.
  if (!isMade(source)) {
    delete data.synthetic;
    delete data.digits;
  }
  const given = await loadRunData(
    source,
    { ...config, data, train: { ...config.train, device: model.device } },
    {
      task: task.kind,
      modalities: features.map(({ name }) => name),
      ifAny: true,
      ...reading,
      preset: preset ?? config.data.preset ?? presetOf(model.data),
      ...(columns && { columns }),
      ...(sources && { sources }),
      ...(front && { front }),
      ...(idKeys && { idKeys }),
    },
  );
  const samples = given.splits[split] && lengthsAsTrained(given.splits[split], given, model, source);
  return samples ? { ...given, splits: { ...given.splits, [split]: samples } } : given;
}

/**
 * The preset that other files are read under where the run names none. The run knows its classes: whether one split alone is
 * like a published dataset tells nothing more. Several labels of such a dataset lie in its files as no others do.
 */
const presetOf = ({ name, task }: OpenModel['data']): PresetName | 'none' =>
  (hasSeveral(task) ? presetNamed(name) : undefined) ?? 'none';
