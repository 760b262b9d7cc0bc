/** A sweep as a table: Markdown, CSV, plain columns for a terminal, and one JSON document. */
import { arrowOf, labelOf } from '../metrics/headings.ts';
import { metricsOf, type MetricName } from '../metrics/metric.ts';
import type { summarise } from '../metrics/summary.ts';
import { csvLine } from '../text/csv.ts';
import { inUnits } from './benchmark/cells.ts';
import { lackingLists, statusText } from './benchmark/lacking.ts';
import { tableMetrics } from './benchmark/paired-tests.ts';
import { foldedText } from './folds.ts';
import { shortKeys, valueText, type Sweep, type SweepRow } from './sweep-cells.ts';

type Summary = ReturnType<typeof summarise>;

/** The metric that decides first, and then the others of the paper's tables. */
const shownMetrics = ({ data, metric }: Sweep): readonly MetricName[] => [
  metric,
  ...tableMetrics[data.metrics].filter((each) => each !== metric),
];

const cell = (summary: Summary | undefined, metric: MetricName, { seeds }: SweepRow): string => {
  const mean = summary?.mean[metric];
  if (mean === undefined) return '–';
  const deviation = seeds.length > 1 ? ` ± ${inUnits(metric, summary!.std[metric]!)}` : '';
  return `${inUnits(metric, mean)}${deviation}`;
};

/** Columns of text: the values of the keys, and metrics of the validation split, then of the test split where asked for. */
export function textTable(sweep: Sweep): string[][] {
  const names = shownMetrics(sweep);
  const heading = (metric: MetricName): string => `${labelOf(sweep.data.metrics, metric)} ${arrowOf(metric)}`;
  return [
    [
      ...shortKeys(sweep.keys.map(({ key }) => key)),
      ...names.map((metric) => `valid ${heading(metric)}`),
      ...(sweep.test ? names.map((metric) => `test ${heading(metric)}`) : []),
      '',
    ],
    ...sweep.rows.map((row) => [
      ...row.values.map(valueText),
      ...names.map((metric) => cell(row.valid, metric, row)),
      ...(sweep.test ? names.map((metric) => cell(row.test, metric, row)) : []),
      row === sweep.best ? 'best' : statusText(row),
    ]),
  ];
}

export function markdown(sweep: Sweep): string {
  const { data, keys, seeds, rule, rows, metric } = sweep;
  const line = (texts: readonly string[]): string => `| ${texts.join(' | ')} |`;
  const [heads, ...body] = textTable(sweep);
  const { train, valid, test } = data.samples;
  const notes = [
    ...data.warnings.map((warning) => `**Warning:** ${warning}`),
    `Keys: ${keys.map(({ key }) => `\`${key}\``).join(', ')}. Mean ± standard deviation over seeds ${seeds.join(', ')}; best by ${labelOf(data.metrics, metric)} of the validation split. ${rule}`,
    'A cell that is chosen here is as good as it looks only on samples that chose nothing: tell its test figures, and no other cell’s.',
  ];
  return [
    `## ${data.name}`,
    '',
    data.folds
      ? `${data.folds.count} folds ${foldedText(data.folds, test)}; metrics of validation are means over those that chose epochs.`
      : `${train}/${valid}/${test} samples (train/valid/test).`,
    '',
    line(heads!),
    line(heads!.map((_, c) => (c < keys.length ? '---' : '--:'))),
    ...body.map(line),
    '',
    ...notes.flatMap((note) => [note, '']),
    ...lackingLists(rows.map(({ id, failures }) => ({ name: id, failures }))),
  ].join('\n');
}

/** One line per cell, every metric there is, numbers as they are. */
export function csv({ data, keys, rows, test }: Sweep): string {
  const all = metricsOf(data.metrics);
  const splits = test ? (['valid', 'test'] as const) : (['valid'] as const);
  const heads = [
    ...['data', ...keys.map(({ key }) => key), 'status', 'seeds'],
    ...splits.flatMap((split) => all.flatMap((metric) => [`${split}_${metric}`, `${split}_${metric}_std`])),
    'failure',
  ];
  const body = rows.map((row) => [
    ...[data.name, ...row.values.map(valueText), row.status, row.seeds.join(' ')],
    ...splits.flatMap((split) =>
      all.flatMap((metric) => [row[split]?.mean[metric], row.seeds.length > 1 ? row[split]?.std[metric] : undefined]),
    ),
    row.failures.map(({ what, reason }) => `${what}: ${reason}`).join('; '),
  ]);
  return [heads, ...body].map(csvLine).join('');
}

/** All that the tables hold; the test split only where it was asked for. */
export function document(sweep: Sweep): unknown {
  const { data, model, keys, seeds, rule, metric, rows, best, test } = sweep;
  const valuesOf = (row: SweepRow): unknown => Object.fromEntries(keys.map(({ key }, k) => [key, row.values[k]]));
  const { name, source, dataset, metrics, samples, hash } = data;
  return {
    format: 'decalign sweep 1',
    data: { name, source, dataset, metrics, samples, hash, ...(data.folds && { folds: data.folds.count }) },
    warnings: data.warnings,
    ...{ model: model.model, ...(model.recipe !== undefined && { recipe: model.recipe }) },
    ...{ keys, metric, seeds, rule },
    rows: rows.map((row) => ({
      ...{ model: row.id, values: valuesOf(row), status: row.status },
      ...(row.valid &&
        row.test && {
          mean: { valid: row.valid.mean, ...(test && { test: row.test.mean }) },
          std: { valid: row.valid.std, ...(test && { test: row.test.std }) },
        }),
      runs: row.runs.map(({ directory, result }) => ({
        ...{ run: directory, seed: result.seed, best_epoch: result.best_epoch, epochs: result.epochs },
        ...{ valid: result.valid, ...(test && { test: result.test }), seconds: result.seconds },
      })),
      ...(row.failures.length > 0 && { failures: row.failures }),
    })),
    best: best ? { model: best.id, values: valuesOf(best) } : null,
  };
}
