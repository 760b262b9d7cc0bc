import { metrics, metricsOf, type Confusion, type MetricKind, type MetricName } from '../../metrics/metric.ts';
import { columns, figure } from './columns.ts';

export interface MetricsRow {
  readonly name: string;
  readonly metrics: Readonly<Record<string, number>>;
  readonly deviations?: Readonly<Record<string, number>>;
}

/** Metrics of several predictors, a row each, headed as papers head them. */
export function metricsTable(kind: MetricKind, rows: readonly MetricsRow[]): string {
  const names = metricsOf(kind).filter((name) => !name.endsWith('_nonneg'));
  const heading = (name: MetricName): string =>
    `${metrics[name].label} ${metrics[name].better === 'lower' ? '↓' : '↑'}`;
  const cell = ({ metrics: values, deviations }: MetricsRow, name: MetricName): string => {
    const spread = deviations?.[name];
    return `${figure(values[name] ?? NaN)}${spread === undefined ? '' : ` ± ${figure(spread)}`}`;
  };
  return columns([
    ['', ...names.map(heading)],
    ...rows.map((row) => [row.name, ...names.map((name) => cell(row, name))]),
  ]);
}

/** Rows are the true classes, columns the predicted ones. */
export function confusionTable({ labels, counts }: Confusion): string {
  const rows = counts.map((row, i) => [`true ${labels[i]!}`, ...row.map((n) => (n === 0 ? '·' : String(n)))]);
  return columns([['', ...labels.map((label) => `→ ${label}`)], ...rows]);
}
