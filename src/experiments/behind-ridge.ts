/** Whether runs beat ridge regression on the split that their epochs are chosen by. */
import type { Metrics, Selection } from '../train/index.ts';

/** A metric of the validation split. */
export interface BehindRidge {
  /** The mean over the runs. */
  readonly own: number;
  readonly ridge: number;
}

/** The figures of runs and ridge regression where the runs do not beat it, on average; undefined where they do, or one has none. */
export function behindRidge(
  { metric, better }: Selection,
  runs: readonly { readonly valid: Metrics }[],
  linear: Metrics | undefined,
): BehindRidge | undefined {
  const [own, ridge] = [runs.reduce((sum, { valid }) => sum + valid[metric]!, 0) / runs.length, linear?.[metric]];
  if (ridge === undefined || (better === 'lower' ? own < ridge : own > ridge)) return undefined;
  return { own, ridge };
}
