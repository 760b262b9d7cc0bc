import type { Projection } from './plane.ts';

/** What some figures may be asked for. */
export interface FigureOptions {
  /** Two modalities, for figures that show two. Default: vision and text where there are these, else the first two. */
  readonly modalities?: readonly string[] | undefined;
  /** The id of the test sample that figures of one sample show. Default: the first that has all modalities. */
  readonly id?: string | undefined;
  /** How `gap` lays features on a plane. Default: principal components. */
  readonly projection?: Projection | undefined;
}
