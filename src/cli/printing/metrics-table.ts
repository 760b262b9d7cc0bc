import { headingLines } from '../../metrics/headings.ts';
import { metricsOf, type Confusion, type MetricKind, type MetricName } from '../../metrics/metric.ts';
import { columns, numberText } from './columns.ts';

/** One row of a table of metrics. */
export interface MetricsRow {
  readonly name: string;
  readonly metrics: Readonly<Record<string, number>>;
  /** Standard deviations, shown after the metrics that have one. */
  readonly deviations?: Readonly<Record<string, number>>;
}

/**
 * A table of metrics with a row per predictor. As in papers, an arrow at a metric's name shows which direction is
 * better.
 */
export function metricsTable(kind: MetricKind, rows: readonly MetricsRow[]): string {
  const names = metricsOf(kind);
  const cell = ({ metrics: values, deviations }: MetricsRow, name: MetricName): string => {
    const spread = deviations?.[name];
    return `${numberText(values[name] ?? NaN)}${spread === undefined ? '' : ` ± ${numberText(spread)}`}`;
  };
  return columns([
    ...headingLines(kind, names).map((line) => ['', ...line]),
    ...rows.map((row) => [row.name, ...names.map((name) => cell(row, name))]),
  ]);
}

/** A confusion matrix as a table: rows are the true classes, columns the predicted ones, and a dot is 0. */
export function confusionTable({ labels, counts }: Confusion): string {
  const rows = counts.map((row, i) => [`true ${labels[i]!}`, ...row.map((n) => (n === 0 ? '·' : String(n)))]);
  return columns([['', ...labels.map((label) => `→ ${label}`)], ...rows]);
}
