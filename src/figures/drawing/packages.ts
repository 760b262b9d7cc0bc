/** The packages that draw. They are optional: none is loaded before something is drawn, and one that is missing is named. */
import { checkInstalled } from '../../files/packages.ts';

/** The kinds of file that a figure is drawn to. */
export const formats = ['svg', 'png', 'pdf', 'json'] as const;
export type Format = (typeof formats)[number];

/** The packages that a file of each format needs. */
const needed: Readonly<Record<Format, readonly string[]>> = {
  json: ['vega', 'vega-lite'],
  svg: ['vega', 'vega-lite'],
  png: ['vega', 'vega-lite', '@resvg/resvg-js'],
  pdf: ['vega', 'vega-lite', 'pdfkit', 'svg-to-pdfkit'],
};

/** Throws an Error that says what to install where a package is missing that one of the formats needs. */
export const checkPackages = (wanted: readonly Format[]): void =>
  checkInstalled([...new Set(wanted.flatMap((format) => needed[format]))], `Figures as ${wanted.join(', ')} are drawn`);
