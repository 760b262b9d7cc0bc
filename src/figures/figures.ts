/** The figures by name, in the order of the help and of docs/figures.md. */
import { curves, readCurves } from './curves.ts';
import type { Drawing } from './figure.ts';
import type { Source } from './source.ts';

/** Makes a figure of what a call named. Throws `CannotShow` where that lacks what the figure shows. */
export interface Figure {
  /** One line: what it shows. */
  readonly summary: string;
  readonly make: (source: Source) => Promise<Drawing>;
}

export const figures = {
  curves: {
    summary: 'losses, validation metrics and learning rate by epoch; several seeds as mean and band',
    make: async (source) => curves(readCurves(source)),
  },
} as const satisfies Readonly<Record<string, Figure>>;

export type FigureName = keyof typeof figures;
