/** What figures are made of: runs, the folders of several seeds or folds, and experiments of many runs, as a call names them. */
import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { benchmarkIn, type ExperimentKind } from '../experiments/benchmark/directory.ts';
import { recordedTables, type RecordedRow, type RecordedTable } from '../experiments/benchmark/recorded-tables.ts';
import { openFinished, predictionsIn, type FinishedRuns } from '../experiments/finished-runs.ts';
import type { MetricKind } from '../metrics/metric.ts';
import { titleOf } from '../models/index.ts';
import { joined, readPredictions, type Predictions } from '../runs/record/predictions.ts';
import { CannotShow } from './figure.ts';

/** A run, or the runs of several seeds, under the name that figures give it. */
export interface Shown {
  readonly name: string;
  /** The name of its model, or of a reference. */
  readonly model: string;
  readonly metrics: MetricKind;
  readonly classes: readonly string[];
  /** By seed, the directories of its runs: one, or in cross-validation one for each fold. A reference has one. */
  readonly seeds: readonly { readonly seed: number; readonly directories: readonly string[] }[];
  /** Absent of what was not trained. */
  readonly finished?: FinishedRuns;
  /** Its row in the table of a benchmark, an ablation or a sweep. */
  readonly row?: RecordedRow;
}

/** What one call for figures is about. */
export interface Source {
  /** The dataset, of a benchmark, an ablation or a sweep: names of files begin with it where there are several. */
  readonly dataset?: string;
  /** Which of these it is; absent for runs. */
  readonly kind?: ExperimentKind;
  readonly shown: readonly Shown[];
  /** Of these, the table of the dataset. */
  readonly table?: RecordedTable;
  /** A file on whose test split models are used, in place of what the runs kept. */
  readonly data?: string | undefined;
  /** What models run on. Default: `cpu`. */
  readonly device?: string | undefined;
}

/**
 * Opens what a call names: runs, which are one source together, or the folder of one benchmark, ablation or sweep, which is a
 * source by dataset.
 * Throws an Error for a folder that is neither, and for what has not finished.
 */
export function openSources(
  named: readonly string[],
  { data, device }: Pick<Source, 'data' | 'device'> = {},
): readonly Source[] {
  for (const each of named) {
    if (!existsSync(each))
      throw new Error(`${each} does not exist; name a run, or the folder of several or of a benchmark.`);
    if (!statSync(each).isDirectory())
      throw new Error(`${each} is a file; name the directory of a run or of a benchmark.`);
  }
  const benchmark = named.find((each) => recordedTables(each));
  if (benchmark === undefined) return [{ shown: withNames(named.map((each) => openFinished(each))), data, device }];
  if (named.length > 1)
    throw new Error(
      `${benchmark} is a folder of many runs (a benchmark, an ablation or a sweep), which figures are made of alone; name it by itself.`,
    );
  const tables = recordedTables(benchmark)!;
  if (tables.length === 0) throw new Error(`${benchmark} is ${unfinishedText(benchmark)} --resume).`);
  return tables.map((table) => {
    const { kind } = table;
    const { name: dataset } = table.data;
    const shown = table.rows.flatMap((row) => shownRow(row, table));
    // On other data there is no table, and nothing predicts as references did.
    if (data !== undefined) return { kind, dataset, data, device, shown: shown.filter(({ finished }) => finished) };
    return { kind, dataset, device, table, shown };
  });
}

/** Runs are named as their folders, by so much of the path as tells them apart; one run is named as its model. */
function withNames(opened: readonly FinishedRuns[]): Shown[] {
  const only = opened.length === 1 ? titleOf(opened[0]!.model) : undefined;
  const paths = opened.map(({ run }) => path.resolve(run).split(path.sep));
  const names = (parts: number): string[] => paths.map((each) => each.slice(-parts).join('/'));
  const longest = Math.max(...paths.map(({ length }) => length));
  let parts = 1;
  while (parts < longest && new Set(names(parts)).size < paths.length) parts++;
  return opened.map((finished, n) => {
    const { model, metrics, classes, seeds } = finished;
    return { name: only ?? names(parts)[n]!, model, metrics, classes, seeds, finished };
  });
}

/** An experiment that has no table yet, in words, as far as the option that lets it finish. */
function unfinishedText(directory: string): string {
  const { kind } = benchmarkIn(directory)!;
  const command = { benchmark: 'benchmark', ablation: 'ablate', sweep: 'sweep' }[kind];
  return `${kind === 'ablation' ? 'an' : 'a'} ${kind} without a table yet: let it finish (decalign ${command}`;
}

function shownRow(row: RecordedRow, { data, classes }: RecordedTable): Shown[] {
  const { model, title, runs } = row;
  const [first] = runs;
  if (!first) return [];
  const about = { name: title, model, metrics: data.metrics, classes, row };
  // A reference has no seeds, and one folder for what it predicts.
  if (path.basename(first.run) !== `seed-${first.seed}`)
    return [{ ...about, seeds: [{ seed: first.seed, directories: [first.run] }] }];
  const finished = openFinished(path.dirname(first.run));
  return [{ ...about, model: finished.model, seeds: finished.seeds, finished }];
}

/**
 * Of an ablation the rows that a figure of the paper shows, by the names of their variants (`full` is the model as it is), in that
 * order, as far as they are there: a row may have failed. All rows where fewer than two are there, so that there is nothing to
 * compare, and of whatever else is shown.
 */
export function rowsOfFigure({ kind, shown }: Source, variants: readonly string[]): readonly Shown[] {
  if (kind !== 'ablation') return shown;
  const variantOf = ({ row }: Shown): string => row?.model.split(':')[1] ?? 'full';
  const found = variants.flatMap((name) => shown.filter((each) => variantOf(each) === name));
  return found.length > 1 ? found : shown;
}

/** Among many, DecAlign as it is and by its recipes, where those are fewer than `most`; else one: the full model, or the first. */
export function mainAmong<T extends Pick<Shown, 'model' | 'row'>>(shown: readonly T[], most: number): readonly T[] {
  const main = shown.filter(({ model, row }) => model === 'decalign' && !row?.model.includes(':'));
  return main.length > 0 && main.length < most ? main : [main[0] ?? shown[0]!];
}

/** So many as there is room for: the main ones, and of the others in their order those whose figure is furthest from theirs. */
export function fitting<T extends Pick<Shown, 'model' | 'row'>>(
  shown: readonly T[],
  most: number,
  figureOf: (each: T) => number | undefined,
): readonly T[] {
  if (shown.length <= most) return shown;
  const main = mainAmong(shown, most);
  const usual = figureOf(main[0]!) ?? 0;
  const distance = (each: T): number => Math.abs((figureOf(each) ?? usual) - usual);
  const rest = shown.filter((each) => !main.includes(each));
  const kept = rest.toSorted((a, b) => distance(b) - distance(a)).slice(0, most - main.length);
  return [...main, ...rest.filter((each) => kept.includes(each))];
}

/** The predictions of the test split by each seed, in the order of the classes. */
export async function predictionsBySeed(
  { finished, classes, seeds }: Shown,
  { data, device }: Pick<Source, 'data' | 'device'>,
): Promise<readonly Predictions[]> {
  if (finished) return predictionsIn(finished, classes, { data, device });
  return seeds.map(({ directories }) => joined(directories.map((each) => readPredictions(each, { classes }))));
}

/** The runs that were trained, of which there must be some. */
export function trained({ shown }: Pick<Source, 'shown'>): readonly (Shown & { readonly finished: FinishedRuns })[] {
  const found = shown.filter(
    (each): each is Shown & { readonly finished: FinishedRuns } => each.finished !== undefined,
  );
  if (found.length === 0) throw new CannotShow('there is no trained model among the runs, but references alone');
  return found;
}
