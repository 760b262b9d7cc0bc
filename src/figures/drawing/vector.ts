/** A drawing as a picture of lines and letters, without a browser: Vega-Lite is compiled and drawn to SVG by Vega. */
import { mapTexts } from '../../json/tree.ts';
import type { Drawing, Spec } from '../figure.ts';
import { columnWidths, config, ink, textSizes } from '../style.ts';
import { textWidth, wrapped, type Weight } from './font.ts';

/** A picture of `width` times `height` points. */
export interface Picture {
  readonly title: string;
  readonly description: string;
  readonly width: number;
  readonly height: number;
  /** The specification that it was drawn from, whole: the editable form. */
  readonly spec: Spec;
  readonly svg: string;
}

const schema = 'https://vega.github.io/schema/vega-lite/v6.json';
const padding = 3;
const family = config.font;

/** Draws at the width of its columns. Throws an Error where Vega-Lite does not know something in the specification. */
export async function pictureOf(drawing: Drawing): Promise<Picture> {
  const width = columnWidths[drawing.columns];
  // Vega rounds panels to whole points: of whole ones the picture grows by what is added.
  let panel = Math.floor(width / drawing.across);
  let picture = await rendered(whole(drawing, panel, width));
  // Axes and legends take what they need, and panels get the rest but for a rim: other ticks may take more room, so that one turn may not do.
  const fits = (): boolean => picture.width <= width + 0.1 && picture.width > width - 1.1 - drawing.across;
  for (let turn = 0; turn < 5 && !fits(); turn++) {
    panel += Math.floor((width - 1 - picture.width) / drawing.across);
    if (panel < 10)
      throw new Error(`"${drawing.title}" has more side by side than fits in ${width.toFixed(0)} points.`);
    picture = await rendered(whole(drawing, panel, width));
  }
  const { title, description } = drawing;
  const { spec, height } = picture;
  return { title, description, width, height, spec, svg: finished(picture.svg, { title, description, width, height }) };
}

/** The specification with title, notes, configuration and whatever else makes a document of it. */
function whole({ title, notes, description, spec }: Drawing, panel: number, width: number): Spec {
  // A text that is wider than whole points makes the picture wider by one.
  const within = Math.floor(width) - 2 * padding;
  const lines = notes.flatMap((note) => wrapped(note, within, textSizes.small));
  return {
    $schema: schema,
    description,
    title: {
      text: wrapped(title, within, textSizes.title, 'bold'),
      ...(lines.length > 0 && {
        ...{ subtitle: lines, subtitleFontSize: textSizes.small, subtitleColor: ink, subtitlePadding: 3 },
        subtitleLineHeight: textSizes.small + 2,
      }),
    },
    ...mapTexts(spec(panel), plainName),
    config,
  };
}

/**
 * A name that every object has a member of (`constructor`), with a space after it, which is not seen: Vega keeps groups by
 * name in plain objects, and would find that member.
 */
const plainName = (text: string): string => (text in Object.prototype ? `${text} ` : text);

interface Rendered {
  readonly spec: Spec;
  readonly svg: string;
  readonly width: number;
  readonly height: number;
}

async function rendered(spec: Spec): Promise<Rendered> {
  const [vega, { compile }] = await Promise.all([import('vega'), import('vega-lite')]);
  // Vega guesses widths where there is no browser, and guesses too large.
  vega.textMetrics.width = ({ fontSize = 11, fontWeight }, text) =>
    Math.max(
      0,
      ...[text].flat().map((line) => textWidth(`${line as string | number | null}`, fontSize, weightOf(fontWeight))),
    );
  // Names of clipping paths are counted over all pictures of a process.
  vega.resetSVGDefIds();
  const heard = new Heard();
  // A specification is data: Vega-Lite checks it, and `Heard` takes every complaint for an error.
  const { spec: compiled } = compile(spec as never, { logger: heard });
  const view = new vega.View(vega.parse(compiled), { renderer: 'none', logger: heard });
  const svg = await view.toSVG();
  view.finalize();
  const [, width, height] = /<svg[^>]* width="([\d.]+)" height="([\d.]+)"/.exec(svg)!;
  return { spec, svg, width: Number(width), height: Number(height) };
}

const weightOf = (weight: string | number | undefined): Weight =>
  weight === 'bold' || Number(weight) >= 600 ? 'bold' : 'regular';

/** A logger to which any warning is an error: one is a figure that does not show what it should. */
class Heard {
  level = (): this => this;
  info = (): this => this;
  debug = (): this => this;
  warn = (...said: readonly unknown[]): this => {
    throw new Error(`Vega warns: ${said.join(' ')}`);
  };
  error = (...said: readonly unknown[]): this => {
    throw new Error(`Vega says: ${said.join(' ')}`);
  };
}

/** Leaves out what Vega writes for scripts and styles, and what is not seen: half of an SVG. */
const drawnOnly = (svg: string): string =>
  svg
    .replace(/^<rect [^>]*>/, '')
    .replaceAll(/<path class="(?:background|foreground)"[^>]*>/g, (path) =>
      / (?:fill|stroke)=/.test(path) ? path : '',
    )
    .replaceAll(/ (?:class|role|aria-[a-z]+|pointer-events)="[^"]*"/g, '')
    .replaceAll(/ (?:opacity="1"|stroke-dasharray="")/g, '')
    // The root says it once for all texts.
    .replaceAll(` font-family="${family}"`, '');

/** Losses by the paper's names, such as `L_dec`, have a subscript, which Vega does not know. */
const withSubscripts = (svg: string): string =>
  svg.replaceAll(/(?<=>[^<>]*\bL)_(\w+)/g, '<tspan dy="0.2em" font-size="75%">$1</tspan>');

/** The SVG with its size on paper, its title and description, and numbers of two decimals. */
function finished(
  svg: string,
  { title, description, width, height }: Pick<Picture, 'title' | 'description' | 'width' | 'height'>,
): string {
  const inside = drawnOnly(svg.replace(/^<svg[^>]*>/, '')).replaceAll(/="[^"]*"/g, (value) =>
    value.replaceAll(/\d+\.\d{3,}/g, (number) => String(Number(Number(number).toFixed(2)))),
  );
  const points = (x: number): string => String(Number(x.toFixed(2)));
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="title description" font-family="${family}" width="${points(width)}pt" height="${points(height)}pt" viewBox="0 0 ${points(width)} ${points(height)}">`,
    `<title id="title">${escaped(title)}</title>`,
    `<desc id="description">${escaped(description)}</desc>`,
    '<rect width="100%" height="100%" fill="white"/>',
    withSubscripts(inside),
  ].join('\n')}\n`;
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
