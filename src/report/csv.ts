/** All metrics of all runs as CSV, in the long form that every tool of statistics reads: a line for each number. */
import { csvLine } from '../text/csv.ts';
import type { ReportedRun } from './contents.ts';

/** The line above all others, by which a file is known as one of a report. */
export const csvHead = csvLine(['run', 'model', 'data', 'seed', 'fold', 'split', 'metric', 'value']);

/** Seeds and folds as they were, and simple references, which have no seed. */
export function metricsCsv(runs: readonly ReportedRun[]): string {
  const lines = runs.flatMap(({ name, title, data, results, valid, test }) => {
    const about = [name, title, data.name];
    const each = (
      [seed, fold]: readonly (number | undefined)[],
      splits: Readonly<Record<'valid' | 'test', Readonly<Record<string, number>> | undefined>>,
    ): string[] =>
      Object.entries(splits).flatMap(([split, figures = {}]) =>
        Object.entries(figures).map(([metric, value]) => csvLine([...about, seed, fold, split, metric, value])),
      );
    // What was not trained has its means alone.
    if (results.length === 0) return each([], { valid: valid?.mean, test: test?.mean });
    return results.flatMap((result) => each([result.seed, result.fold], { valid: result.valid, test: result.test }));
  });
  return `${csvHead}${lines.join('')}`;
}
