/**
 * A probe: how well one representation gives another by a regression that is fitted on the training split and scored on the
 * test split. Features are standardised and targets centred by the training split.
 */
import type { Probed } from './determination.ts';
import type { Matrix } from './matrix.ts';
import { evenly, knownRows, rowsOf, type Part, type SplitPart } from './part.ts';
import { momentsOf, standardised } from './standardised.ts';

/**
 * Fits X `[N, D]` to targets Y `[N, C]` with each of some penalties. The result predicts for other rows `[L, D]`: for every
 * penalty `[L, C]`. Undefined where X allows no fit.
 */
export type Fit = (
  inputs: Matrix,
  targets: Matrix,
  penalties: readonly number[],
) => ((rows: Matrix) => readonly Matrix[]) | undefined;

export interface ProbeOptions {
  /** Of several, each target has the one that is best on validation, or the middle one where there is no validation split. */
  readonly penalties: readonly number[];
  /** Training samples at most, taken evenly. Default: all. */
  readonly most?: number;
}

/** The fewest samples that tell anything. */
const fewest = 2;

/**
 * Predictions of `to` from `from` for the test samples that have both. Undefined where fewer than two samples to train on or
 * to test on have both, no target varies in training, or nothing can be fitted.
 */
export function probe(
  from: SplitPart,
  to: SplitPart,
  fit: Fit,
  { penalties, most = Infinity }: ProbeOptions,
): Probed | undefined {
  const both = (part: Part | undefined, other: Part | undefined): Int32Array =>
    part && other ? knownRows([part, other]) : new Int32Array(0);
  const fitted = evenly(both(from.train, to.train), most);
  const rows = both(from.test, to.test);
  if (fitted.length < fewest || rows.length < fewest) return undefined;
  const [inputs, targets] = [rowsOf(from.train, fitted), rowsOf(to.train, fitted)];
  const [scale, label] = [momentsOf(inputs), momentsOf(targets)];
  const varying = [...label.deviation.keys()].filter((c) => label.deviation[c]! > 0);
  if (varying.length === 0) return undefined;
  const centred = { ...targets, data: targets.data.map((y, i) => y - label.mean[i % targets.columns]!) };
  const predict = fit(standardised(inputs, scale), centred, penalties);
  if (!predict) return undefined;
  const of = (part: Part, some: Int32Array): readonly Matrix[] => predict(standardised(rowsOf(part, some), scale));

  const chosen = evenly(both(from.valid, to.valid), most);
  const best =
    penalties.length > 1 && chosen.length >= fewest
      ? bestByTarget(of(from.valid!, chosen), rowsOf(to.valid!, chosen), label.mean)
      : new Int32Array(targets.columns).fill(Math.floor(penalties.length / 2));
  const tested = of(from.test, rows);
  const predicted = new Float64Array(rows.length * targets.columns).map((_, i) => {
    const c = i % targets.columns;
    return tested[best[c]!]!.data[i]! + label.mean[c]!;
  });

  return {
    rows,
    predicted: { rows: rows.length, columns: targets.columns, data: predicted },
    truth: rowsOf(to.test, rows),
    varying,
  };
}

/** `[C]`: which of the predictions of targets less their means has the smallest squared errors, target by target. */
function bestByTarget(candidates: readonly Matrix[], { columns, data }: Matrix, mean: Float64Array): Int32Array {
  const errors = candidates.map((predictions) => {
    const sums = new Float64Array(columns);
    for (const [i, y] of data.entries()) sums[i % columns]! += (predictions.data[i]! + mean[i % columns]! - y) ** 2;
    return sums;
  });
  return Int32Array.from({ length: columns }, (_, c) =>
    errors.reduce((best, each, k) => (each[c]! < errors[best]![c]! ? k : best), 0),
  );
}
