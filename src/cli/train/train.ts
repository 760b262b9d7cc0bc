import { stringify } from 'yaml';
import { overridesOf, resolveConfig, type ConfigSources, type RunConfig } from '../../config/index.ts';
import { sampleCount, type Dataset } from '../../data/dataset.ts';
import { foldOf, allSamples } from '../../data/folds.ts';
import { checkFolder } from '../../files/append.ts';
import { foldFindings } from '../../data/report/findings.ts';
import { runReferences } from '../../experiments/references-data.ts';
import { foldReferences, runFolds, summariseFolds, type FoldsEvent } from '../../experiments/cross-validation.ts';
import { foldsFor, type FoldsRequest } from '../../experiments/folds.ts';
import { isAborted, runSeeds, summariseRuns, type SeedsEvent } from '../../experiments/seeds.ts';
import { textOfFirst, type Ranks } from '../../parallel/ranks.ts';
import { checkAlike, together } from '../../parallel/together.ts';
import { groupedAsBegun, recipeBegun } from '../../runs/as-begun.ts';
import { dryRun } from '../../runs/dry-run.ts';
import { loadRunData } from '../../runs/load.ts';
import { mayBeLarge, memoryOf, memoryWarning } from '../../runs/memory.ts';
import type { OwnModel } from '../../runs/own-model/code.ts';
import { checkVacant, freshDirectory } from '../../runs/record/out-directory.ts';
import { prepare, type Prepared } from '../../runs/prepare.ts';
import type { RunResult } from '../../runs/training-run.ts';
import { command } from '../command.ts';
import { dataLine, notRead } from '../printing/data-line.ts';
import { interruptible, resumeCommand } from '../interruption.ts';
import { configOptions, sourcesOf } from '../options/configuration.ts';
import { dataHelp } from '../options/data.ts';
import type { CliOption, Values } from '../options/option.ts';
import { overRanks } from '../ranks.ts';
import { checkpointEvery, wholeNumber } from '../options/parse.ts';
import { modelFrom } from '../options/own-model.ts';
import { refuseBoth, shared } from '../options/shared.ts';
import { adviceText } from './advice.ts';
import { Progress } from './progress.ts';
import { besideRuns, documentOf } from './references.ts';
import { browserLine, foldsText, seedsText } from './results-text.ts';
import { placeOfReport, reported } from '../report.ts';
import { UsageError } from '../usage-error.ts';

const options = [
  ...configOptions,
  { flag: '--seed <n>', help: 'seed of everything random (default: 1)', parse: wholeNumber },
  { ...shared.seeds, help: 'several runs, as in 1,2,3: also prints mean and standard deviation' },
  shared.folds,
  { ...shared.out, help: 'run directory; default: a new one under runs/' },
  {
    ...shared.resume,
    help: 'go on with the stopped run in --out; with --epochs, to that number of them, finished or not',
  },
  {
    flag: '--checkpoint-every <n|time>',
    help: 'also within an epoch: so many steps, or minutes as in 5m (default: 10m)',
    parse: checkpointEvery,
  },
  { flag: '--references', help: 'show what a constant and ridge regression reach, beside the model (default)' },
  { flag: '--no-references', help: 'leave that out' },
  {
    flag: '--report <file>',
    help: 'when all is trained, also make this page of it, such as report/report.html, as decalign report does',
  },
  { flag: '--dry-run', help: 'show configuration, size, steps and expected time; train nothing' },
  shared.json,
  shared.quiet,
] as const satisfies readonly CliOption[];
type TrainOptions = Values<(typeof options)[number]>;

export const trainCommand = command('train', {
  summary: 'train a model, keep the best epoch by validation, evaluate it on test',
  example: 'decalign train mosi.pkl --seeds 1,2,3',
  description:
    'Trains on DATA, keeps the epoch that is best on the validation split, evaluates that on the test split and leaves everything in a run directory.',
  arguments: [['<data>', dataHelp]],
  options,
  action: async (source, options) => {
    refuseBoth({ ...options }, 'seed', 'seeds');
    refuseBoth({ ...options }, 'folds', 'seeds');
    refuseBoth({ ...options }, 'folds', 'dryRun');
    refuseBoth({ ...options }, 'report', 'dryRun');
    // Before data is read and a model is trained, which may be long.
    if (options.report !== undefined) placeOfReport(options.report);
    if (options.resume && options.out === undefined)
      throw new UsageError('--resume needs --out DIR: the run to go on with.');
    await overRanks((ranks) => trainOver(ranks, source, options));
  },
});

/** Trains on every rank; all but the first are silent, and write nothing. */
async function trainOver(ranks: Ranks, source: string, options: TrainOptions): Promise<void> {
  const { seed, seeds: several, folds, resume, epochs, dryRun: isPlan } = options;
  await checkAlike(ranks, JSON.stringify({ seed, several, folds, resume, epochs, isPlan }));
  const { call, dataset } = await together(ranks, () => called(source, { ...options, ranks }));
  try {
    if (options.folds !== undefined) {
      await crossValidate(dataset, options.folds, call, { ...options, ranks });
      return;
    }
    const seeds = options.seeds ?? [options.seed ?? 1];
    const prepared = await together(ranks, () => preparedFor(dataset, call));
    if (options.dryRun) {
      await printPlan(prepared, seeds, options);
      return;
    }
    const directory = await textOfFirst(ranks, options.out ?? freshDirectory(runName(prepared)));
    const progress = progressOf(prepared, seeds.length, options);
    const runs = await trainAll(prepared, seeds, { directory, progress }, { ...options, ranks });
    if (!runs || ranks.rank > 0) return;
    await print(prepared, runs, { directory, progress }, options);
    await report(directory, options);
  } finally {
    await dataset.close?.();
  }
}

/** What the call asks for, and the data. */
async function called(source: string, options: RankedOptions): Promise<{ call: Call; dataset: Dataset }> {
  if (options.out !== undefined && !options.resume && !options.dryRun && options.ranks.rank === 0) {
    checkVacant(options.out);
    checkFolder(options.out);
  }
  const own = await modelFrom(options.model);
  const sources = {
    ...{ ...sourcesOf(options), dataset: source, ...(own && { model: own.model }) },
    ...(options.resume && { recipeBegun: recipeBegun(options.out!) }),
  };
  const asked = resolveConfig(sources);
  const config = options.resume ? groupedAsBegun(asked, options.out!, own) : asked;
  return { call: { source, sources, config, own }, dataset: await loadRunData(source, config) };
}

const preparedFor = (dataset: Dataset, { source, sources, config, own }: Call): Prepared =>
  prepare(config, dataset, { source, overrides: overridesOf(sources), own });

async function printPlan(prepared: Prepared, seeds: readonly number[], { json }: TrainOptions): Promise<void> {
  const plan = await dryRun(prepared, seeds);
  if (plan.warning !== undefined) process.stderr.write(`warning: ${plan.warning}\n`);
  process.stdout.write(
    json
      ? `${JSON.stringify({ ...plan, config: prepared.config })}\n`
      : `${stringify(prepared.config)}---\n${stringify(plan)}`,
  );
}

/** The options of a call, and the processes that train together. */
type RankedOptions = TrainOptions & { readonly ranks: Ranks };

const progressOf = (
  { dataset, selection }: Pick<Prepared, 'dataset' | 'selection'>,
  seeds: number,
  { quiet = false }: TrainOptions,
): Progress =>
  new Progress({
    data: dataLine(dataset),
    notRead: notRead(dataset),
    seeds,
    selection,
    metrics: dataset.metrics,
    quiet,
  });

/** Trains with every seed. Returns their results, or undefined if interrupted. */
async function trainAll(
  prepared: Prepared,
  seeds: readonly number[],
  { directory, progress }: Trained,
  { resume = false, epochs, checkpointEvery, ranks }: RankedOptions,
): Promise<RunResult[] | undefined> {
  warnOfMemory(prepared, progress);
  const extend = epochs !== undefined;
  const run = { seeds, directory, resume, extend, ranks, ...(checkpointEvery && { checkpointEvery }) };
  return watched(progress, directory, (signal) => runSeeds(prepared, { ...run, signal }));
}

/** Shows the progress of runs. Returns their results, or undefined if interrupted. */
async function watched(
  progress: Progress,
  directory: string,
  start: (signal: AbortSignal) => AsyncIterable<SeedsEvent | FoldsEvent>,
): Promise<RunResult[] | undefined> {
  const stopped = `Interrupted. To go on:\n  ${resumeCommand(directory)}`;
  const train = async (signal: AbortSignal): Promise<RunResult[] | undefined> => {
    const runs: RunResult[] = [];
    for await (const event of start(signal)) {
      progress.show(event);
      if (event.type === 'result') runs.push(event.result);
      if (!isAborted(event) || signal.aborted) continue;
      // A signal that has reached another rank alone.
      progress.note(stopped);
      process.exitCode = 143;
      return undefined;
    }
    return signal.aborted ? undefined : runs;
  };
  return interruptible(train, {
    stopping: () => progress.note('finishing the step; once more to stop at once'),
    stopped,
  });
}

/** What the call asks to train: the data, and the configuration with its sources. */
interface Call {
  readonly source: string;
  readonly sources: ConfigSources;
  readonly config: RunConfig;
  readonly own: OwnModel | undefined;
}

async function crossValidate(
  dataset: Dataset,
  request: FoldsRequest,
  { source, sources, config, own }: Call,
  options: RankedOptions,
): Promise<void> {
  const { seed = 1, out, resume = false, epochs, json, checkpointEvery, ranks } = options;
  const overrides = overridesOf(sources);
  const prepareFold = (data: Dataset, index: number): Prepared =>
    prepare(config, data, { source, overrides, own, fold: { request, index, by: folds.by, groups: folds.groups } });
  const folds = await together(ranks, () => foldsFor(dataset, request, config.data.group));
  const warnings = foldFindings(dataset, folds);
  const first = await together(ranks, () => prepareFold(foldOf(dataset, folds, 0), 0));
  const directory = await textOfFirst(ranks, out ?? freshDirectory(runName(first)));
  const every = checkpointEvery && { checkpointEvery };
  const extend = epochs !== undefined;
  const validation = {
    dataset,
    folds,
    warnings,
    own,
    prepare: prepareFold,
    seed,
    directory,
    resume,
    extend,
    ranks,
    ...every,
  };
  const progress = progressOf({ dataset, selection: first.selection }, 1, options);
  for (const warning of warnings) progress.note(`warning: ${warning}`);
  warnOfMemory(first, progress);
  const runs = await watched(progress, directory, (signal) => runFolds({ ...validation, signal }));
  if (!runs || ranks.rank > 0) return;
  const result = await summariseFolds(validation, runs);
  const beside = await besideRuns(options, {
    directory,
    progress,
    fitted: () => foldReferences(validation, { source, config }),
  });
  if (json) process.stdout.write(`${JSON.stringify({ ...result, ...documentOf(beside) })}\n`);
  else {
    const size = sampleCount(allSamples(dataset));
    const rows = beside.map(({ name, test }) => ({ name, metrics: test! }));
    const advice = adviceText(first, runs, beside);
    process.stdout.write(foldsText(result, { data: first.data, size, references: rows, advice, directory }));
  }
  await report(directory, options);
}

/** Makes the page that `--report` asks for, and says how all is looked at. */
async function report(directory: string, { report: page, device, json }: TrainOptions): Promise<void> {
  const files = page === undefined ? [] : await reported([directory], placeOfReport(page), { device });
  if (!json) process.stdout.write([...files.map((file) => `${file}\n`), browserLine(directory)].join(''));
}

async function print(
  prepared: Prepared,
  runs: readonly RunResult[],
  { directory, progress }: Trained,
  options: TrainOptions,
): Promise<void> {
  const summary = summariseRuns(runs, directory);
  const beside = await besideRuns(options, { directory, progress, fitted: () => runReferences(prepared) });
  if (options.json) {
    const each = runs.map(({ run, seed, best_epoch, valid, test }) => ({ run, seed, best_epoch, valid, test }));
    const document = each.length > 1 ? { ...summary, runs: each } : each[0]!;
    process.stdout.write(`${JSON.stringify({ ...document, ...documentOf(beside) })}\n`);
    return;
  }
  const split = prepared.splits.test ? 'test' : 'valid';
  const about = { data: prepared.data, model: prepared.network.name, split, directory } as const;
  const size = prepared.splits[split]!.ids.length;
  const references = beside.map((each) => ({ name: each.name, metrics: each[split]! }));
  const advice = adviceText(prepared, runs, beside);
  process.stdout.write(seedsText(summary, { ...about, size, references, advice }));
}

/** The directory that was trained into, and the lines that a person sees meanwhile. */
interface Trained {
  readonly directory: string;
  readonly progress: Progress;
}

/** Warns before a training that takes more memory than there is. */
function warnOfMemory(prepared: Prepared, progress: Progress): void {
  if (!mayBeLarge(prepared)) return;
  const warning = memoryWarning(prepared, memoryOf(prepared));
  if (warning !== undefined) progress.note(`warning: ${warning}`);
}

const runName = ({ data, network }: Prepared): string => `${data.name}-${network.name}`;
