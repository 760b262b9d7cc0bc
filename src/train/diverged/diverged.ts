/** Steps whose numbers are not finite: how they are recognised, and the error that ends training. */
import type { BatchResult } from '../programs/compile-training.ts';
import { globalNorm } from '../optimisation/optimizer.ts';

/** The name of the first loss that is NaN or infinite, or of the gradient; undefined where all are finite. */
export function notFinite(
  { losses, gradients }: Pick<BatchResult, 'losses' | 'gradients'>,
  gradientNorm: number = globalNorm(gradients),
): string | undefined {
  const broken = Object.entries(losses).find(([, value]) => !Number.isFinite(value))?.[0];
  if (broken !== undefined) return `the ${broken} loss`;
  return Number.isFinite(gradientNorm) ? undefined : 'the gradient';
}

/** The first eight ids, and how many more there are, in a line. */
export const someOf = (ids: readonly string[]): string =>
  ids.length > 8 ? `${ids.slice(0, 8).join(', ')} and ${ids.length - 8} more` : ids.join(', ');

export interface Divergence {
  readonly epoch: number;
  readonly step: number;
  /** Ids of the samples in the batch; none where a validation diverged. */
  readonly ids?: readonly string[];
}

/** Numbers that are not finite have ended a training. */
export class DivergedError extends Error {
  override readonly name = 'DivergedError';
}

export const diverged = (reason: string, { epoch, step, ids = [] }: Divergence): DivergedError =>
  new DivergedError(
    `Training diverged at step ${step} (epoch ${epoch}): ${reason}. ` +
      (ids.length > 0 ? `The samples of the batch: ${someOf(ids)}. ` : '') +
      'Lower train.learningRate, standardise the features, or set train.onNonfinite.',
  );
