/** What becomes of a metric where a modality is missing in some samples, or noisy, as `evaluate --drop` and `--noise` measure it. */
import { robustness as measured, type Curve, type Imperfection } from '../experiments/robustness.ts';
import { labelOf } from '../metrics/headings.ts';
import { defaultSelection, metrics } from '../metrics/metric.ts';
import { CannotShow, type Drawing, type Spec } from './figure.ts';
import { withModel } from './measured.ts';
import { headed } from './panel.ts';
import { filled, lined, mostSeries } from './series.ts';
import { trained, type Source } from './source.ts';

export interface RobustnessData {
  readonly metric: { readonly label: string; readonly better: 'lower' | 'higher' };
  readonly runs: readonly { readonly name: string; readonly seeds: number }[];
  readonly panels: readonly {
    readonly kind: Imperfection['kind'];
    readonly modality: string;
    readonly points: readonly RobustnessPoint[];
  }[];
}

/** What the seeds of a run have at a rate: a share of samples, or deviations of noise. */
export interface RobustnessPoint {
  readonly run: string;
  readonly rate: number;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

const rates = [0, 0.2, 0.4, 0.6, 0.8, 1];

export async function readRobustness(source: Source): Promise<RobustnessData> {
  const shown = trained(source);
  if (shown.length > mostSeries)
    throw new CannotShow(`there are more than ${mostSeries} models, which are not told apart: name runs`);
  const kind = shown[0]!.metrics;
  if (shown.some((each) => each.metrics !== kind)) throw new CannotShow('the runs are of different tasks');
  const metric = defaultSelection(kind);
  const curves: { readonly run: string; readonly seeds: readonly (readonly Curve[])[] }[] = [];
  for (const each of shown) {
    const seeds: (readonly Curve[])[] = [];
    for (const seed of each.seeds)
      seeds.push(
        await withModel({ ...each, seeds: [seed] }, source, (model, dataset) => {
          const features = model.data.features.map(({ name, tokens }) => ({ name, isTokens: tokens !== undefined }));
          return measured(model, dataset, [
            ...features.map(({ name }): Imperfection => ({ kind: 'drop', modalities: [name], rates })),
            ...features
              .filter(({ isTokens }) => !isTokens)
              .map(({ name }): Imperfection => ({ kind: 'noise', modalities: [name], rates })),
          ]);
        }),
      );
    curves.push({ run: each.name, seeds });
  }
  const panels = curves[0]!.seeds[0]!.map(({ kind: imperfection, modalities }) => ({
    ...{ kind: imperfection, modality: modalities[0]! },
    points: curves.flatMap(({ run, seeds }) =>
      rates.flatMap((rate): RobustnessPoint[] => {
        const values = seeds.flatMap((seed) =>
          seed
            .filter((curve) => curve.kind === imperfection && curve.modalities[0] === modalities[0])
            .flatMap(({ points }) => points.find((point) => point.rate === rate)?.metrics[metric] ?? []),
        );
        if (values.length === 0) return [];
        const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
        return [{ run, rate, mean, low: Math.min(...values), high: Math.max(...values) }];
      }),
    ),
  }));
  return {
    metric: { label: labelOf(kind, metric), better: metrics[metric].better },
    runs: shown.map(({ name, seeds }) => ({ name, seeds: seeds.length })),
    panels,
  };
}

export function robustness({ metric, runs, panels }: RobustnessData): Drawing {
  const several = runs.some(({ seeds }) => seeds > 1);
  const across = Math.min(4, panels.filter(({ kind }) => kind === 'drop').length);
  const all = panels.flatMap(({ points }) => points.flatMap(({ low, high }) => [low, high]));
  const domain = [Math.min(...all), Math.max(...all)] as const;
  const names = runs.map(({ name }) => name);
  const ends = (name: string, points: readonly RobustnessPoint[]): string => {
    const own = points.filter(({ run }) => run === name);
    return `${name} ${own[0]!.mean.toFixed(2)} to ${own.at(-1)!.mean.toFixed(2)}`;
  };
  return {
    title: `${metric.label} with modalities missing or noisy`,
    notes: [
      `Test split; ${metric.better} is better. Missing: in a share of the samples. Noise: in deviations of the training features.${several ? ' Lines are means over seeds, bands reach from the lowest seed to the highest.' : ''}`,
    ],
    description: `${metric.label} as a modality is missing or noisy. ${panels.map(({ kind, modality, points }) => `${headingOf(kind, modality)}: ${names.map((name) => ends(name, points)).join(', ')}`).join('; ')}.`,
    columns: across > 2 ? 2 : 1,
    across,
    spec: (panel) => ({
      ...{ columns: across, spacing: { row: 10, column: 10 } },
      concat: panels.map((each, n) => panelSpec(each, names, panel, domain, n % across === 0 ? metric.label : null)),
    }),
  };
}

const headingOf = (kind: Imperfection['kind'], modality: string): string =>
  kind === 'drop' ? `${modality} missing` : `${modality} with noise`;

function panelSpec(
  { kind, modality, points }: RobustnessData['panels'][number],
  names: readonly string[],
  width: number,
  domain: readonly [number, number],
  label: string | null,
): Spec {
  const title = kind === 'drop' ? 'share of samples' : 'deviations';
  const y = { type: 'quantitative', scale: { domain, nice: true, zero: false }, axis: { title: label, tickCount: 4 } };
  return headed(headingOf(kind, modality), {
    ...{ width, height: 70 },
    data: { values: points },
    encoding: {
      x: { field: 'rate', type: 'quantitative', scale: { nice: false }, axis: { title, tickCount: 3, grid: false } },
    },
    layer: [
      {
        mark: { type: 'area', opacity: 0.22 },
        encoding: { y: { field: 'low', ...y }, y2: { field: 'high' }, ...filled('run', names) },
      },
      { mark: 'line', encoding: { y: { field: 'mean', ...y }, ...lined('run', names) } },
    ],
  });
}
