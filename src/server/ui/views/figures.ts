/** Figures of runs, as `decalign figures` draws them. */
import { checkPackages } from '../../../figures/drawing/packages.ts';
import { draw } from '../../../figures/drawing/draw.ts';
import { withFont } from '../../../figures/drawing/font.ts';
import { CannotShow } from '../../../figures/figure.ts';
import { figures, type Figure, type FigureName } from '../../../figures/figures.ts';
import { drawingsOf } from '../../../figures/make.ts';
import type { MetricKind } from '../../../metrics/metric.ts';
import { runHasCommonParts, runHasPlan } from '../../../runs/parts.ts';
import type { FigureList } from '../api/routes.ts';
import type { RunDetail, RunPart } from '../api/run.ts';
import type { WatchedRun } from '../folder/watched-run.ts';
import { openRun, type RunPlace } from './source-of-run.ts';

/** Figures that set several runs side by side say nothing of one; `robustness` and others are made of one alone. */
const ofSeveral: readonly FigureName[] = ['bubble', 'significance', 'sensitivity'];

/** Figures of some kinds of labels alone. */
const kindsOf: Readonly<Partial<Record<FigureName, readonly MetricKind[]>>> = {
  residuals: ['mosi', 'sims', 'regression'],
  confusion: ['mosi', 'sims', 'classification'],
  categories: ['mosi', 'sims', 'classification'],
  calibration: ['classification'],
};

/** The part of the page of a run that is made of the same. */
const partOf: Readonly<Partial<Record<FigureName, RunPart>>> = {
  ...{ residuals: 'predictions', confusion: 'predictions', categories: 'predictions', calibration: 'predictions' },
  ...{ gap: 'embedding', decoupling: 'embedding', transport: 'transport', prototypes: 'transport' },
  robustness: 'robustness',
};

/**
 * The figures that can be asked for of one run, those that it has the data for, without those of a sample, which has a page of
 * its own. `lacking` says why parts of its page cannot be made.
 */
export function figureList(
  { row, record, directory }: Pick<WatchedRun, 'row' | 'record' | 'directory'>,
  lacking: RunDetail['lacking'],
): FigureList {
  if (row.status !== 'finished' || !record)
    return { figures: [], problem: lacking.predictions ?? 'It has not finished.' };
  // Records of format 2 and before do not tell it.
  const { metrics: kind } = record.data;
  const list = (Object.entries(figures) as [FigureName, Figure][])
    .filter(([name, { ofSample }]) => {
      const part = partOf[name];
      if (ofSample || ofSeveral.includes(name) || (part && lacking[part] !== undefined)) return false;
      return (kind === undefined || (kindsOf[name]?.includes(kind) ?? true)) && (isKept[name]?.(directory) ?? true);
    })
    .map(([name, { summary }]) => ({ name, summary }));
  try {
    checkPackages(['svg']);
    return { figures: list };
  } catch (error) {
    return { figures: list, problem: (error as Error).message };
  }
}

/** Whether the model of a run keeps what a figure shows. */
const isKept: Readonly<Partial<Record<FigureName, (directory: string) => boolean>>> = {
  ...{ gap: runHasCommonParts, transport: runHasPlan, prototypes: runHasPlan },
};

const isFigure = (name: string): name is FigureName => Object.hasOwn(figures, name);

export interface AskedFigure {
  readonly name: string;
  /** The sample that figures of one sample show. */
  readonly sample?: string;
}

/** The SVG of a figure of one run, with its font: an image in a page has none of the page's. */
export async function figureView(place: RunPlace, { name, sample }: AskedFigure): Promise<string> {
  if (!isFigure(name)) throw new CannotShow(`there is no figure "${name}"`);
  checkPackages(['svg']);
  const { drawings, left } = await drawingsOf(openRun(place).source, { only: [name], id: sample });
  const [made] = drawings;
  if (!made) throw new CannotShow(left[0]!.reason);
  const [svg] = await draw(made.drawing, ['svg']);
  return withFont(svg as string);
}
