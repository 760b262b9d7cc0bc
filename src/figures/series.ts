/** Channels that tell series apart, the same in every figure: what colours say, dashes or shapes say too. */
import { textWidth } from './drawing/font.ts';
import type { Spec } from './figure.ts';
import { columnWidths, dashes, faint, palette, shapes, textSizes } from './style.ts';

/** The most series that are told apart. */
export const mostSeries = palette.length;

/** Names of all series that are not told apart, by what they are. */
export const others = { models: 'other models', variants: 'other variants', runs: 'other runs' } as const;

export const isOthers = (name: string): boolean => Object.values<string>(others).includes(name);

/** The colours of so many series: few of them lie as far apart as there is room. */
const coloursOf = (names: readonly string[]): readonly string[] =>
  names.length <= 3 ? [palette[0], palette[3], palette[5]] : palette;

const valueOf = <T>(names: readonly string[], values: readonly T[], other: T): T[] =>
  names.map((name, n) => (isOthers(name) ? other : values[n % values.length]!));

const channel = (field: string, names: readonly string[], values: readonly unknown[], legend: Spec = {}): Spec => ({
  ...{ field, type: 'nominal', sort: names, title: null },
  scale: { domain: names, range: values },
  // One series needs no telling apart.
  legend: names.length < 2 ? null : { ...legend, columns: columnsOf(names) },
});

/** So many entries of a legend side by side as one column of a paper has room for. */
function columnsOf(names: readonly string[]): number {
  const widest = Math.max(...names.map((name) => textWidth(name, textSizes.small)));
  return Math.max(1, Math.floor((columnWidths[1] - 40) / (widest + 34)));
}

/** Colours of points, with a legend. */
export const coloured = (field: string, names: readonly string[]): Spec => ({
  color: channel(field, names, valueOf(names, coloursOf(names), faint)),
});

// So long that its dashes are seen.
const dash = { symbolSize: 320 } as const;

/** Colours and dashes of lines, with a legend. */
export const lined = (field: string, names: readonly string[]): Spec => ({
  color: channel(field, names, valueOf(names, coloursOf(names), faint), dash),
  strokeDash: channel(field, names, valueOf(names, dashes, []), dash),
});

/** The same colours of areas, without a legend. Of two scales with one legend Vega-Lite would draw none. */
export const filled = (field: string, names: readonly string[]): Spec => ({
  // Without it all series would be one area.
  detail: { field, type: 'nominal' },
  fill: {
    value: palette[0],
    condition: valueOf(names, coloursOf(names), faint).map((value, n) => ({
      test: { field, equal: names[n]! },
      value,
    })),
  },
});

/** Shapes of points. */
export const shaped = (field: string, names: readonly string[]): Spec => ({
  shape: channel(field, names, valueOf<string>(names, shapes, 'circle')),
});
