import { readPair } from '../config/index.ts';
import { isOfData, type ModelEntry } from '../experiments/benchmark/entries.ts';
import { checkSameKeys, checkSweep, runSweep } from '../experiments/sweep.ts';
import { sweepCells, type Sweep, type SweepKey } from '../experiments/sweep-cells.ts';
import { document, textTable } from '../experiments/sweep-tables.ts';
import { entriesNamed } from './benchmark/entries.ts';
import { begin, experimentOptions, heading, inPool, tellUnfinished, warn } from './benchmark/experiment.ts';
import { divided } from './benchmark/variants.ts';
import { command } from './command.ts';
import { keysGiven } from './options/configuration.ts';
import { dataHelp } from './options/data.ts';
import { shared } from './options/shared.ts';
import { columns } from './printing/columns.ts';
import { wrapped } from './printing/wrapped.ts';
import { UsageError } from './usage-error.ts';

export const sweepCommand = command('sweep', {
  summary: 'a model at every combination of values of some keys, on validation',
  example:
    'decalign sweep mosi.pkl --grid model.weights.independence=0.02,0.06,0.2 --grid model.weights.pairing=0.3,1,3',
  description:
    'Trains a model with every combination of the values of its keys and every seed, as `benchmark` trains models, and compares them on the validation split: a table in Markdown, CSV and JSON. Of two keys `decalign figures` draws the heat map (Figure 7 of the paper).',
  arguments: [['<data>', dataHelp]],
  options: [
    {
      flag: '--grid <key=values>',
      help: 'a key of the configuration and its values with commas between; may be repeated, for every combination',
      repeated: true,
      required: true,
    },
    {
      flag: '--model <name>',
      help: 'the model, with a recipe after an @, as in decalign@paper',
      default: 'decalign',
    },
    { ...shared.seeds, help: 'a run of every combination with each', default: [1] },
    { flag: '--set <key=value>', help: 'another key, for all combinations; may be repeated', repeated: true },
    { flag: '--test', help: 'tell metrics of the test split too, which choose nothing' },
    ...experimentOptions,
  ],
  action: async (source, options) => {
    const keys = keysOf(options.grid);
    const asked = { set: (options.set ?? []).map((pair) => ({ pair })), options: keysGiven(options) };
    for (const { key } of keys) {
      const also = [
        ...asked.set.flatMap(({ pair }) => (pair.startsWith(`${key}=`) ? [`--set ${pair}`] : [])),
        ...asked.options.flatMap((each) => (each.key === key ? [each.name] : [])),
      ][0];
      if (also !== undefined) throw new UsageError(`--grid ${key} and ${also} give one key twice; leave one out.`);
    }
    const cells = sweepCells(await modelNamed(options.model), keys);
    const entries = cells.map(({ entry }) => entry);
    const begun = await begin('sweep', [source], { asked, options, entries: () => entries });
    if (options.resume) checkSameKeys(begun.directory, keys);
    const { seeds, test = false } = options;
    const grid = { ...begun, keys, entries, seeds, trials: 0, test };
    const plan = { ...grid, cells };
    checkSweep(plan);
    warn(begun);
    const sweep = await inPool('sweep', grid, options, (pool, watch) => runSweep(plan, pool, watch));
    if (sweep) printSweep(sweep, begun.directory, options);
  },
});

/** The model of `--model`, which is one and no reference. */
async function modelNamed(name: string): Promise<ModelEntry> {
  const [entry, ...others] = await entriesNamed([name], { flag: '--model' });
  if (entry === undefined || others.length > 0 || entry.reference !== undefined || entry.variant)
    throw new UsageError(`--model ${name}: a sweep is of one model, which has settings; what varies goes to --grid.`);
  return entry;
}

/** The keys of `--grid`, each with its values. */
function keysOf(grids: readonly string[]): SweepKey[] {
  const keys = grids.map((text): SweepKey => {
    const where = `--grid ${text}`;
    const equals = text.indexOf('=');
    if (equals < 1) throw new UsageError(`${where}: write key=values, as in --grid model.width=16,32.`);
    const key = text.slice(0, equals);
    if (isOfData(key))
      throw new UsageError(`${where}: data and text keys are the same for all; sweep those of model and train.`);
    const values = divided(text.slice(equals + 1)).map((value) => readPair(`${key}=${value}`, where).value);
    if (values.length === 0)
      throw new UsageError(`${where}: it has no values; write them after the "=", as in ${key}=1,2.`);
    const texts = values.map((value) => JSON.stringify(value));
    const twice = texts.find((value, n) => texts.indexOf(value) < n);
    if (twice !== undefined) throw new UsageError(`${where}: ${twice} is given twice.`);
    return { key, values };
  });
  const twice = keys.find(({ key }, n) => keys.findIndex((each) => each.key === key) < n);
  if (twice) throw new UsageError(`--grid ${twice.key} is given twice; name all of its values in one.`);
  return keys;
}

/** Prints the table, or one JSON document, and says which cells did not finish. */
export function printSweep(sweep: Sweep, directory: string, { json }: { readonly json?: boolean }): void {
  if (json) process.stdout.write(`${JSON.stringify({ out: directory, ...(document(sweep) as object) })}\n`);
  else {
    process.stdout.write(`${heading(sweep.data, sweep.seeds, 'validation')}\n\n${columns(textTable(sweep))}\n\n`);
    for (const warning of sweep.data.warnings) process.stdout.write(`${wrapped(`Warning: ${warning}`)}\n\n`);
    process.stdout.write(`Tables: ${directory}\n`);
  }
  tellUnfinished(sweep.rows);
}
