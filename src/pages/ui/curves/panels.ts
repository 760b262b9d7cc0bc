/** What curves of runs are shown, each in a panel of its own, and their lines. */
import type { RunSeries, SeriesColumn } from '../../../server/ui/api/routes.ts';
import type { Line, Mark } from '../../base/line-plot.ts';
import type { LinkedTable } from '../../base/plain-table.tsx';
import { aligned, bandOf, smoothed, type Band, type Curve } from '../../base/smooth.ts';
import { isWithin, type Epochs } from './epochs.ts';

/** Runs that are one line: a single one, or those of a group as their mean and band. */
export interface Shown {
  readonly name: string;
  readonly look: number;
  readonly runs: readonly RunSeries[];
}

export interface Panel extends Pick<SeriesColumn, 'kind' | 'name' | 'label' | 'better'> {
  /** Those of `Shown` that have this column. */
  readonly curves: readonly ShownCurve[];
}

export interface ShownCurve extends Omit<Shown, 'runs'> {
  readonly curve: Curve | Band;
}

const kinds: readonly SeriesColumn['kind'][] = ['metric', 'loss', 'rate', 'diagnostic'];

/** A panel for each column that some run has: metrics with the chosen one first, losses with their sum first, and the others. */
export function panelsOf(shown: readonly Shown[]): readonly Panel[] {
  const columns = new Map<string, SeriesColumn>();
  for (const { columns: all } of shown.flatMap(({ runs }) => runs))
    for (const column of all) columns.set(keyOf(column), columns.get(keyOf(column)) ?? column);
  const chosen = shown.flatMap(({ runs }) => runs.flatMap(({ chosen: name }) => name ?? []))[0];
  const isFirst = ({ kind, name }: SeriesColumn): boolean =>
    (kind === 'metric' && name === chosen) || (kind === 'loss' && name === 'total');
  return kinds.flatMap((kind) =>
    [...columns.values()]
      .filter((column) => column.kind === kind)
      .sort((a, b) => Number(isFirst(b)) - Number(isFirst(a)))
      .map((column): Panel => ({
        ...{ kind, name: column.name, label: column.label, ...(column.better && { better: column.better }) },
        curves: shown.flatMap((each) => shownCurve(each, column)),
      }))
      .filter(({ curves }) => curves.some(({ curve }) => curve.y.some((value) => value !== null))),
  );
}

/** The panels whose name, as it is shown or as files have it, or kind has every word of a text. */
export function panelsFound(panels: readonly Panel[], text: string): readonly Panel[] {
  const words = text.toLowerCase().split(/\s+/);
  return panels.filter(({ kind, name, label }) => {
    const names = `${label} ${name} ${kind}`.toLowerCase();
    return words.every((word) => names.includes(word));
  });
}

const keyOf = ({ kind, name }: Pick<SeriesColumn, 'kind' | 'name'>): string => `${kind} ${name}`;

function shownCurve({ name, look, runs }: Shown, column: SeriesColumn): readonly ShownCurve[] {
  const curves = runs.flatMap((run): Curve[] => {
    const found = run.columns.find((each) => keyOf(each) === keyOf(column));
    return found ? [{ x: run.epochs, y: found.values }] : [];
  });
  const [first] = curves;
  if (!first) return [];
  return [{ name, look, curve: curves.length > 1 ? bandOf(curves) : first }];
}

/** The lines of a panel; a smoothed one lies over itself as it was. */
export function linesOf({ curves }: Panel, smooth: number): readonly Line[] {
  return curves.flatMap(({ name, look, curve }): Line[] => {
    if (smooth <= 0) return [{ name, look, ...curve }];
    const { x, y } = curve;
    return [
      { name, look, ...curve, isFaint: true },
      { name, look, x, y: smoothed(y, smooth) },
    ];
  });
}

/** Whether a panel can have an axis by powers of ten: all of it is above 0. */
export const isPositive = ({ curves }: Panel): boolean =>
  curves.every(({ curve }) => curve.y.every((value) => value === null || value > 0));

/** Whether there is anything of a panel in a part of the epochs. */
export const isKnownIn = ({ curves }: Panel, range: Epochs | undefined): boolean =>
  curves.some(({ curve: { x, y } }) => x.some((epoch, n) => y[n] !== null && isWithin(epoch, range)));

/** The figures of a panel that are shown: a row for each epoch. */
export function panelTable({ curves }: Panel, range?: Epochs): LinkedTable {
  const columns = curves.flatMap(({ name, curve }) => [
    { name, curve: { x: curve.x, y: curve.y } },
    ...('low' in curve
      ? [
          { name: `${name} (lowest)`, curve: { x: curve.x, y: curve.low } },
          { name: `${name} (highest)`, curve: { x: curve.x, y: curve.high } },
        ]
      : []),
  ]);
  const { x, ys } = aligned(columns.map(({ curve }) => curve));
  return {
    columns: ['epoch', ...columns.map(({ name }) => name)],
    rows: x.map((epoch, n) => [epoch, ...ys.map((y) => y[n])] as const).filter(([epoch]) => isWithin(epoch, range)),
    ...(range && { note: `Epochs ${range[0]} to ${range[1]} alone.` }),
  };
}

/** What is marked in every panel: where stages such as pretraining end, and of a single run the best epoch. */
export function marksOf(shown: readonly Shown[]): readonly Required<Mark>[] {
  const runs = shown.flatMap((each) => each.runs);
  const stages = runs.flatMap((run) => run.stages.map(({ name, last }) => ({ x: last + 0.5, word: `end of ${name}` })));
  const best = runs.length === 1 ? runs[0]!.bestEpoch : undefined;
  const distinct = stages.filter(
    ({ x, word }, n) => stages.findIndex((each) => each.x === x && each.word === word) === n,
  );
  return [...distinct, ...(best === undefined ? [] : [{ x: best, word: 'best' }])];
}
