/** Figures as pictures inside a page. */
import { textWidth } from '../figures/drawing/font.ts';
import { verbatim, type Html } from './html.ts';

export interface InlineFigure {
  readonly name: string;
  readonly title: string;
  readonly caption: string;
  readonly svg: Html;
}

/**
 * An SVG as a part of a page: whatever is named by an id in it gets a name that no other picture of the page has, and texts
 * are as wide as in the font that they were placed by, whatever font a reader has.
 */
export const inlineSvg = (svg: string, prefix: string): Html =>
  verbatim(
    withWidths(svg)
      .replaceAll(/(<[^>]*? id=")([^"]*")/g, `$1${prefix}-$2`)
      .replaceAll(/(url\(#)([^)]*\))/g, `$1${prefix}-$2`)
      .replaceAll(/(<[^>]*? (?:xlink:)?href="#)([^"]*")/g, `$1${prefix}-$2`)
      .replace(/aria-labelledby="([^"]*)"/, (_, names: string) => {
        const own = names.split(' ').map((name) => `${prefix}-${name}`);
        return `aria-labelledby="${own.join(' ')}"`;
      })
      .trimEnd(),
  );

/** A text, with what is in it: letters, or lines of them, each in a `tspan` of its own. */
const textPattern = /<text ([^>]*)>(.*?)<\/text>/gs;
const linePattern = /<tspan(?![^>]*font-size)([^>]*)>([^<]+)<\/tspan>/g;

/** Has each line of text fill the width that it has in the font of figures. Lines with a subscript are left as they are. */
const withWidths = (svg: string): string =>
  svg.replaceAll(textPattern, (_, attributes: string, inside: string) => {
    const size = Number(/font-size="([\d.]+)/.exec(attributes)?.[1]);
    const weight = attributes.includes('font-weight="bold"') ? 'bold' : 'regular';
    const filling = (letters: string): string => {
      const width = textWidth(unescaped(letters), size, weight);
      return width > 0 ? ` textLength="${width.toFixed(1)}" lengthAdjust="spacingAndGlyphs"` : '';
    };
    if (!inside.includes('<')) return `<text ${attributes}${filling(inside)}>${inside}</text>`;
    const lines = inside.replaceAll(
      linePattern,
      (__, place: string, letters: string) => `<tspan${place}${filling(letters)}>${letters}</tspan>`,
    );
    return `<text ${attributes}>${lines}</text>`;
  });

const unescaped = (text: string): string =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');
