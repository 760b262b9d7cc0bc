/**
 * A linear probe: how well a linear map of one representation gives another, by ridge regression that is fitted on the
 * training split and scored on the test split,
 *
 *   min_W ‖Y − ȳ − X W‖² + penalty · N ‖W‖²     X standardised by the training split
 */
import { timesTransposed, transposed } from './matrix.ts';
import { momentsOf, standardised } from './standardised.ts';
import { knownRows, rowsOf, type SplitPart } from './part.ts';
import { ridgePath } from './ridge.ts';
import type { Probed } from './determination.ts';

/** The fewest samples that tell anything. */
const fewest = 2;

/**
 * Predictions of `to` from `from` for the test samples that have both; `penalty` is relative to a feature's variance.
 * Undefined where fewer than two samples to train on or to test on have both, or no target varies in training.
 */
export function linearProbe(
  from: Pick<SplitPart, 'train' | 'test'>,
  to: Pick<SplitPart, 'train' | 'test'>,
  { penalty }: { readonly penalty: number },
): Probed | undefined {
  const fitted = knownRows([from.train, to.train]);
  const rows = knownRows([from.test, to.test]);
  if (fitted.length < fewest || rows.length < fewest) return undefined;
  const [inputs, targets] = [rowsOf(from.train, fitted), rowsOf(to.train, fitted)];
  const [scale, label] = [momentsOf(inputs), momentsOf(targets)];
  const varying = [...label.deviation.keys()].filter((c) => label.deviation[c]! > 0);
  if (varying.length === 0) return undefined;
  const centred = { ...targets, data: targets.data.map((y, i) => y - label.mean[i % targets.columns]!) };
  const weights = ridgePath(standardised(inputs, scale), transposed(centred)).weights(penalty * fitted.length);
  const predicted = timesTransposed(standardised(rowsOf(from.test, rows), scale), weights);
  for (let i = 0; i < predicted.data.length; i++) predicted.data[i]! += label.mean[i % predicted.columns]!;
  return { rows, predicted, truth: rowsOf(to.test, rows), varying };
}
