/** Channels that tell series apart, the same in every figure: what colours say, dashes or shapes say too. */
import type { Spec } from './figure.ts';
import { dashes, palette, shapes } from './style.ts';

/** The most series that are told apart. */
export const mostSeries = palette.length;

const channel = (field: string, names: readonly string[], values: readonly unknown[], legend: Spec = {}): Spec => ({
  ...{ field, type: 'nominal', sort: names, title: null },
  scale: { domain: names, range: names.map((_, n) => values[n % values.length]) },
  // One series needs no telling apart.
  legend: names.length < 2 ? null : legend,
});

/** Colours of points, with a legend. */
export const coloured = (field: string, names: readonly string[]): Spec => ({
  color: channel(field, names, palette),
});

// So long that its dashes are seen.
const dash = { symbolSize: 320 } as const;

/** Colours and dashes of lines, with a legend. */
export const lined = (field: string, names: readonly string[]): Spec => ({
  color: channel(field, names, palette, dash),
  strokeDash: channel(field, names, dashes, dash),
});

/** The same colours of areas, without a legend. Of two scales with one legend Vega-Lite would draw none. */
export const filled = (field: string, names: readonly string[]): Spec => ({
  detail: { field, type: 'nominal' },
  fill: {
    value: palette[0],
    condition: names.map((equal, n) => ({ test: { field, equal }, value: palette[n % palette.length]! })),
  },
});

/** Shapes of points. */
export const shaped = (field: string, names: readonly string[]): Spec => ({
  shape: channel(field, names, shapes),
});
