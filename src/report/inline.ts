/** Figures as pictures inside a page. */
import { verbatim, type Html } from './html.ts';

export interface InlineFigure {
  readonly name: string;
  readonly title: string;
  readonly caption: string;
  readonly svg: Html;
}

/** An SVG as a part of a page: whatever is named by an id in it gets a name that no other picture of the page has. */
export const inlineSvg = (svg: string, prefix: string): Html =>
  verbatim(
    svg
      .replaceAll(/(<[^>]*? id=")([^"]*")/g, `$1${prefix}-$2`)
      .replaceAll(/(url\(#)([^)]*\))/g, `$1${prefix}-$2`)
      .replaceAll(/(<[^>]*? (?:xlink:)?href="#)([^"]*")/g, `$1${prefix}-$2`)
      .replace(/aria-labelledby="([^"]*)"/, (_, names: string) => {
        const own = names.split(' ').map((name) => `${prefix}-${name}`);
        return `aria-labelledby="${own.join(' ')}"`;
      })
      .trimEnd(),
  );
