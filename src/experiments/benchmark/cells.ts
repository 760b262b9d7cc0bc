/** The cells of a comparison's rows, as the tables of every format print them. */
import { labelOf } from '../../metrics/headings.ts';
import { metrics, type MetricName } from '../../metrics/metric.ts';
import { reportedOn, type Reported, type ReportedAbout } from '../reported.ts';
import type { Row } from './compare.ts';
import type { BenchmarkData } from './entries.ts';
import { statusText } from './lacking.ts';
import { tableMetrics } from './paired-tests.ts';

export interface Comparison {
  readonly data: BenchmarkData;
  readonly rows: readonly Row[];
  /** The seeds that were asked for; a row may have fewer. */
  readonly seeds: readonly number[];
  /** How long models could train, for the note below a table. */
  readonly rule: string;
  /** Whether decoupling was asked for, which has a column then. */
  readonly decoupling?: boolean;
  /** Whose figures the paper has beside. Default: models. */
  readonly about?: ReportedAbout;
}

/** The table of the paper that stands beside; undefined where it has figures of none of the rows. */
export const paperOf = ({ data, rows, about }: Comparison): Reported | undefined =>
  rows.some(({ reported }) => reported) ? reportedOn(data.dataset, about) : undefined;

/** The paper's units: shares in percent with two decimals, the rest with three. */
const isShare = (metric: MetricName): boolean =>
  /^(acc|f1|wacc|uacc|waf1|macro|micro|map|auc|exact|hamming)/.test(metric);
export const inUnits = (metric: MetricName, x: number): string =>
  isShare(metric) ? (100 * x).toFixed(2) : x.toFixed(3);
export const label = ({ data }: Comparison, metric: MetricName): string => labelOf(data.metrics, metric);

const pText = (p: number | null = null): string => (p === null ? '–' : p < 0.001 ? '<0.001' : p.toFixed(3));
export const megabytes = (bytes: number | undefined): string => (bytes === undefined ? '–' : (bytes / 1e6).toFixed(0));
/** A number to three significant digits. */
export function milliseconds(seconds: number | undefined): string {
  if (seconds === undefined) return '–';
  const time = 1000 * seconds;
  return time.toFixed(time >= 100 ? 0 : time >= 10 ? 1 : 2);
}

export interface Cell {
  readonly mean: string;
  /** The standard deviation over runs; absent for a single one. */
  readonly deviation?: string;
  /** 1 for the best of the complete rows, 2 for the next. */
  readonly rank?: 1 | 2;
}

/** Cells by metric and row; rows that print alike rank alike. */
export function metricCells({ data, rows }: Comparison): ReadonlyMap<MetricName, readonly (Cell | undefined)[]> {
  return new Map(
    tableMetrics[data.metrics].map((metric) => {
      // Results of an earlier version lack a metric that is newer.
      const texts = rows.map(({ test }) => {
        const mean = test?.mean[metric];
        return mean === undefined ? undefined : inUnits(metric, mean);
      });
      const sign = metrics[metric].better === 'lower' ? 1 : -1;
      const complete = texts.flatMap((text, r) =>
        text !== undefined && rows[r]!.status === 'done' ? [Number(text)] : [],
      );
      const order = [...new Set(complete)].sort((a, b) => sign * (a - b));
      const cells = rows.map(({ test, status, seeds }, r): Cell | undefined => {
        const mean = texts[r];
        if (mean === undefined || !test) return undefined;
        const place = status === 'done' ? order.indexOf(Number(mean)) : -1;
        return {
          mean,
          ...(seeds.length > 1 && { deviation: inUnits(metric, test.std[metric]!) }),
          ...(place === 0 && { rank: 1 }),
          ...(place === 1 && { rank: 2 }),
        };
      });
      return [metric, cells];
    }),
  );
}

export const title = (row: Row): string => (row.status === 'done' ? row.title : `${row.title} (${statusText(row)})`);

/** The corrected p-values of the first metric, then of the mean errors by group. */
export const pCells = ({ against }: Row): [string, string] => [
  pText(against?.corrected.bootstrap),
  pText(against?.corrected.wilcoxon),
];

/** The same, each with the p-value as it was before in brackets, and what follows. */
export function testCells({ data }: Comparison, row: Row): [string, string, string] {
  const { against } = row;
  const raw = [against?.bootstrap[tableMetrics[data.metrics][0]]?.p, against?.wilcoxon.p];
  const [bootstrap, signedRank] = pCells(row).map((corrected, i) =>
    (raw[i] ?? null) === null ? corrected : `${corrected} (${pText(raw[i])})`,
  );
  return [bootstrap!, signedRank!, against?.verdict ?? '–'];
}

export function reportedCells(comparison: Comparison, { reported }: Row): string[] {
  const columns = paperOf(comparison)?.columns ?? [];
  return columns.map((metric) => {
    const value = reported?.[metric];
    return value === undefined ? '–' : value.toFixed(isShare(metric) ? 2 : 3);
  });
}

/** D as a cell, of which there is one where decoupling was asked for; a dash for a model without parts. */
export function decouplingCells({ decoupling: asked }: Comparison, { decoupling, seeds }: Row): string[] {
  if (!asked) return [];
  if (!decoupling) return ['–'];
  return [`${decoupling.mean.toFixed(3)}${seeds.length > 1 ? ` ± ${decoupling.std.toFixed(3)}` : ''}`];
}
