import { writeFileAtomic } from '../files/atomic.ts';
import { explain } from '../runs/explain/explain.ts';
import type { Explanation } from '../runs/explain/explanation.ts';
import { command } from './command.ts';
import { idsIn } from './options/ids.ts';
import { inShape } from './options/in-shape.ts';
import { openingArguments, openingOptions, openModelAndData } from './options/model-and-data.ts';
import { some, splitOrAll } from './options/parse.ts';
import { shared } from './options/shared.ts';
import { explanationText } from './printing/explanation.ts';

/** Samples that are explained where none are named. */
const firstOnes = 3;

export const explainCommand = command('explain', {
  summary: 'what single predictions rest on, and the prototypes and the plan of a model that has them',
  example: "decalign explain runs/mosi mosi.pkl --ids 'a,b' > explained.json",
  description:
    'For each sample gradient times input by modality and step, what each modality adds to the prediction (by leaving it out), and of models that have them the weights of attention and the shares of prototypes; then the transport plan and the prototypes, fitted to the split. One JSON document, or in a terminal a summary. docs/explain.md says how to read it.',
  arguments: openingArguments,
  options: [
    {
      flag: '--ids <list>',
      help: `the ids of the samples, with commas between, or one each time the option is given; default: the first ${firstOnes}`,
      parse: some,
      repeated: true,
    },
    {
      flag: '--target <name>',
      help: 'the class, label or target that is explained; default: the class that is predicted, the likeliest label, the first target',
    },
    {
      flag: '--split <name>',
      help: 'train, valid, test or all; default: test, or all samples where the data has no splits',
      parse: splitOrAll,
    },
    ...openingOptions,
    { flag: '--out <file>', help: 'where the JSON goes; default: stdout' },
    { ...shared.json, help: 'print the JSON document in a terminal too' },
  ],
  action: async (run, source, { ids: named, target, split: asked, out, json, ...opening }) => {
    const {
      model,
      dataset: given,
      split,
    } = await openModelAndData(run, source, {
      ...opening,
      split: asked,
      requireLabels: false,
    });
    for (const note of given.notes ?? []) process.stderr.write(`${note}\n`);
    const dataset = inShape(given, split, model, { long: 'cut' });
    const { threads } = opening;
    const known = dataset.splits[split]!.ids;
    const ids = named ? idsIn(named, known) : firstOnes;
    const explanation = await explain(model, dataset, { split, ids, target, threads });
    if (out !== undefined) writeFileAtomic(out, documentOf(run, source, explanation));
    else if (json || !process.stdout.isTTY) process.stdout.write(documentOf(run, source, explanation));
    else process.stdout.write(`${explanationText(source, explanation)}\n`);
    if (named === undefined && known.length > firstOnes)
      process.stderr.write(`The first ${firstOnes} of ${known.length} samples are explained; --ids names others.\n`);
  },
});

/** One line of JSON. Weights of attention have six digits: there are many of them, and they are of single precision. */
function documentOf(run: string, data: string, explanation: Explanation): string {
  const short = (x: number): number => Number(x.toPrecision(6));
  const samples = explanation.samples.map((sample) => ({
    ...sample,
    attention: sample.attention.map((layer) => ({
      ...layer,
      keys: layer.keys.map(({ modality, weights }) => ({
        modality,
        weights: weights.map((head) => head.map((row) => row.map(short))),
      })),
    })),
  }));
  return `${JSON.stringify({ run, data, ...explanation, samples })}\n`;
}
