/** How all figures look. Lengths are in points (1/72 inch) as printed. */
import type { Spec } from './figure.ts';

const pointsOf = (millimetres: number): number => (millimetres / 25.4) * 72;

/** The widths of one and of two columns of a paper. */
export const columnWidths = { 1: pointsOf(84), 2: pointsOf(174) } as const;

/** Sizes of text. */
export const textSizes = { title: 9, usual: 8, small: 7 } as const;

/**
 * Colours of up to seven series. Each is lighter than the one before, so that they are told apart in grey, and they differ
 * for people who see no red, no green or no blue.
 */
export const palette = ['#1b1464', '#84173a', '#0067a3', '#d1551c', '#35ad91', '#e8b13a', '#c6d1d8'] as const;

/** Shapes and dashes of series, in the order of the palette: they say the same without any colour. */
export const shapes = ['circle', 'square', 'triangle-up', 'diamond', 'cross', 'triangle-down', 'stroke'] as const;
export const dashes: readonly (readonly number[])[] = [
  [],
  [5, 2],
  [2, 1.5],
  [6, 1.5, 1.5, 1.5],
  [1, 1],
  [8, 2],
  [3, 3],
];

/** What is beside the matter: rules, connecting lines, references. */
export const quiet = '#8a8a8a';
/** Lines and areas behind the matter. */
export const faint = '#cfcfcf';
/** Text and axes. */
export const ink = '#222222';

/** Colours of shares and other amounts, from none to most: lighter to darker, in one hue. */
export const ramp = ['#f7fbff', '#c6dbef', '#6baed6', '#2171b5', '#08306b'] as const;

const plain = { labelFontSize: textSizes.small, titleFontSize: textSizes.usual, titleFontWeight: 'normal' } as const;

/** The configuration that every specification has. `font` is what is drawn, and what readers have that is as wide. */
export const config = {
  font: "Arimo, Arial, Helvetica, 'Liberation Sans', sans-serif",
  background: 'white',
  padding: 3,
  aria: false,
  view: { stroke: null },
  title: { anchor: 'start', fontSize: textSizes.title, fontWeight: 'bold', color: ink, offset: 6, frame: 'bounds' },
  axis: {
    ...plain,
    ...{ labelColor: ink, titleColor: ink, domainColor: ink, tickColor: ink, titlePadding: 3, labelPadding: 2 },
    ...{ gridColor: '#e4e4e4', gridWidth: 0.5, domainWidth: 0.6, tickWidth: 0.6, tickSize: 3 },
    ...{ labelOverlap: true, labelFlush: false },
  },
  legend: {
    ...plain,
    ...{ titleFontSize: textSizes.small, labelColor: ink, titleColor: ink, symbolStrokeWidth: 1.2, symbolSize: 30 },
    ...{ orient: 'bottom', direction: 'horizontal', columnPadding: 8, rowPadding: 1, labelLimit: 0, offset: 6 },
  },
  header: { ...plain, labelFontSize: textSizes.usual, labelColor: ink, titleColor: ink, labelPadding: 3 },
  text: { fontSize: textSizes.small, color: ink },
  line: { strokeWidth: 1.2 },
  rule: { strokeWidth: 0.6, color: quiet },
  point: { size: 22, filled: true, opacity: 1 },
  range: { ordinal: ramp, ramp, heatmap: ramp, category: palette },
} as const satisfies Spec;
