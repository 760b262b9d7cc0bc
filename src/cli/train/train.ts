import { stringify } from 'yaml';
import { overridesOf, resolveConfig, type ConfigSources, type RunConfig } from '../../config/index.ts';
import { sampleCount, type Dataset } from '../../data/dataset.ts';
import { foldOf, allSamples } from '../../data/folds.ts';
import { runReferences } from '../../experiments/references-data.ts';
import { foldReferences, runFolds, summariseFolds, type FoldsEvent } from '../../experiments/cross-validation.ts';
import { foldsFor, type FoldsRequest } from '../../experiments/folds.ts';
import { runSeeds, summariseRuns, type SeedsEvent } from '../../experiments/seeds.ts';
import { dryRun } from '../../runs/dry-run.ts';
import { loadRunData } from '../../runs/load.ts';
import type { OwnModel } from '../../runs/own-model/code.ts';
import { freshDirectory } from '../../runs/run-directory.ts';
import { prepare, type Prepared } from '../../runs/prepare.ts';
import type { RunResult } from '../../runs/training-run.ts';
import { command } from '../command.ts';
import { dataLine, notRead } from '../printing/data-line.ts';
import { interruptible, resumeCommand } from '../interruption.ts';
import { configOptions, sourcesOf } from '../options/configuration.ts';
import type { CliOption, Values } from '../options/option.ts';
import { checkpointEvery, wholeNumber } from '../options/parse.ts';
import { modelFrom } from '../options/own-model.ts';
import { refuseBoth, shared } from '../options/shared.ts';
import { Progress } from './progress.ts';
import { foldsText, seedsText } from './results-text.ts';
import { UsageError } from '../usage-error.ts';

const options = [
  ...configOptions,
  { flag: '--seed <n>', help: 'seed of everything random (default: 1)', parse: wholeNumber },
  { ...shared.seeds, help: 'several runs, as in 1,2,3: also prints mean and standard deviation' },
  shared.folds,
  { ...shared.out, help: 'run directory; default: a new one under runs/' },
  { ...shared.resume, help: 'go on with the stopped run in --out' },
  {
    flag: '--checkpoint-every <n|time>',
    help: 'also within an epoch: so many steps, or minutes as in 5m (default: 10m)',
    parse: checkpointEvery,
  },
  { flag: '--references', help: 'also show what a constant and ridge regression reach' },
  { flag: '--dry-run', help: 'show configuration, size, steps and expected time; train nothing' },
  shared.json,
  shared.quiet,
] as const satisfies readonly CliOption[];
type TrainOptions = Values<(typeof options)[number]>;

export const trainCommand = command('train', {
  summary: 'train a model, keep the best epoch by validation, evaluate it on test',
  example: 'decalign train mosi.pkl --seeds 1,2,3',
  description:
    'Trains on DATA, keeps the epoch that is best on the validation split, evaluates that on the test split and leaves everything in a run directory. DATA is a data file of any format, a dataset.yaml, the folder of a dataset, or "synthetic".',
  arguments: [['<data>', 'data file, dataset.yaml, folder of a dataset, or "synthetic"']],
  options,
  action: async (source, options) => {
    refuseBoth({ ...options }, 'seed', 'seeds');
    refuseBoth({ ...options }, 'folds', 'seeds');
    refuseBoth({ ...options }, 'folds', 'dryRun');
    if (options.resume && options.out === undefined)
      throw new UsageError('--resume needs --out DIR: the run to go on with.');
    const own = await modelFrom(options.model);
    const sources = { ...sourcesOf(options), dataset: source, ...(own && { model: own.model }) };
    const config = resolveConfig(sources);
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
        process.stdout.write(
          options.json
            ? `${JSON.stringify({ ...plan, config: prepared.config })}\n`
            : `${stringify(prepared.config)}---\n${stringify(plan)}`,
        );
        return;
      }
      const directory = options.out ?? freshDirectory(runName(prepared));
      const runs = await trainAll(prepared, seeds, directory, options);
      if (!runs) return;
      await print(prepared, runs, directory, options);
    } finally {
      await dataset.close?.();
    }
  },
});

/** Trains with every seed. Returns their results, or undefined if interrupted. */
async function trainAll(
  prepared: Prepared,
  seeds: readonly number[],
  directory: string,
  { resume = false, quiet = false, checkpointEvery }: TrainOptions,
): Promise<RunResult[] | undefined> {
  const progress = new Progress({
    data: dataLine(prepared.dataset),
    notRead: notRead(prepared.dataset),
    seeds: seeds.length,
    selection: prepared.selection,
    quiet,
  });
  const run = { seeds, directory, resume, ...(checkpointEvery && { checkpointEvery }) };
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
  { seed = 1, out, resume = false, quiet = false, json, references, checkpointEvery }: TrainOptions,
): Promise<void> {
  const overrides = overridesOf(sources);
  const prepareFold = (data: Dataset, index: number): Prepared =>
    prepare(config, data, { source, overrides, own, fold: { request, index } });
  const folds = foldsFor(dataset, request);
  const first = prepareFold(foldOf(dataset, folds, 0), 0);
  const directory = out ?? freshDirectory(runName(first));
  const every = checkpointEvery && { checkpointEvery };
  const validation = { dataset, folds, own, prepare: prepareFold, seed, directory, resume, ...every };
  const progress = new Progress({
    data: dataLine(dataset),
    notRead: notRead(dataset),
    seeds: 1,
    selection: first.selection,
    quiet,
  });
  const runs = await watched(progress, directory, (signal) => runFolds({ ...validation, signal }));
  if (!runs) return;
  const result = await summariseFolds(validation, runs);
  if (json) {
    process.stdout.write(`${JSON.stringify(result)}\n`);
    return;
  }
  const beside = references ? await foldReferences(validation, { source, config }) : [];
  const size = sampleCount(allSamples(dataset));
  process.stdout.write(foldsText(result, { data: first.data, size, references: beside, directory }));
}

async function print(
  prepared: Prepared,
  runs: readonly RunResult[],
  directory: string,
  { json, references }: TrainOptions,
): Promise<void> {
  const summary = summariseRuns(runs, directory);
  if (json) {
    const each = runs.map(({ run, seed, best_epoch, valid, test }) => ({ run, seed, best_epoch, valid, test }));
    process.stdout.write(`${JSON.stringify(each.length > 1 ? { ...summary, runs: each } : each[0])}\n`);
    return;
  }
  const split = prepared.splits.test ? 'test' : 'valid';
  const about = { data: prepared.data, model: prepared.network.name, split, directory } as const;
  const size = prepared.splits[split]!.ids.length;
  const beside = references ? await runReferences(prepared, split) : [];
  process.stdout.write(seedsText(summary, { ...about, size, references: beside }));
}

const runName = ({ data, network }: Prepared): string => `${data.name}-${network.name}`;
