/**
 * A probe of classes: how often logistic regression (`logistic.ts`) on a representation, standardised by the training split,
 * names the class of a test sample. Its penalty is the best on the validation split.
 */
import { likeliest, logistic } from './logistic.ts';
import type { Matrix } from './matrix.ts';
import { evenly, knownRows, rowsOf, type Part, type SplitPart } from './part.ts';
import { momentsOf, standardised } from './standardised.ts';

/** From strong to weak: each search starts where the last one ended. Without a validation split the middle one is taken. */
const penalties = [0.1, 0.01, 0.001] as const;
/** Training samples at most, taken evenly. */
const most = 2000;

/**
 * The share of the test samples that have both whose class in `labels` `[N, 1]`, 0 to `classes` - 1, is named rightly.
 * Undefined where no sample to train on or to test on has both.
 */
export function classProbe(from: SplitPart, labels: SplitPart, classes: number): number | undefined {
  const both = (part: Part | undefined, label: Part | undefined): Int32Array =>
    part && label ? knownRows([part, label]) : new Int32Array(0);
  const fitted = evenly(both(from.train, labels.train), most);
  const [chosen, rows] = [both(from.valid, labels.valid), both(from.test, labels.test)];
  if (fitted.length === 0 || rows.length === 0) return undefined;
  const inputs = rowsOf(from.train, fitted);
  const scale = momentsOf(inputs);
  const known = standardised(inputs, scale);
  const truth = rowsOf(labels.train, fitted).data;
  const models: Matrix[] = [];
  for (const penalty of penalties) {
    const start = models.at(-1);
    models.push(logistic(known, truth, classes, { penalty, ...(start && { start }) }));
  }
  const score = (model: Matrix, part: Part, label: Part, of: Int32Array): number => {
    const named = likeliest(standardised(rowsOf(part, of), scale), model);
    return shareEqual(named, rowsOf(label, of).data);
  };
  const scores = chosen.length > 0 && models.map((model) => score(model, from.valid!, labels.valid!, chosen));
  const best = scores ? models[scores.indexOf(Math.max(...scores))]! : models[1]!;
  return score(best, from.test, labels.test, rows);
}

/** The share of the test samples that are of the class that is the largest in training. */
export function largestClass(labels: SplitPart, classes: number): number | undefined {
  const [fitted, rows] = [knownRows([labels.train]), knownRows([labels.test])];
  if (fitted.length === 0 || rows.length === 0) return undefined;
  const counts = new Int32Array(classes);
  for (const n of fitted) counts[labels.train.data[n]!]! += 1;
  const largest = counts.indexOf(Math.max(...counts));
  return rows.filter((n) => labels.test.data[n] === largest).length / rows.length;
}

const shareEqual = (named: Int32Array, truth: Float64Array): number =>
  named.reduce((sum, c, n) => sum + Number(c === truth[n]), 0) / named.length;
