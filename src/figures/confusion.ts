/** Figure 4 of the paper: which classes are taken for which, by model. */
import type { Confusion } from '../metrics/metric.ts';
import { confusedOf } from './confused.ts';
import type { Drawing, Spec } from './figure.ts';
import { grid, headed } from './panel.ts';
import type { Source } from './source.ts';
import { columnWidths, ramp, textSizes } from './style.ts';

export interface ConfusionData {
  readonly labels: readonly string[];
  /** Counts `[C][C]` of all seeds together: row = true class, column = predicted class. */
  readonly panels: readonly { readonly name: string; readonly counts: Confusion['counts'] }[];
  readonly seeds: number;
}

export async function readConfusion(source: Source): Promise<ConfusionData> {
  const panels: ConfusionData['panels'][number][] = [];
  let [labels, most]: [readonly string[], number] = [[], 1];
  for (const each of source.shown) {
    const confused = await confusedOf(each, source);
    const counts = confused.labels.map((_, i) =>
      confused.labels.map((__, j) => confused.seeds.reduce((sum, matrix) => sum + matrix[i]![j]!, 0)),
    );
    panels.push({ name: each.name, counts });
    ({ labels } = confused);
    most = Math.max(most, confused.seeds.length);
  }
  return { labels, panels, seeds: most };
}

/** A cell must be so wide for a count to be printed in it. */
const printed = 14;
/** What labels beside a matrix take. */
const beside = 24;

export function confusion({ labels, panels, seeds }: ConfusionData): Drawing {
  const fitting = Math.max(1, Math.floor(columnWidths[2] / (labels.length * printed + beside)));
  const { columns, across } = grid(panels.length, Math.min(4, fitting));
  return {
    title: 'Confusion',
    notes: [
      `Test split. Colour: share of the samples of a true class. Numbers: samples${seeds > 1 ? `, of up to ${seeds} seeds together` : ''}.`,
    ],
    description: `Confusion matrices of ${panels.map(({ name }) => name).join(', ')} over the classes ${labels.join(', ')}. ${panels.map(({ name, counts }) => `${name}: ${percent(right(counts))} of the samples right`).join('; ')}.`,
    ...{ columns, across },
    spec: (panel) => ({
      ...{ columns: across, spacing: { row: 10, column: 8 } },
      concat: panels.map(({ name, counts }, n) => panelSpec(name, labels, counts, panel, n % across === 0)),
    }),
  };
}

const right = (counts: Confusion['counts']): number =>
  counts.reduce((sum, row, i) => sum + row[i]!, 0) / counts.flat().reduce((sum, n) => sum + n, 0);
const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;

function panelSpec(
  name: string,
  labels: readonly string[],
  counts: Confusion['counts'],
  width: number,
  isFirst: boolean,
): Spec {
  const values = counts.flatMap((row, i) => {
    const total = row.reduce((sum, n) => sum + n, 0);
    return row.flatMap((count, j) =>
      total === 0 ? [] : [{ true: labels[i]!, predicted: labels[j]!, share: count / total, count }],
    );
  });
  const cell = width / labels.length;
  // Names that are wider than their cells are turned.
  const isLong = labels.some((label) => label.length * textSizes.small * 0.55 > cell);
  const axis = { domain: false, ticks: false, labelOverlap: false };
  return headed(name, {
    ...{ width, height: width },
    data: { values },
    encoding: {
      x: {
        field: 'predicted',
        type: 'ordinal',
        sort: labels,
        scale: { domain: labels },
        axis: { ...axis, title: 'predicted', labelAngle: isLong ? -90 : 0 },
      },
      y: {
        field: 'true',
        type: 'ordinal',
        sort: labels,
        scale: { domain: labels },
        axis: { ...axis, title: isFirst ? 'true' : null },
      },
    },
    layer: [
      {
        mark: { type: 'rect', stroke: 'white', strokeWidth: 0.6 },
        encoding: {
          color: {
            field: 'share',
            type: 'quantitative',
            scale: { domain: [0, 1], range: ramp, interpolate: 'rgb' },
            legend: null,
          },
        },
      },
      ...(cell >= printed - 2
        ? [
            {
              transform: [{ filter: 'datum.count > 0' }],
              mark: { type: 'text' },
              encoding: {
                text: { field: 'count', type: 'quantitative' },
                color: { value: 'black', condition: { test: 'datum.share > 0.6', value: 'white' } },
              },
            },
          ]
        : []),
    ],
  });
}
