/**
 * A probe that bends: kernel ridge regression (`probe.ts`) with the Gaussian kernel (`kernel.ts`),
 *
 *   min_f Σ_n (y_n − ȳ − f(x_n))² + penalty ‖f‖²     f = Σ_n α_n k(x_n, ·),  α = (K + penalty·I)⁻¹ (y − ȳ)
 *
 * It may find in a part what a linear probe does not.
 */
import type { Probed } from './determination.ts';
import { gaussian, medianVariance, squaredDistances } from './kernel.ts';
import { timesTransposed, transposed } from './matrix.ts';
import type { SplitPart } from './part.ts';
import { solve } from './positive-definite.ts';
import { probe, type Fit, type ProbeOptions } from './probe.ts';

/**
 * By default one of these penalties, chosen on validation, and 1000 training samples at most, since time grows with their
 * third power and memory with their square.
 */
const usual: ProbeOptions = { penalties: [0.01, 0.3, 10], most: 1000 };

/** Undefined where `probe` is, and where half of the training samples are alike or more, which leaves no distance to go by. */
export const kernelProbe = (from: SplitPart, to: SplitPart, options = usual): Probed | undefined =>
  probe(from, to, kernelRidge, options);

const kernelRidge: Fit = (inputs, targets, penalties) => {
  const distances = squaredDistances(inputs, inputs);
  const variance = medianVariance(distances);
  if (variance === undefined) return undefined;
  const kernel = gaussian(distances, variance);
  const solutions = penalties.map((penalty) => solve(kernel, penalty, transposed(targets)));
  return (rows) => {
    const between = gaussian(squaredDistances(rows, inputs), variance);
    return solutions.map((solution) => timesTransposed(between, solution));
  };
};
