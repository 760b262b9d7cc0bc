/** Figure 6 of the paper: the common features of two modalities, and how far those of one sample are from each other. */
import { pairRatio } from '../analysis/agreement.ts';
import { knownRows, rowsOf, type ModalityParts, type Part } from '../analysis/part.ts';
import { retrievalOf } from '../analysis/retrieval.ts';
import { CannotShow, type Drawing, type Spec } from './figure.ts';
import type { FigureOptions } from './figure-options.ts';
import { hasParts, partsIn } from './measured.ts';
import { grid, headed } from './panel.ts';
import { planeOf, type Projection } from './plane.ts';
import { coloured, shaped } from './series.ts';
import { rowsOfFigure, trained, type Source } from './source.ts';
import { quiet } from './style.ts';
import { thinned } from './thinned.ts';

export interface GapData {
  readonly modalities: readonly [string, string];
  /** Default: principal components. */
  readonly projection?: Projection;
  readonly panels: readonly GapPanel[];
}

/** The common features of a run. Measures are of all features, not of their projection. */
export interface GapPanel {
  readonly name: string;
  readonly samples: number;
  /** Distance of the two modalities' means, of features of length 1: 0 to 2. */
  readonly centroidGap: number;
  /** Squared distance of a sample's two features over that of strangers; absent where strangers do not differ. */
  readonly pairRatio: number | undefined;
  /** How often the sample itself is nearest, by cosine, and how often it would be by chance. */
  readonly retrieval: { readonly at1: number; readonly chanceAt1: number } | undefined;
  /** Which share of the variance the two directions have, of principal components. */
  readonly shares?: readonly [number, number];
  /** By sample, where its features of both modalities lie; of some of the samples where a projection takes long. */
  readonly pairs: readonly { readonly a: Point; readonly b: Point }[];
}

type Point = readonly [number, number];

/** Variants of an ablation that Figure 6 shows. */
const ofFigure6 = ['without-both', 'without-heterogeneity', 'full'];

export async function readGap(
  source: Source,
  { modalities: asked, projection = 'pca' }: Pick<FigureOptions, 'modalities' | 'projection'> = {},
): Promise<GapData> {
  const panels: GapPanel[] = [];
  let modalities: readonly [string, string] | undefined;
  const shown = trained({ shown: rowsOfFigure(source, ofFigure6) });
  for (const each of shown.filter(hasParts)) {
    const { parts, shared } = await partsIn(each, source);
    if (shared) continue;
    const pair = pairOf(parts, asked);
    modalities ??= [pair[0].modality, pair[1].modality];
    panels.push(await gapPanel(each.name, pair, projection));
  }
  if (!modalities)
    throw new CannotShow(`${shown.map(({ name }) => name).join(', ')} keeps no common part of each modality`);
  return { modalities, projection, panels };
}

/** The two modalities that were asked for; else vision and text, as in the paper, or the first two. */
function pairOf(
  parts: readonly ModalityParts[],
  asked: readonly string[] | undefined,
): readonly [ModalityParts, ModalityParts] {
  const named = (name: string): ModalityParts | undefined => parts.find(({ modality }) => modality === name);
  const wanted =
    asked ?? (named('vision') && named('text') ? ['vision', 'text'] : parts.map(({ modality }) => modality));
  const missing = wanted.find((name) => !named(name));
  if (missing !== undefined || wanted.length < 2)
    throw new CannotShow(
      `there is no modality "${missing ?? ''}" among ${parts.map(({ modality }) => modality).join(', ')}`,
    );
  return [named(wanted[0]!)!, named(wanted[1]!)!];
}

async function gapPanel(
  name: string,
  pair: readonly [ModalityParts, ModalityParts],
  projection: Projection,
): Promise<GapPanel> {
  const [a, b] = pair.map(({ common }) => common.test) as [Part, Part];
  if (a.columns !== b.columns) throw new CannotShow(`the common features of ${name} are of different widths`);
  const rows = knownRows([a, b]);
  if (rows.length < 3) throw new CannotShow(`fewer than three test samples have both modalities`);
  const [left, right] = [a, b].map((part) => unitRows(rowsOf(part, rows).data, part.columns)) as [
    Float64Array,
    Float64Array,
  ];
  const columns = a.columns;
  // The principal plane is of all samples; of other projections the time grows with their square.
  const some = projection === 'pca' ? [...rows.keys()] : thinned([...rows.keys()], mostProjected);
  const rowsIn = (unit: Float64Array): number[] =>
    some.flatMap((n) => [...unit.subarray(n * columns, (n + 1) * columns)]);
  const both = { rows: 2 * some.length, columns, data: Float64Array.from([...rowsIn(left), ...rowsIn(right)]) };
  const { points, shares } = await planeOf(both, projection);
  const point = (n: number): Point => [points[2 * n]!, points[2 * n + 1]!];
  const found = retrievalOf(pair)();
  const mean = (data: Float64Array, d: number): number =>
    data.reduce((sum, x, i) => sum + (i % columns === d ? x : 0), 0) / rows.length;
  return {
    ...{ name, samples: rows.length, pairRatio: pairRatio(a, b), retrieval: found },
    ...(shares && { shares }),
    centroidGap: Math.hypot(...Array.from({ length: columns }, (_, d) => mean(left, d) - mean(right, d))),
    pairs: some.map((_, n) => ({ a: point(n), b: point(some.length + n) })),
  };
}

/** Rows of length 1: what retrieval and the gap are about is their direction. */
export function unitRows(data: Float64Array, columns: number): Float64Array {
  const unit = data.slice();
  for (let n = 0; n < data.length; n += columns) {
    const row = unit.subarray(n, n + columns);
    const length = Math.hypot(...row);
    if (length > 0) for (let d = 0; d < columns; d++) row[d]! /= length;
  }
  return unit;
}

/** The most samples that are projected otherwise than on principal components. */
const mostProjected = 500;

/** The most pairs of a panel, and of a figure. */
const [mostOfPanel, mostPairs] = [300, 1000];

export function gap({ modalities, projection = 'pca', panels }: GapData): Drawing {
  const { columns, across } = grid(panels.length);
  const most = Math.min(mostOfPanel, Math.floor(mostPairs / panels.length));
  const left = panels.some(({ pairs }) => pairs.length > most);
  return {
    title: `Common features of ${modalities[0]} and ${modalities[1]}`,
    notes: [
      `Test split, one seed; features of length 1 ${onPlane[projection]}. Lines join the two of one sample${left ? `, of ${most} samples taken evenly` : ''}. In words, of all features: distance of the means; squared distance of pairs over that of strangers (0: the same, 1: no nearer than strangers); how often a sample finds itself (by chance).`,
    ],
    description: `Common features of ${modalities.join(' and ')}. ${panels.map((panel) => `${panel.name}: ${words(panel).join(', ')}`).join('; ')}.`,
    ...{ columns, across },
    spec: (panel) => ({
      ...{ columns: across, spacing: { row: 12, column: 12 } },
      concat: panels.map((each) => panelSpec(each, { modalities, projection, most, width: panel })),
    }),
  };
}

const onPlane: Readonly<Record<Projection, string>> = {
  pca: 'on the plane in which they differ most (PCA of both modalities together, by panel)',
  tsne: `by t-SNE of both modalities together, by panel, perplexity 30, at most ${mostProjected} samples; distances between groups of points mean little`,
  umap: `by UMAP of both modalities together, by panel, 15 neighbours, at most ${mostProjected} samples; distances between groups of points mean little`,
};

const words = ({ centroidGap, pairRatio: ratio, retrieval }: GapPanel): string[] => [
  `means apart ${centroidGap.toFixed(2)}`,
  `pairs/strangers ${ratio === undefined ? 'undefined' : ratio.toFixed(2)}`,
  retrieval === undefined
    ? 'finds itself undefined'
    : `finds itself ${retrieval.at1.toFixed(2)} (${retrieval.chanceAt1.toFixed(3)})`,
];

function panelSpec(
  panel: GapPanel,
  {
    modalities,
    projection,
    most,
    width,
  }: Required<Pick<GapData, 'modalities' | 'projection'>> & { readonly most: number; readonly width: number },
): Spec {
  const pairs = thinned(panel.pairs, most);
  const rounded = (x: number): number => Number(x.toFixed(4));
  const lines = pairs.map(({ a, b }) => ({ x: rounded(a[0]), y: rounded(a[1]), x2: rounded(b[0]), y2: rounded(b[1]) }));
  const points = pairs.flatMap(({ a, b }) =>
    ([a, b] as const).map(([x, y], m) => ({ x: rounded(x), y: rounded(y), modality: modalities[m]! })),
  );
  const axisTitle = (which: 0 | 1): string =>
    panel.shares
      ? `component ${which + 1} (${(100 * panel.shares[which]).toFixed(0)} %)`
      : `${{ pca: 'component', tsne: 't-SNE', umap: 'UMAP' }[projection]} ${which + 1}`;
  const axis = (which: 0 | 1): Spec => ({
    type: 'quantitative',
    scale: { zero: false },
    axis: {
      ...{ title: axisTitle(which), titleFontSize: 7 },
      ...{ labels: false, ticks: false, grid: false },
    },
  });
  const place = { x: { field: 'x', ...axis(0) }, y: { field: 'y', ...axis(1) } };
  return headed([panel.name, ...words(panel)], {
    ...{ width, height: Math.min(width, 140) },
    layer: [
      {
        data: { values: lines },
        mark: { type: 'rule', strokeWidth: 0.35, opacity: 0.5, color: quiet },
        encoding: { ...place, x2: { field: 'x2' }, y2: { field: 'y2' } },
      },
      {
        data: { values: points },
        mark: { type: 'point', size: 7, opacity: 0.85 },
        encoding: { ...place, ...coloured('modality', modalities), ...shaped('modality', modalities) },
      },
    ],
  });
}
