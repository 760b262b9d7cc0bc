/** Figure 2 of the paper: two metrics of all models against each other, and a third as the size of their bubbles. */
import { labelOf } from '../metrics/headings.ts';
import { evaluate, metrics, type MetricKind, type MetricName } from '../metrics/metric.ts';
import { summarise } from '../metrics/summary.ts';
import { textWidth } from './drawing/font.ts';
import { CannotShow, type Drawing } from './figure.ts';
import { placedLabels, type Labelled, type Placed } from './labels.ts';
import { predictionsBySeed, type Source } from './source.ts';
import { ink, palette, quiet, textSizes } from './style.ts';

export interface BubbleData {
  /** The names of the two axes and of the bubbles' size, and which way each is better. */
  readonly metrics: readonly [BubbleMetric, BubbleMetric, BubbleMetric];
  readonly models: readonly {
    readonly name: string;
    /** `own` is DecAlign, a `reference` was not trained. */
    readonly kind: 'own' | 'other' | 'reference';
    readonly values: readonly [number, number, number];
  }[];
}

export interface BubbleMetric {
  readonly label: string;
  readonly better: 'lower' | 'higher';
}

/** By kind of metrics: across, up, and the size. */
const shownMetrics: Readonly<Record<MetricKind, readonly [MetricName, MetricName, MetricName]>> = {
  mosi: ['acc2', 'f1', 'mae'],
  sims: ['acc2', 'f1', 'mae'],
  regression: ['corr', 'r2', 'mae'],
  classification: ['wacc', 'waf1', 'macro_f1'],
  multilabel: ['map', 'macro_f1', 'hamming'],
  multitarget: ['r2', 'corr', 'mae'],
  'mosei-emotions': ['wacc', 'waf1', 'auc'],
};

export async function readBubble(source: Source): Promise<BubbleData> {
  const { shown, table } = source;
  if (shown.length < 2) throw new CannotShow('there is one model alone, and nothing to compare it with');
  const kind = shown[0]!.metrics;
  if (shown.some((each) => each.metrics !== kind)) throw new CannotShow('the runs are of different tasks');
  const samples = new Set(shown.flatMap(({ finished }) => finished?.settings['samples'] ?? []));
  if (samples.size > 1 && source.data === undefined)
    throw new CannotShow('the runs were trained on different data: name one for all by --data');
  const names = shownMetrics[kind];
  const models: BubbleData['models'][number][] = [];
  for (const each of shown) {
    const seeds = table && each.row?.mean?.test ? [] : await predictionsBySeed(each, source);
    const test =
      (table && each.row?.mean?.test) ??
      summarise(seeds.map(({ values, labels }) => evaluate(kind, values, labels, each.classes))).mean;
    const values = names.map((name) => test[name]!) as [number, number, number];
    // Of variants of one model those that lack a part are the others.
    const isOwn = each.model === 'decalign' && !(each.row?.model.includes(':') ?? false);
    const whose = each.finished ? (isOwn ? 'own' : 'other') : 'reference';
    if (values.every(Number.isFinite)) models.push({ name: each.name, kind: whose, values });
  }
  const about = (name: MetricName): BubbleMetric => ({ label: labelOf(kind, name), better: metrics[name].better });
  return { metrics: [about(names[0]), about(names[1]), about(names[2])], models };
}

const kinds = { own: palette[3], other: palette[2], reference: palette[6] } as const;

/** The radius of the worst and of the best bubble. */
const radii = [2, 6.5] as const;

export function bubble({ metrics: [across, up, size], models: all }: BubbleData): Drawing {
  // A constant prediction is so far off that models could not be told apart.
  const reaching = ([0, 1] as const).map((axis) =>
    widened(all.filter(({ kind }) => kind !== 'reference').map(({ values }) => values[axis])),
  );
  const isWithin = ({ values }: BubbleData['models'][number]): boolean =>
    reaching.every(([low, high], axis) => values[axis]! >= low && values[axis]! <= high);
  const models = all.filter(isWithin);
  const outside = all.filter((each) => !isWithin(each));
  const [domainX, domainY] = reaching as [Range, Range];
  const places = outside.map(({ name, values: [x, y] }) => `${name} (${x.toFixed(2)}, ${y.toFixed(2)})`);
  const beyond = places.length === 0 ? '' : ` Beyond them: ${places.join(', ')}.`;
  return {
    title: `${up.label} against ${across.label}`,
    notes: [
      `Test split, means over seeds. The larger a bubble, the better its ${size.label} (${rangeText(models.map(({ values }) => values[2]))}). Axes do not begin at 0.${beyond}`,
    ],
    description: `Models by ${across.label}, ${up.label} and ${size.label}: ${all.map(({ name, values }) => `${name} ${values.map((x) => x.toFixed(3)).join(', ')}`).join('; ')}.`,
    columns: 1,
    across: 1,
    spec: (panel) => {
      const width = panel;
      const height = Math.max(150, 14 * models.length);
      const sizes = models.map(({ values }) => values[2]);
      const points = models.map(({ name, kind, values }) => ({
        ...{ name, kind, value: values },
        x: place(values[0], domainX) * width,
        y: (1 - place(values[1], domainY)) * height,
        radius: radiusOf(values[2], sizes, size.better),
        width: textWidth(name, textSizes.small, kind === 'own' ? 'bold' : 'regular') + 2,
        height: textSizes.small,
      }));
      const labels = placedLabels(points, { width, height });
      const values = points.map((point, n) => ({
        ...{ name: point.name, kind: point.kind, size: Math.PI * point.radius ** 2 },
        ...{ [across.label]: point.value[0], [up.label]: point.value[1], [size.label]: point.value[2] },
        ...labelled(point, labels[n]!),
      }));
      const axisOf = (title: string, domain: Range): object => ({
        ...{ field: title, type: 'quantitative', scale: { domain, nice: false, zero: false } },
        axis: { title, tickCount: 5 },
      });
      const pixels = { type: 'quantitative', scale: { domain: [0, width], range: [0, width] }, axis: null } as const;
      const pixelsDown = { ...pixels, scale: { domain: [0, height], range: [0, height] } };
      return {
        ...{ width, height },
        data: { values },
        layer: [
          {
            mark: { type: 'circle', opacity: 0.75, stroke: 'white', strokeWidth: 0.6 },
            encoding: {
              ...{ x: axisOf(across.label, domainX), y: axisOf(up.label, domainY) },
              size: { field: 'size', type: 'quantitative', scale: null },
              color: {
                ...{ field: 'kind', type: 'nominal', title: null, legend: null },
                scale: { domain: Object.keys(kinds), range: Object.values(kinds) },
              },
            },
          },
          {
            transform: [{ filter: 'datum.far' }],
            mark: { type: 'rule', strokeWidth: 0.4, color: quiet },
            encoding: {
              ...{ x: { field: 'fromX', ...pixels }, y: { field: 'fromY', ...pixelsDown } },
              ...{ x2: { field: 'toX' }, y2: { field: 'toY' } },
            },
          },
          {
            mark: {
              type: 'text',
              baseline: 'middle',
              color: ink,
              fontWeight: { expr: "datum.kind === 'own' ? 'bold' : 'normal'" },
            },
            encoding: {
              ...{ x: { field: 'labelX', ...pixels }, y: { field: 'labelY', ...pixelsDown } },
              text: { field: 'name', type: 'nominal' },
            },
          },
        ],
        resolve: { scale: { x: 'independent', y: 'independent' } },
      };
    },
  };
}

type Range = readonly [number, number];

const place = (value: number, [low, high]: Range): number => (value - low) / (high - low);

/** The range of values with a rim, so that no bubble is cut off. */
function widened(values: readonly number[]): Range {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const rim = high > low ? 0.1 * (high - low) : 0.05 * Math.max(Math.abs(high), 0.1);
  return [low - rim, high + rim];
}

function radiusOf(value: number, all: readonly number[], better: 'lower' | 'higher'): number {
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const share = high > low ? (value - low) / (high - low) : 0.5;
  const [least, most] = radii;
  const good = better === 'higher' ? share : 1 - share;
  return Math.sqrt(least ** 2 + good * (most ** 2 - least ** 2));
}

/** Where the name is, and the line from the rim of the bubble to the nearest point of it. */
function labelled({ x, y, radius, width, height }: Labelled, label: Placed): object {
  const within = (at: number, middle: number, size: number): number =>
    Math.min(Math.max(at, middle - size / 2), middle + size / 2);
  const [toX, toY] = [within(x, label.x, width), within(y, label.y, height)];
  const length = Math.hypot(toX - x, toY - y);
  return {
    ...{ labelX: label.x, labelY: label.y, far: label.far && length > radius },
    ...{ fromX: x + ((toX - x) / length) * radius, fromY: y + ((toY - y) / length) * radius },
    ...{ toX, toY },
  };
}

const rangeText = (values: readonly number[]): string =>
  `${Math.min(...values).toFixed(2)} to ${Math.max(...values).toFixed(2)}`;
