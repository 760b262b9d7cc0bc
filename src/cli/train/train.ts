import { stringify } from 'yaml';
import { overridesOf, resolveConfig, type ConfigSources, type RunConfig } from '../../config/index.ts';
import { sampleCount, type Dataset } from '../../data/dataset.ts';
import { foldOf, allSamples } from '../../data/folds.ts';
import { checkFolder } from '../../files/append.ts';
import { foldFindings } from '../../data/report/findings.ts';
import { runReferences, writeReferences, type ReferenceFigures } from '../../experiments/references-data.ts';
import { foldReferences, runFolds, summariseFolds, type FoldsEvent } from '../../experiments/cross-validation.ts';
import { foldsFor, type FoldsRequest } from '../../experiments/folds.ts';
import { runSeeds, summariseRuns, type SeedsEvent } from '../../experiments/seeds.ts';
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
import { checkpointEvery, wholeNumber } from '../options/parse.ts';
import { modelFrom } from '../options/own-model.ts';
import { refuseBoth, shared } from '../options/shared.ts';
import { adviceText } from './advice.ts';
import { Progress } from './progress.ts';
import { foldsText, seedsText } from './results-text.ts';
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
    if (options.out !== undefined && !options.resume && !options.dryRun) {
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
    const seeds = options.seeds ?? [options.seed ?? 1];
    const dataset = await loadRunData(source, config);
    try {
      if (options.folds !== undefined) {
        await crossValidate(dataset, options.folds, { source, sources, config, own }, options);
        return;
      }
      const prepared = prepare(config, dataset, { source, overrides: overridesOf(sources), own });
      if (options.dryRun) {
        const plan = await dryRun(prepared, seeds);
        if (plan.warning !== undefined) process.stderr.write(`warning: ${plan.warning}\n`);
        process.stdout.write(
          options.json
            ? `${JSON.stringify({ ...plan, config: prepared.config })}\n`
            : `${stringify(prepared.config)}---\n${stringify(plan)}`,
        );
        return;
      }
      const directory = options.out ?? freshDirectory(runName(prepared));
      const progress = progressOf(prepared, seeds.length, options);
      const runs = await trainAll(prepared, seeds, { directory, progress }, options);
      if (!runs) return;
      await print(prepared, runs, { directory, progress }, options);
      await report(directory, options);
    } finally {
      await dataset.close?.();
    }
  },
});

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
  { resume = false, epochs, checkpointEvery }: TrainOptions,
): Promise<RunResult[] | undefined> {
  warnOfMemory(prepared, progress);
  const extend = epochs !== undefined;
  const run = { seeds, directory, resume, extend, ...(checkpointEvery && { checkpointEvery }) };
  return watched(progress, directory, (signal) => runSeeds(prepared, { ...run, signal }));
}

/** Shows the progress of runs. Returns their results, or undefined if interrupted. */
async function watched(
  progress: Progress,
  directory: string,
  start: (signal: AbortSignal) => AsyncIterable<SeedsEvent | FoldsEvent>,
): Promise<RunResult[] | undefined> {
  const train = async (signal: AbortSignal): Promise<RunResult[] | undefined> => {
    const runs: RunResult[] = [];
    for await (const event of start(signal)) {
      progress.show(event);
      if (event.type === 'result') runs.push(event.result);
    }
    return signal.aborted ? undefined : runs;
  };
  return interruptible(train, {
    stopping: () => progress.note('finishing the step; once more to stop at once'),
    stopped: `Interrupted. To go on:\n  ${resumeCommand(directory)}`,
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
  options: TrainOptions,
): Promise<void> {
  const { seed = 1, out, resume = false, epochs, json, checkpointEvery } = options;
  const overrides = overridesOf(sources);
  const prepareFold = (data: Dataset, index: number): Prepared =>
    prepare(config, data, { source, overrides, own, fold: { request, index, by: folds.by, groups: folds.groups } });
  const folds = foldsFor(dataset, request, config.data.group);
  const warnings = foldFindings(dataset, folds);
  const first = prepareFold(foldOf(dataset, folds, 0), 0);
  const directory = out ?? freshDirectory(runName(first));
  const every = checkpointEvery && { checkpointEvery };
  const extend = epochs !== undefined;
  const validation = { dataset, folds, warnings, own, prepare: prepareFold, seed, directory, resume, extend, ...every };
  const progress = progressOf({ dataset, selection: first.selection }, 1, options);
  for (const warning of warnings) progress.note(`warning: ${warning}`);
  warnOfMemory(first, progress);
  const runs = await watched(progress, directory, (signal) => runFolds({ ...validation, signal }));
  if (!runs) return;
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

/** Makes the page that `--report` asks for. */
async function report(directory: string, { report: page, json }: TrainOptions): Promise<void> {
  if (page === undefined) return;
  const files = await reported([directory], placeOfReport(page));
  if (!json) for (const file of files) process.stdout.write(`${file}\n`);
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

/** References to be shown beside runs, which are recorded with them; none where they are not wanted or cannot be fitted. */
async function besideRuns(
  { references = true }: TrainOptions,
  { directory, progress, fitted }: Trained & { readonly fitted: () => Promise<readonly ReferenceFigures[]> },
): Promise<readonly ReferenceFigures[]> {
  if (!references) return [];
  try {
    const found = await fitted();
    writeReferences(directory, found);
    return found;
  } catch (error) {
    // The run is done and sound: that nothing can be fitted beside it, such as where a text encoder is gone, is no failure.
    progress.note(`No references beside the run: ${(error as Error).message}`);
    return [];
  }
}

const documentOf = (beside: readonly ReferenceFigures[]): Readonly<Record<string, unknown>> =>
  beside.length === 0
    ? {}
    : { references: Object.fromEntries(beside.map(({ name, valid, test }) => [name, { valid, test }])) };

/** Warns before a training that takes more memory than there is. */
function warnOfMemory(prepared: Prepared, progress: Progress): void {
  if (!mayBeLarge(prepared)) return;
  const warning = memoryWarning(prepared, memoryOf(prepared));
  if (warning !== undefined) progress.note(`warning: ${warning}`);
}

const runName = ({ data, network }: Prepared): string => `${data.name}-${network.name}`;
