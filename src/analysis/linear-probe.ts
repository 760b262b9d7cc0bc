/**
 * A linear probe: how well a linear map of one representation gives another, by ridge regression (`probe.ts`),
 *
 *   min_W ‖Y − ȳ − X W‖² + penalty · N ‖W‖²     X standardised by the training split
 */
import type { Probed } from './determination.ts';
import { timesTransposed, transposed } from './matrix.ts';
import type { SplitPart } from './part.ts';
import { probe, type Fit, type ProbeOptions } from './probe.ts';
import { ridgePath } from './ridge.ts';

/** Penalties are relative to a feature's variance. Undefined where `probe` is. */
export const linearProbe = (from: SplitPart, to: SplitPart, options: ProbeOptions): Probed | undefined =>
  probe(from, to, ridge, options);

const ridge: Fit = (inputs, targets, penalties) => {
  const path = ridgePath(inputs, transposed(targets));
  const weights = penalties.map((penalty) => path.weights(penalty * inputs.rows));
  return (rows) => weights.map((each) => timesTransposed(rows, each));
};
