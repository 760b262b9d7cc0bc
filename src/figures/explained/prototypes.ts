/** Prototypes of two modalities (Eq. 2 and 3) among the unique features that they are fitted to. */
import { knownRows, rowsOf } from '../../analysis/part.ts';
import { principalPlane } from '../../analysis/principal-components.ts';
import type { PrototypesOfSplit } from '../../runs/explain/prototypes.ts';
import type { SolvedPrototypes } from '../../runs/transport-plan.ts';
import { CannotShow, type Drawing, type Spec } from '../figure.ts';
import { prototypesIn } from '../measured.ts';
import { grid, headed } from '../panel.ts';
import { coloured, shaped } from '../series.ts';
import { trained, type Source } from '../source.ts';
import { ink } from '../style.ts';
import { thinned } from '../thinned.ts';

export interface PrototypesData {
  readonly modalities: readonly [string, string];
  readonly panels: readonly PrototypesPanel[];
}

export interface PrototypesPanel {
  readonly name: string;
  /** Which share of the variance the two directions have. */
  readonly shares: readonly [number, number];
  /** Of each modality in turn. */
  readonly parts: readonly [PrototypesPart, PrototypesPart];
}

export interface PrototypesPart {
  /** Prototypes that its masses amount to, from 1 to their number. */
  readonly effective: number;
  /** Where the samples lie. */
  readonly samples: readonly Point[];
  readonly prototypes: readonly {
    readonly mass: number;
    readonly mean: Point;
    /** Its covariance on the plane: the variances of both directions, and between them. */
    readonly covariance: readonly [across: number, up: number, both: number];
  }[];
}

type Point = readonly [number, number];

export async function readPrototypes(source: Source, asked?: readonly string[]): Promise<PrototypesData> {
  const shown = trained(source);
  const panels: PrototypesPanel[] = [];
  let modalities: readonly [string, string] | undefined;
  for (const each of shown) {
    const found = await prototypesIn(each, source);
    if (!found) continue;
    modalities ??= pairOf(found, asked);
    panels.push(panelOf(each.name, found, modalities));
  }
  if (!modalities)
    throw new CannotShow(
      `none of the runs (${shown.map(({ name }) => name).join(', ')}) has prototypes that a plan is between: DecAlign has, where model.without leaves transport in and test samples have all modalities`,
    );
  if (panels.length > 8) throw new CannotShow(`there are ${panels.length} runs with prototypes: name 8 or fewer`);
  return { modalities, panels };
}

/** The two modalities that were asked for; else vision and text, as in `gap`, or the first two. */
function pairOf({ solved }: PrototypesOfSplit, asked: readonly string[] | undefined): readonly [string, string] {
  const names = solved.prototypes.map(({ modality }) => modality);
  const usual = names.includes('vision') && names.includes('text') ? ['vision', 'text'] : names;
  const [first = '', second = ''] = asked ?? usual;
  const missing = [first, second].find((name) => !names.includes(name));
  if (missing !== undefined) throw new CannotShow(`there is no modality "${missing}" among ${names.join(', ')}`);
  return [first, second];
}

function panelOf(
  name: string,
  { solved, fitted }: PrototypesOfSplit,
  modalities: readonly [string, string],
): PrototypesPanel {
  const both = modalities.map((modality) => ({
    features: fitted.find((each) => each.modality === modality)!.features,
    own: solved.prototypes.find((each) => each.modality === modality)!,
  }));
  const rows = knownRows(both.map(({ features }) => features));
  const [first, second] = both.map(({ features }) => rowsOf(features, rows));
  const { columns } = first!;
  if (columns !== second!.columns) throw new CannotShow(`the unique features of ${name} are of different widths`);
  const { points, shares, directions, centre } = principalPlane({
    rows: 2 * rows.length,
    columns,
    data: Float64Array.from([...first!.data, ...second!.data]),
  });
  const part = (m: 0 | 1): PrototypesPart => ({
    effective: effectiveOf(both[m]!.own.masses),
    samples: Array.from(rows, (_, n) => {
      const at = 2 * (m * rows.length + n);
      return [points[at]!, points[at + 1]!] as const;
    }),
    prototypes: onPlane(both[m]!.own, directions, centre, name),
  });
  return { name, shares, parts: [part(0), part(1)] };
}

const effectiveOf = (masses: Float64Array): number =>
  Math.exp(masses.reduce((sum, mass) => (mass > 0 ? sum - mass * Math.log(mass) : sum), 0));

/** Means and covariances Pᵀ Σ P, with P the two directions. */
function onPlane(
  { masses, gaussians }: SolvedPrototypes,
  directions: readonly [Float64Array, Float64Array],
  centre: Float64Array,
  name: string,
): PrototypesPart['prototypes'] {
  if (!gaussians) throw new CannotShow(`the plan of ${name} does not tell its prototypes`);
  const { means, variances, covariances } = gaussians;
  const { columns } = means;
  const covariance = (k: number, a: Float64Array, b: Float64Array): number => {
    let sum = 0;
    for (let d = 0; d < columns; d++) {
      if (!covariances) sum += a[d]! * b[d]! * variances.data[k * columns + d]!;
      else for (let e = 0; e < columns; e++) sum += a[d]! * b[e]! * covariances[(k * columns + d) * columns + e]!;
    }
    return sum;
  };
  const [across, up] = directions;
  const along = (k: number, direction: Float64Array): number =>
    direction.reduce((sum, x, d) => sum + x * (means.data[k * columns + d]! - centre[d]!), 0);
  return Array.from(masses, (mass, k) => ({
    mass,
    mean: [along(k, across), along(k, up)],
    covariance: [covariance(k, across, across), covariance(k, up, up), covariance(k, across, up)],
  }));
}

/** The most samples of a modality that are drawn. */
const mostSamples = 250;

export function prototypes({ modalities, panels }: PrototypesData): Drawing {
  const { columns, across } = grid(panels.length);
  const isThinned = panels.some(({ parts }) => parts[0].samples.length > mostSamples);
  return {
    title: `Prototypes of ${modalities[0]} and ${modalities[1]}`,
    notes: [
      `Small points: unique features of test samples${isThinned ? `, ${mostSamples} taken evenly` : ''}, one seed, on the plane in which both modalities together differ most (PCA, by panel). Crosses: prototypes; the thicker their ellipses (of one standard deviation, ${modalities[1]} dashed), the more samples they have. Effective: how many prototypes as large as each other their masses amount to.`,
    ],
    description: `Prototypes of ${modalities.join(' and ')}. ${panels.map((panel) => `${panel.name}: ${words(panel, modalities).join(', ')}`).join('; ')}.`,
    ...{ columns, across },
    spec: (width) => ({
      ...{ columns: across, spacing: { row: 12, column: 12 } },
      concat: panels.map((each) => panelSpec(each, modalities, width)),
    }),
  };
}

const words = ({ parts }: PrototypesPanel, modalities: readonly string[]): string[] =>
  parts.map(
    ({ effective, prototypes: own }, m) => `${modalities[m]!}: ${effective.toFixed(1)} of ${own.length} effective`,
  );

function panelSpec(panel: PrototypesPanel, modalities: readonly [string, string], width: number): Spec {
  const rounded = (x: number): number => Number(x.toFixed(4));
  const ofParts = <T>(of: (part: PrototypesPart) => readonly T[]): (T & { readonly modality: string })[] =>
    panel.parts.flatMap((part, m) => of(part).map((each) => ({ ...each, modality: modalities[m]! })));
  const samples = ofParts(({ samples: all }) =>
    thinned(all, mostSamples).map(([x, y]) => ({ x: rounded(x), y: rounded(y) })),
  );
  const means = ofParts(({ prototypes: all }) => all.map(({ mean: [x, y] }) => ({ x: rounded(x), y: rounded(y) })));
  const most = Math.max(...panel.parts.flatMap((part) => part.prototypes.map(({ mass }) => mass)));
  const ellipses = ofParts(({ prototypes: all }) =>
    all.flatMap((each, k) =>
      ellipse(each).map(([x, y], step) => ({
        x: rounded(x),
        y: rounded(y),
        step,
        k,
        weight: rounded(each.mass / most),
      })),
    ),
  ).map((each) => ({ ...each, ring: `${each.modality} ${each.k}` }));
  const axis = (which: 0 | 1): Spec => ({
    type: 'quantitative',
    scale: { zero: false },
    axis: {
      ...{ title: `component ${which + 1} (${(100 * panel.shares[which]).toFixed(0)} %)`, titleFontSize: 7 },
      ...{ labels: false, ticks: false, grid: false },
    },
  });
  const place = { x: { field: 'x', ...axis(0) }, y: { field: 'y', ...axis(1) } };
  return headed([panel.name, ...words(panel, modalities)], {
    ...{ width, height: Math.min(width, 150) },
    layer: [
      {
        data: { values: samples },
        mark: { type: 'point', size: 5, opacity: 0.45 },
        encoding: { ...place, ...coloured('modality', modalities), ...shaped('modality', modalities) },
      },
      {
        data: { values: ellipses },
        mark: { type: 'line' },
        encoding: {
          ...place,
          ...coloured('modality', modalities),
          strokeDash: { value: [], condition: { test: { field: 'modality', equal: modalities[1] }, value: [3, 1.5] } },
          order: { field: 'step', type: 'quantitative' },
          detail: { field: 'ring', type: 'nominal' },
          size: {
            field: 'weight',
            type: 'quantitative',
            scale: { domain: [0, 1], range: [0.4, 1.6] },
            legend: null,
          },
        },
      },
      { data: { values: means }, mark: { type: 'point', shape: 'cross', size: 18, color: ink }, encoding: place },
    ],
  });
}

/** The points at one standard deviation around a mean, closed. */
function ellipse({ mean: [x, y], covariance: [a, b, c] }: PrototypesPart['prototypes'][number]): Point[] {
  // The root of a symmetric matrix [[a, c], [c, b]]: (Σ + √det I) / √(trace + 2 √det).
  const root = Math.sqrt(Math.max(0, a * b - c * c));
  const scale = Math.sqrt(a + b + 2 * root) || 1;
  const steps = 40;
  return Array.from({ length: steps + 1 }, (_, i) => {
    const angle = (2 * Math.PI * i) / steps;
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    return [x + ((a + root) * cos + c * sin) / scale, y + (c * cos + (b + root) * sin) / scale];
  });
}
