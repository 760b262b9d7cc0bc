/** Figures: pure functions from data to a specification in Vega-Lite, which `drawing/` turns into files. */

/** A specification in Vega-Lite, or a part of one. */
export type Spec = Readonly<Record<string, unknown>>;

/** A figure that is ready to be drawn. */
export interface Drawing {
  /** A line above the picture. */
  readonly title: string;
  /** Below the title, in small print: what a reader must know to read it, with its figures. A string is a paragraph. */
  readonly notes: readonly string[];
  /** In place of the picture, for those who do not see it. */
  readonly description: string;
  /** Columns of a paper that it is wide: 84 mm or 174 mm. */
  readonly columns: 1 | 2;
  /** How many panels stand side by side. */
  readonly across: number;
  /** The picture, with panels so many points wide. */
  readonly spec: (panel: number) => Spec;
}

/** The runs that a figure was asked for of lack what it shows. The message says what that is, in one line. */
export class CannotShow extends Error {}
