/** What is predicted against the label of each sample of the test split, of values. */
import { evaluate, metrics, type MetricName } from '../metrics/metric.ts';
import type { Predictions } from '../runs/record/predictions.ts';
import { CannotShow, type Drawing, type Spec } from './figure.ts';
import { grid, headed } from './panel.ts';
import { predictionsBySeed, type Source } from './source.ts';
import { palette, quiet } from './style.ts';
import { thinned } from './thinned.ts';

export interface ResidualsData {
  readonly panels: readonly {
    readonly name: string;
    /** Metrics, means over its seeds, in words. */
    readonly says: string;
    readonly samples: number;
    readonly seeds: number;
    /** One for each sample and seed. */
    readonly points: readonly { readonly label: number; readonly prediction: number }[];
    /** Of samples in the order of their labels, in parts of as many: the mean label and the mean prediction of each. */
    readonly means: readonly { readonly label: number; readonly prediction: number }[];
  }[];
}

/** The most points of a panel, and of a figure. */
const [mostOfPanel, mostPoints] = [600, 2000];

export async function readResiduals(source: Source): Promise<ResidualsData> {
  const shown = source.shown.flatMap((each) => (isOfValues(each.metrics) ? [{ ...each, kind: each.metrics }] : []));
  if (shown.length === 0)
    throw new CannotShow('labels are no single values, so that predictions have no distance from them');
  const panels: ResidualsData['panels'][number][] = [];
  for (const each of shown) panels.push(panelOf(each.name, each.kind, await predictionsBySeed(each, source)));
  return { panels };
}

const isOfValues = (kind: string): kind is 'mosi' | 'sims' | 'regression' =>
  kind === 'mosi' || kind === 'sims' || kind === 'regression';

function panelOf(
  name: string,
  kind: 'mosi' | 'sims' | 'regression',
  seeds: readonly Predictions[],
): ResidualsData['panels'][number] {
  const bySeed = seeds.map(({ labels, values }) =>
    labels.flatMap((label, n) => (Number.isNaN(label) ? [] : [{ label, prediction: values[n]! }])),
  );
  const points = bySeed.flat();
  if (points.length === 0) throw new CannotShow(`no test sample of ${name} has a label`);
  const scores = bySeed.map((seed) =>
    evaluate(
      kind,
      seed.map(({ prediction }) => prediction),
      seed.map(({ label }) => label),
    ),
  );
  const said = (metric: MetricName): string => {
    const mean = scores.reduce((sum, score) => sum + score[metric]!, 0) / scores.length;
    return `${metrics[metric].label} ${mean.toFixed(2)}`;
  };
  return {
    ...{ name, says: `${said('mae')}, ${said('corr')}`, samples: bySeed[0]!.length, seeds: seeds.length },
    ...{ points, means: meansOf(points) },
  };
}

function meansOf(points: ResidualsData['panels'][number]['points']): ResidualsData['panels'][number]['means'] {
  const parts = Math.min(10, Math.floor(points.length / 5));
  const sorted = points.toSorted((a, b) => a.label - b.label);
  return Array.from({ length: parts }, (_, k) => {
    const part = sorted.slice((k * sorted.length) / parts, ((k + 1) * sorted.length) / parts);
    const mean = (key: 'label' | 'prediction'): number => part.reduce((sum, each) => sum + each[key], 0) / part.length;
    return { label: mean('label'), prediction: mean('prediction') };
  });
}

export function residuals({ panels }: ResidualsData): Drawing {
  const all = panels.flatMap(({ points }) => points.flatMap(({ label, prediction }) => [label, prediction]));
  const domain = [Math.min(...all), Math.max(...all)] as const;
  const most = Math.min(mostOfPanel, Math.floor(mostPoints / panels.length));
  const left = panels.some(({ points }) => points.length > most);
  const several = panels.some(({ seeds }) => seeds > 1);
  const { columns, across } = grid(panels.length);
  return {
    title: 'Predictions against labels',
    notes: [
      `Test split, a point for each sample${several ? ' and seed' : ''}${left ? `, of which ${most} taken evenly over the labels are drawn` : ''}. Thin line: as it should be. Thick line: mean prediction of tenths of the samples by label.`,
    ],
    description: `Predictions against labels of the test split. ${panels.map(({ name, says, samples }) => `${name}: ${says}, ${samples} samples`).join('; ')}.`,
    ...{ columns, across },
    spec: (panel) => ({
      ...{ columns: across, spacing: { row: 10, column: 10 } },
      concat: panels.map((each) => panelSpec(each, most, panel, domain)),
    }),
  };
}

function panelSpec(
  { name, says, points, means }: ResidualsData['panels'][number],
  most: number,
  width: number,
  domain: readonly [number, number],
): Spec {
  const scale = { domain, nice: true, zero: false };
  const x = { field: 'label', type: 'quantitative', scale, axis: { title: 'label', tickCount: 5, grid: false } };
  const y = { field: 'prediction', type: 'quantitative', scale, axis: { title: 'prediction', tickCount: 5 } };
  const [low, high] = domain;
  const exact = [low, high].map((label) => ({ label, prediction: label }));
  return headed([name, says], {
    ...{ width, height: Math.min(width, 130) },
    encoding: { x, y },
    layer: [
      { data: { values: exact }, mark: { type: 'line', strokeWidth: 0.6, color: quiet } },
      {
        data: {
          values: thinned(
            points.toSorted((a, b) => a.label - b.label),
            most,
          ),
        },
        mark: { type: 'point', size: 5, opacity: 0.45, color: palette[2] },
      },
      { data: { values: means }, mark: { type: 'line', strokeWidth: 1.4, color: palette[0] } },
    ],
  });
}
