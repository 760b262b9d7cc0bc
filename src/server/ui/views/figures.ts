/** Figures of runs, as `decalign figures` draws them. */
import { checkPackages } from '../../../figures/drawing/packages.ts';
import { draw } from '../../../figures/drawing/draw.ts';
import { withFont } from '../../../figures/drawing/font.ts';
import { CannotShow } from '../../../figures/figure.ts';
import { figures, type Figure, type FigureName } from '../../../figures/figures.ts';
import { drawingsOf } from '../../../figures/make.ts';
import type { FigureList } from '../api/routes.ts';
import { openRun, type RunPlace } from './source-of-run.ts';

/** Figures that set several runs side by side say nothing of one; `robustness` and others are made of one alone. */
const ofSeveral: readonly FigureName[] = ['bubble', 'significance', 'sensitivity'];

/** The figures that can be asked for of one run, without those of a sample, which has a page of its own. */
export function figureList(): FigureList {
  const list = Object.entries<Figure>(figures)
    .filter(([name, { ofSample }]) => !ofSample && !ofSeveral.some((each) => each === name))
    .map(([name, { summary }]) => ({ name, summary }));
  try {
    checkPackages(['svg']);
    return { figures: list };
  } catch (error) {
    return { figures: list, problem: (error as Error).message };
  }
}

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
