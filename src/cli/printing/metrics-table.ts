import { arrowOf, headingLines } from '../../metrics/headings.ts';
import { metrics, metricsOf, type Confusion, type MetricKind, type MetricName } from '../../metrics/metric.ts';
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

/**
 * The scores by name among metrics, `SCORE/NAME`, as a table with a row per name and a dash where a name's truth leaves a score
 * undefined. Empty where there are none of these names.
 */
export function scoresByNameTable(names: readonly string[], values: Readonly<Record<string, number>>): string {
  const scores = Object.keys(values).flatMap((key) => {
    const score = key.slice(0, key.indexOf('/'));
    return names.some((name) => key === `${score}/${name}`) ? [score] : [];
  });
  const shown = [...new Set(scores)];
  if (shown.length === 0) return '';
  return columns([
    ['', ...shown.map(scoreHeading)],
    ...names.map((name) => [
      name,
      ...shown.map((score) => {
        const value = values[`${score}/${name}`];
        return value === undefined ? '–' : numberText(value);
      }),
    ]),
  ]);
}

/** Scores that single labels have and all together have not. */
const ownHeadings: Readonly<Record<string, string>> = { acc: 'Acc ↑', ap: 'AP ↑', threshold: 'threshold' };

const isMetric = (score: string): score is MetricName => Object.hasOwn(metrics, score);

const scoreHeading = (score: string): string =>
  isMetric(score) ? `${metrics[score].label} ${arrowOf(score)}` : (ownHeadings[score] ?? score);

/** A confusion matrix as a table: rows are the true classes, columns the predicted ones, and a dot is 0. */
export function confusionTable({ labels, counts }: Confusion): string {
  const rows = counts.map((row, i) => [`true ${labels[i]!}`, ...row.map((n) => (n === 0 ? '·' : String(n)))]);
  return columns([['', ...labels.map((label) => `→ ${label}`)], ...rows]);
}
