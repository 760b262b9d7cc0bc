/** Points on a plane, by one of three projections. */
import type { Matrix } from '../analysis/matrix.ts';
import { principalPlane } from '../analysis/principal-components.ts';
import { tsne } from '../analysis/tsne.ts';
import { random } from '../data/random.ts';
import { checkInstalled } from '../files/packages.ts';

export const projections = ['pca', 'tsne', 'umap'] as const;
export type Projection = (typeof projections)[number];

export interface Plane {
  /** `[N, 2]`, row-major. */
  readonly points: Float64Array;
  /** Which share of the variance each axis has, of principal components. */
  readonly shares?: readonly [number, number];
}

/**
 * Projects points `[N, D]`. The same points give the same plane: random numbers of UMAP come from a stream of their own. Throws
 * an Error where UMAP is asked for and its package is not installed.
 */
export async function planeOf(points: Matrix, projection: Projection): Promise<Plane> {
  switch (projection) {
    case 'pca':
      return principalPlane(points);
    case 'tsne':
      return { points: tsne(points) };
    case 'umap':
      return { points: await umap(points) };
  }
}

async function umap({ rows, columns, data }: Matrix): Promise<Float64Array> {
  checkInstalled(['umap-js'], 'The projection umap is made');
  const { UMAP } = await import('umap-js');
  const draws = random(0, 'umap');
  const model = new UMAP({ nNeighbors: Math.min(15, rows - 1), random: () => draws.uniform() });
  const vectors = Array.from({ length: rows }, (_, n) => [...data.subarray(n * columns, (n + 1) * columns)]);
  return Float64Array.from(model.fit(vectors).flat());
}
