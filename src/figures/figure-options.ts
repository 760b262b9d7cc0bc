import type { Projection } from './plane.ts';

/** What some figures may be asked for. */
export interface FigureOptions {
  /** Two modalities, for figures that show two. Default: vision and text where there are these, else the first two. */
  readonly modalities?: readonly string[] | undefined;
  /** How `gap` lays features on a plane. Default: principal components. */
  readonly projection?: Projection | undefined;
}
