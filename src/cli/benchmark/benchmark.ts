import { checkPlan, runBenchmark } from '../../experiments/benchmark.ts';
import { entriesNamed, settingsOf, takingPart } from './entries.ts';
import { begin, experimentOptions, inPool, printComparisons, warn } from './experiment.ts';
import { entryNames, variantOfFile } from './variants.ts';
import { command } from '../command.ts';
import { keysGiven } from '../options/configuration.ts';
import { dataHelp } from '../options/data.ts';
import { wholeNumber } from '../options/parse.ts';
import { shared } from '../options/shared.ts';

export const benchmarkCommand = command('benchmark', {
  summary: 'compare all models and simple references under one protocol',
  example: 'decalign benchmark mosi.pkl --seeds 1,2,3 --out results',
  description:
    'Trains every model with every seed on the same splits, standardised alike, under the same limit of epochs, and compares them and simple references on the test split: a table per DATA in Markdown, CSV, LaTeX and JSON.',
  arguments: [['<data...>', `one or more of: ${dataHelp}`]],
  options: [
    {
      flag: '--models <names>',
      help: 'models, files of your own and references, as in decalign,./mine.js,ridge; decalign@authors is a recipe, decalign:wide=model.width=64,model.layers=2 a variant',
      parse: entryNames,
    },
    {
      flag: '--config <file>',
      help: 'a YAML or JSON file of model and train keys, a variant by the name of the file; may be repeated',
      repeated: true,
    },
    { ...shared.seeds, help: 'a run of every model with each', default: [1, 2, 3] },
    {
      flag: '--tune <n>',
      help: 'random trials per model, the best on validation is then run with all seeds',
      parse: wholeNumber,
      default: 0,
    },
    {
      flag: '--set <key=value>',
      help: 'one key for all models, or for one as in mult:model.layers=2; may be repeated',
      repeated: true,
    },
    { flag: '--decoupling', help: 'a column D: how far unique and common parts of a model are decoupled' },
    ...experimentOptions,
  ],
  action: async (sources, options) => {
    const names = options.models ?? ['all'];
    const files = (options.config ?? []).map(variantOfFile);
    const named = await entriesNamed(names, { files: files.map(({ entry }) => entry) });
    const asked = { set: settingsOf(options.set ?? [], named), options: keysGiven(options) };
    const begun = await begin('benchmark', sources, { asked, options, entries: () => named });
    const { entries, notes } = takingPart(named, { names, data: begun.data });
    const { seeds, tune: trials, decoupling = false } = options;
    const plan = { ...begun, entries, seeds, trials, decoupling };
    checkPlan(plan);
    for (const note of notes) process.stderr.write(`${note}.\n`);
    for (const { entry, left } of files)
      if (left.length > 0)
        process.stderr.write(
          `${entry.variant!.file!.name}: ${left.join(', ')} ${left.length === 1 ? 'is' : 'are'} not taken: data and text keys are the same for all models (--set).\n`,
        );
    warn(begun);
    const comparisons = await inPool('benchmark', plan, options, (pool, watch) => runBenchmark(plan, pool, watch));
    if (comparisons) printComparisons(comparisons, begun.directory, options);
  },
});
