import path from 'node:path';
import type { Samples } from '../data/dataset.ts';
import { writeSafetensors } from '../formats/safetensors/write.ts';
import { predict, softmax, type OpenModel } from '../runs/open-model.ts';
import { writeFileAtomic } from '../files/atomic.ts';
import { command } from './command.ts';
import { classNamesFor } from '../runs/labels.ts';
import { openingArguments, openingOptions, openModelAndData } from './options/model-and-data.ts';
import { UsageError } from './usage-error.ts';

export const predictCommand = command('predict', {
  summary: 'one JSON line per sample: id, prediction, label if known',
  example: 'decalign predict runs/mosi new.pkl --features representations.safetensors > predictions.jsonl',
  description:
    'Labels may be absent. --features also writes the named representations of every sample (unique.M and common.M of each modality, fused), [N, width] each, as safetensors; the ids stand in its metadata.',
  arguments: openingArguments,
  options: [
    ...openingOptions,
    { flag: '--out <file>', help: 'where the lines go; default: stdout' },
    { flag: '--features <file.safetensors>', help: 'also write the representations' },
  ],
  action: async (run, source, { out, features, ...opening }) => {
    if (features !== undefined && path.extname(features) !== '.safetensors')
      throw new UsageError(`--features writes a .safetensors file, and "${features}" does not end in that.`);
    const { model, dataset } = await openModelAndData(run, source, { ...opening, requireLabels: false });
    const { split, threads } = opening;
    const { prediction, representations } = await predict(model, dataset, {
      split,
      representations: features !== undefined,
      ...(threads !== undefined && { threads }),
    });
    const samples = dataset.splits[split]!;
    const text = lines(model, samples, prediction, classNamesFor(model.data, dataset)).join('');
    if (out === undefined) process.stdout.write(text);
    else writeFileAtomic(out, text);
    if (features === undefined) return;
    const count = samples.ids.length;
    const tensors = Object.entries(representations).map(
      ([name, data]) => [name, { shape: [count, data.length / count], data }] as const,
    );
    writeFileAtomic(features, writeSafetensors(Object.fromEntries(tensors), { ids: JSON.stringify(samples.ids) }));
  },
});

function lines(
  { data: { task } }: OpenModel,
  { ids, labels }: Samples,
  prediction: Float32Array,
  held: readonly string[],
): string[] {
  const line = (n: number, predicted: object, label: unknown): string =>
    `${JSON.stringify({ id: ids[n], ...predicted, ...(labels && { label }) })}\n`;
  if (task.kind === 'regression') return ids.map((_, n) => line(n, { prediction: prediction[n] }, labels?.[n]));
  const { classes } = task;
  const probabilities = softmax(prediction, classes.length);
  return ids.map((_, n) => {
    const row = Array.from(probabilities.subarray(n * classes.length, (n + 1) * classes.length));
    const best = row.indexOf(Math.max(...row));
    const named = Object.fromEntries(classes.map((name, c) => [name, row[c]]));
    return line(n, { prediction: classes[best], probabilities: named }, labels && held[labels[n]!]);
  });
}
