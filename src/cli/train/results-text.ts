/** The results of training as text for people. */
import path from 'node:path';
import type { FoldsResult } from '../../experiments/cross-validation.ts';
import { foldedText } from '../../experiments/folds.ts';
import type { SeedsResult } from '../../experiments/seeds.ts';
import type { TrainedOn } from '../../runs/trained-model.ts';
import { shellWord } from '../../text/shell-word.ts';
import { confusionTable, metricsTable, type MetricsRow } from '../printing/metrics-table.ts';
import { wrapped } from '../printing/wrapped.ts';

interface Heading {
  /** The data that was trained on. */
  readonly data: TrainedOn;
  /** The metrics of simple references, shown above the results; empty with --no-references. */
  readonly references: readonly MetricsRow[];
  /** Lines after the results; empty where there is nothing to advise. */
  readonly advice: string;
  readonly directory: string;
}

/** The metrics of each seed on one split of `size` samples, their mean, and the confusion matrix of the last seed. */
export function seedsText(
  { runs, mean, std }: SeedsResult,
  {
    data,
    model,
    split,
    size,
    references,
    advice,
    directory,
  }: Heading & {
    readonly model: string;
    readonly split: 'valid' | 'test';
    readonly size: number;
  },
): string {
  const name = (seed: number): string => (runs.length > 1 ? `seed ${seed}` : model);
  const rows: MetricsRow[] = [
    ...references,
    ...runs.map((run) => ({ name: name(run.seed), metrics: run[split]! })),
    ...(runs.length > 1 ? [{ name: 'mean ± std', metrics: mean[split], deviations: std[split] }] : []),
  ];
  const { seed, confusion } = runs.at(-1)!;
  return [
    `${data.name}, ${split} split (${size} samples)`,
    ...['', metricsTable(data.metrics, rows), ''],
    ...(confusion ? [`Confusion of seed ${seed}`, '', confusionTable(confusion), ''] : []),
    ...decouplingLines(runs, ' on the test split'),
    ...(advice === '' ? [] : [advice]),
    lastLines(directory),
  ].join('\n');
}

/** The command that shows the run, or what lies beside it, on pages. */
export function browserLine(directory: string): string {
  const folder = path.dirname(directory);
  return `In a browser: decalign ui ${shellWord(folder === '.' ? directory : folder)}\n`;
}

/** Where the run lies, and the command that makes its report. */
const lastLines = (directory: string): string => `Run: ${directory}\nReport: decalign report ${shellWord(directory)}\n`;

/** One line on how far the parts of the model are decoupled, the mean of the runs; none where it was not measured. */
function decouplingLines(runs: SeedsResult['runs'], where: string): string[] {
  const scores = runs.flatMap(({ decoupling }) => decoupling?.score ?? []);
  if (scores.length === 0) return [];
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
  return [wrapped(`Decoupling D ${mean.toFixed(3)} of 1${where}: decalign decoupling RUN has its parts.`)];
}

/** The metrics of each fold, their mean, and the metrics over all `size` samples together. */
export function foldsText(
  { folds, runs, mean, std, pooled }: FoldsResult,
  { data, size, references, advice, directory }: Heading & { readonly size: number },
): string {
  const rows: MetricsRow[] = [
    ...references,
    ...runs.map(({ test }, k) => ({ name: `fold ${k + 1}`, metrics: test! })),
    { name: 'mean ± std', metrics: mean.test, deviations: std.test },
    { name: 'all together', metrics: pooled },
  ];
  const heading = `${data.name}, ${folds.count} folds ${foldedText(folds, size)}`;
  return [
    heading,
    '',
    metricsTable(data.metrics, rows),
    '',
    ...decouplingLines(runs, ', mean of the folds'),
    ...(advice === '' ? [] : [advice]),
    lastLines(directory),
  ].join('\n');
}
