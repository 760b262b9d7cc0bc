import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { unusedNotes } from '../../data/datasets/made.ts';
import { checkPlan, runBenchmark, type BenchmarkPlan } from '../../experiments/benchmark.ts';
import { benchmarkData } from '../../experiments/benchmark/data.ts';
import { checkBenchmarkDirectory, givenAsBegun, writePlan } from '../../experiments/benchmark/directory.ts';
import { document } from '../../experiments/benchmark/document.ts';
import { dataConfig } from '../../experiments/benchmark/entries.ts';
import { isOneGroup, oneGroupNote } from '../../experiments/benchmark/paired-tests.ts';
import { jobCount } from '../../experiments/benchmark/grid.ts';
import { JobPool } from '../../experiments/benchmark/pool.ts';
import type { Comparison } from '../../experiments/benchmark/cells.ts';
import { textTable } from '../../experiments/benchmark/tables.ts';
import { foldedText } from '../../experiments/folds.ts';
import { freshDirectory } from '../../runs/record/out-directory.ts';
import { entriesNamed, settingsOf, takingPart } from './entries.ts';
import { BenchmarkProgress } from './progress.ts';
import { entryNames, variantOfFile } from './variants.ts';
import { columns } from '../printing/columns.ts';
import { wrapped } from '../printing/wrapped.ts';
import { command } from '../command.ts';
import { interruptible, resumeCommand } from '../interruption.ts';
import { keyOptions, keysGiven } from '../options/configuration.ts';
import { dataHelp } from '../options/data.ts';
import type { CliOption, Values } from '../options/option.ts';
import { positive, wholeNumber } from '../options/parse.ts';
import { shared } from '../options/shared.ts';
import { UsageError } from '../usage-error.ts';

const { modalities, task, preset, group, epochs, threads } = keyOptions;
const options = [
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
    flag: '--jobs <n>',
    help: 'runs at a time, each a process; default: the number of cores',
    parse: positive,
  },
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
  modalities,
  task,
  preset,
  shared.folds,
  group,
  epochs,
  { ...threads, help: 'threads of each run; default: 1' },
  { ...shared.out, help: 'where tables and runs go; default: a new folder under runs/' },
  { ...shared.resume, help: 'go on with the benchmark in --out; what is finished is not run again' },
  shared.json,
  shared.quiet,
] as const satisfies readonly CliOption[];
type BenchmarkOptions = Values<(typeof options)[number]>;

export const benchmarkCommand = command('benchmark', {
  summary: 'compare all models and simple references under one protocol',
  example: 'decalign benchmark mosi.pkl --seeds 1,2,3 --out results',
  description:
    'Trains every model with every seed on the same splits, standardised alike, under the same limit of epochs, and compares them and simple references on the test split: a table per DATA in Markdown, CSV, LaTeX and JSON.',
  arguments: [['<data...>', `one or more of: ${dataHelp}`]],
  options,
  action: async (sources, options) => {
    if (options.resume && options.out === undefined)
      throw new UsageError('--resume needs --out DIR: the benchmark to go on with.');
    const names = options.models ?? ['all'];
    const files = (options.config ?? []).map(variantOfFile);
    const named = await entriesNamed(
      names,
      files.map(({ entry }) => entry),
    );
    const asked = { set: settingsOf(options.set ?? [], named), options: keysGiven(options) };
    const directory = options.out ?? freshDirectory('benchmark');
    checkBenchmarkDirectory(directory, { resume: options.resume ?? false });
    const given = options.resume ? givenAsBegun(asked, directory) : asked;
    const twice = sources.find((source, i) => sources.indexOf(source) < i);
    if (twice !== undefined) throw new UsageError(`${twice} is given twice.`);
    const data = await benchmarkData(sources, { given, directory, ...(options.folds && { folds: options.folds }) });
    const { entries, notes } = takingPart(named, { names, data });
    const plan = {
      directory,
      data,
      entries,
      seeds: options.seeds,
      trials: options.tune,
      decoupling: options.decoupling ?? false,
      given,
    };
    checkPlan(plan);
    for (const note of notes) process.stderr.write(`${note}.\n`);
    for (const { entry, left } of files)
      if (left.length > 0)
        process.stderr.write(
          `${entry.variant!.file!.name}: ${left.join(', ')} ${left.length === 1 ? 'is' : 'are'} not taken: data and text keys are the same for all models (--set).\n`,
        );
    for (const note of unusedNotes(dataConfig(given).data, sources)) process.stderr.write(`warning: ${note}\n`);
    for (const { name, warnings } of data)
      for (const warning of warnings) process.stderr.write(`warning: ${name}: ${warning}\n`);
    const comparisons = await run(plan, options);
    if (comparisons) print(comparisons, directory, options);
  },
});

async function run(
  plan: BenchmarkPlan,
  { jobs = availableParallelism(), quiet = false }: BenchmarkOptions,
): Promise<readonly Comparison[] | undefined> {
  writePlan(plan.directory, plan);
  const progress = new BenchmarkProgress({ jobs: jobCount(plan), quiet });
  const compare = async (signal: AbortSignal): Promise<readonly Comparison[] | undefined> => {
    const pool = new JobPool({
      jobs,
      start: () => fork(process.argv[1]!, ['benchmark-job'], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] }),
      signal,
    });
    const comparisons = await runBenchmark(plan, pool, (event) => progress.show(event));
    progress.done();
    return comparisons;
  };
  return interruptible(compare, {
    stopping: () => progress.note('finishing the steps under way; once more to stop at once'),
    stopped: `Interrupted. To go on:\n  ${resumeCommand(plan.directory)}`,
  });
}

function print(comparisons: readonly Comparison[], directory: string, { json }: BenchmarkOptions): void {
  if (json) process.stdout.write(`${JSON.stringify({ out: directory, data: comparisons.map(document) })}\n`);
  else
    for (const comparison of comparisons) {
      const { data, seeds } = comparison;
      const over = seeds.length > 1 ? `, mean ± std over seeds ${seeds.join(', ')}` : `, seed ${seeds[0]!}`;
      const { test } = data.samples;
      const tested = data.folds
        ? `${data.folds.count} folds ${foldedText(data.folds, test)}`
        : `test split (${test} samples)`;
      const heading = `${data.name}, ${tested}${over}`;
      process.stdout.write(`${heading}\n\n${columns(textTable(comparison))}\n\n`);
      if (isOneGroup(data.groups?.values())) process.stdout.write(`${wrapped(oneGroupNote)}\n\n`);
      for (const warning of data.warnings) process.stdout.write(`${wrapped(`Warning: ${warning}`)}\n\n`);
    }
  if (!json) process.stdout.write(`Tables: ${directory}\n`);
  const rows = comparisons.flatMap((comparison) => comparison.rows);
  const failed = rows.filter(({ status }) => status !== 'done');
  if (failed.length === 0) return;
  process.stderr.write(
    `decalign: ${failed.length} of ${rows.length} did not finish all their runs: ${failed.map(({ id }) => id).join(', ')}.\n`,
  );
  process.exitCode = 1;
}
