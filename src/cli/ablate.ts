import { InvalidArgumentError } from 'commander';
import { recipeOf } from '../config/index.ts';
import { ablationEntries, ablationTables, type AblationEntries, type AblationTable } from '../experiments/ablation.ts';
import { checkPlan, runBenchmark } from '../experiments/benchmark.ts';
import type { BenchmarkData, Given, ModelEntry } from '../experiments/benchmark/entries.ts';
import { models } from '../models/index.ts';
import { begin, experimentOptions, inPool, printComparisons, warn, type Begun } from './benchmark/experiment.ts';
import { command } from './command.ts';
import { keysGiven } from './options/configuration.ts';
import { dataHelp } from './options/data.ts';
import { names } from './options/parse.ts';
import { shared } from './options/shared.ts';

function tables(text: string): readonly AblationTable[] {
  const found = names(text).map((name) => ablationTables.find((table) => String(table) === name));
  if (found.some((table) => table === undefined) || new Set(found).size < found.length)
    throw new InvalidArgumentError(`It must be tables of the paper with ablations, as in ${ablationTables.join(',')}.`);
  return found.filter((table) => table !== undefined);
}

export const ablateCommand = command('ablate', {
  summary: 'DecAlign without each of its parts: Tables 3 and 4 of the paper',
  example: 'decalign ablate mosi.pkl --seeds 1,2,3 --out ablation',
  description:
    'Trains DecAlign and its ablations with every seed as `benchmark` trains models, and tests each against all of it: a table per DATA in Markdown, CSV, LaTeX and JSON. What is left out is not computed. A row of a term that the recipe does not weigh is not there.',
  arguments: [['<data...>', `one or more of: ${dataHelp}`]],
  options: [
    {
      flag: '--tables <list>',
      help: 'tables of the paper: 3 leaves out alignments and decoupling, 4 single terms',
      parse: tables,
      default: ablationTables,
    },
    { flag: '--recipe <name>', help: "of DecAlign: 'decoupled' (default), 'paper' or 'authors'" },
    { ...shared.seeds, help: 'a run of every row with each', default: [1, 2, 3] },
    { flag: '--set <key=value>', help: 'one key for all rows; may be repeated', repeated: true },
    { flag: '--decoupling', help: 'a column D: how far unique and common parts are decoupled' },
    ...experimentOptions,
  ],
  action: async (sources, options) => {
    const { recipe, seeds, decoupling = false } = options;
    if (recipe !== undefined) recipeOf(models.decalign, { name: recipe, where: `--recipe ${recipe}`, source: 'call' });
    const asked = { set: (options.set ?? []).map((pair) => ({ pair })), options: keysGiven(options) };
    const rowsOf = (begun: Pick<Begun, 'given' | 'data'>): AblationEntries =>
      ablationEntries({ ...begun, recipe, tables: options.tables });
    const rows = (each: BenchmarkData, given: Given): readonly ModelEntry[] => rowsOf({ given, data: [each] }).entries;
    const begun = await begin('ablation', sources, { asked, options, entries: rows });
    const { entries, base, left } = rowsOf(begun);
    const plan = { ...begun, entries, seeds, trials: 0, decoupling, base, about: 'ablation' } as const;
    checkPlan(plan);
    for (const row of left)
      process.stderr.write(`${row}: ${base} has none as it is configured, so that there is no such row.\n`);
    warn(begun);
    const comparisons = await inPool('ablation', plan, options, (pool, watch) => runBenchmark(plan, pool, watch));
    if (comparisons) printComparisons(comparisons, begun.directory, options);
  },
});
