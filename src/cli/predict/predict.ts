import path from 'node:path';
import { type Dataset, type Samples, samplesWithout, type Split } from '../../data/dataset.ts';
import { writeSafetensors } from '../../formats/safetensors/write.ts';
import { predict } from '../../runs/open-model.ts';
import { predictedOf } from '../../runs/held-out.ts';
import { predictionLines } from '../../runs/record/predictions.ts';
import { writeFileAtomic } from '../../files/atomic.ts';
import { quoted } from '../../files/error.ts';
import { command } from '../command.ts';
import { inShape } from '../options/in-shape.ts';
import { openingArguments, openingOptions, openModelAndData } from '../options/model-and-data.ts';
import { splitOrAll } from '../options/parse.ts';
import { inStandardInput } from './standard-input.ts';
import { predictionsCsv } from './predictions-csv.ts';
import { UsageError } from '../usage-error.ts';

export const predictCommand = command('predict', {
  summary: 'one JSON line per sample: id, prediction, label if known',
  example: 'decalign predict runs/mosi new.pkl --features representations.safetensors > predictions.jsonl',
  description:
    'DATA is any file that is read, and needs neither labels nor splits; - reads JSON lines, a sample each, from standard input, such as {"id": "a", "text": [[0.1, 0.2], [0.3, 0.4]], "audio": null}. A sequence longer than in training is cut to its first steps. --features also writes the named representations of every sample (unique.M, common.M, latent.M, projected.M and attended.M of each modality and fused, as far as a model has them), [N, width] each, as safetensors; the ids stand in its metadata.',
  arguments: openingArguments,
  options: [
    {
      flag: '--split <name>',
      help: 'train, valid, test or all; default: test, or all samples where the data has no splits',
      parse: splitOrAll,
    },
    {
      flag: '--long <how>',
      help: 'a sequence longer than in training: cut it, with a warning, or refuse',
      choices: ['cut', 'refuse'],
      default: 'cut',
    },
    ...openingOptions,
    { flag: '--out <file>', help: 'where the lines go, as a table where the name ends in .csv; default: stdout' },
    { flag: '--features <file.safetensors>', help: 'also write the representations' },
  ],
  action: async (run, source, { out, features, long, split: asked, ...opening }) => {
    if (features !== undefined && path.extname(features) !== '.safetensors')
      throw new UsageError(`--features writes a .safetensors file, and "${features}" does not end in that.`);
    const use = { ...opening, split: asked, requireLabels: false };
    const {
      model,
      dataset: given,
      split,
    } = await (source === '-'
      ? inStandardInput((file, shown) => openModelAndData(run, file, { ...use, shown }))
      : openModelAndData(run, source, use));
    for (const note of given.notes ?? []) process.stderr.write(`${note}\n`);
    const dataset = inShape(given, split, model, { long });
    const { threads } = opening;
    const { prediction, representations } = await predict(model, dataset, {
      split,
      representations: features !== undefined,
      ...(threads !== undefined && { threads }),
    });
    const samples = dataset.splits[split]!;
    tellWithout(samples);
    const lines = predictionLines(
      model.data.task,
      predictedOf(model, dataset, { split, prediction, mayLackLabels: true }),
    );
    if (out === undefined) process.stdout.write(lines.join(''));
    else writeFileAtomic(out, path.extname(out).toLowerCase() === '.csv' ? predictionsCsv(lines) : lines.join(''));
    if (features !== undefined) {
      const count = samples.ids.length;
      const tensors = Object.entries(representations).map(
        ([name, data]) => [name, { shape: [count, data.length / count], data }] as const,
      );
      writeFileAtomic(features, writeSafetensors(Object.fromEntries(tensors), { ids: JSON.stringify(samples.ids) }));
    }
    // An error stands alone, so that this comes last.
    if (asked === undefined) tellOtherSplits(given, split);
  },
});

/** Says that samples of other splits are not predicted, where there are some and none was asked for. */
function tellOtherSplits({ name, splits, otherSplits = [] }: Dataset, split: Split): void {
  const others = [...Object.keys(splits).filter((each) => each !== split), ...otherSplits];
  if (others.length === 0) return;
  const count = splits[split]!.ids.length;
  process.stderr.write(
    `${name} has splits: the ${count === 1 ? 'sample' : `${count} samples`} of ${split} ${count === 1 ? 'is' : 'are'} predicted, and not those of ${others.join(' and ')}; --split all takes all.\n`,
  );
}

/** Warns of samples of which the model has nothing to go by. */
function tellWithout(samples: Samples): void {
  const rows = samplesWithout(samples);
  if (rows.length === 0) return;
  const first = rows.slice(0, 3).map((row) => quoted(samples.ids[row]!));
  process.stderr.write(
    `warning: ${rows.length} of ${samples.ids.length} samples ${rows.length === 1 ? 'has' : 'have'} none of the modalities (${first.join(', ')}${rows.length > first.length ? ', …' : ''}): predicted without anything to go by.\n`,
  );
}
