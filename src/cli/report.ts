import { metrics, metricsOf, type Confusion, type MetricKind, type MetricName } from '../metrics/metric.ts';
import { figure, table } from './table.ts';

export interface ReportRow {
  readonly name: string;
  readonly metrics: Readonly<Record<string, number>>;
  readonly deviations?: Readonly<Record<string, number>>;
}

/** Metrics of several predictors, a row each, headed as papers head them. */
export function metricsTable(kind: MetricKind, rows: readonly ReportRow[]): string {
  const names = metricsOf(kind).filter((name) => !name.endsWith('_nonneg'));
  const heading = (name: MetricName): string =>
    `${metrics[name].label} ${metrics[name].better === 'lower' ? '↓' : '↑'}`;
  const cell = ({ metrics: values, deviations }: ReportRow, name: MetricName): string => {
    const spread = deviations?.[name];
    return `${figure(values[name] ?? NaN)}${spread === undefined ? '' : ` ± ${figure(spread)}`}`;
  };
  return table([
    ['', ...names.map(heading)],
    ...rows.map((row) => [row.name, ...names.map((name) => cell(row, name))]),
  ]);
}

/** Rows are the true classes, columns the predicted ones. */
export function confusionTable({ labels, counts }: Confusion): string {
  const rows = counts.map((row, i) => [`true ${labels[i]!}`, ...row.map((n) => (n === 0 ? '·' : String(n)))]);
  return table([['', ...labels.map((label) => `→ ${label}`)], ...rows]);
}
