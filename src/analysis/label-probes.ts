/** How well the label of a sample is told by each part of its modalities. */
import type { Task } from '../data/task.ts';
import { classProbe, largestClass } from './class-probe.ts';
import { determination, meanOf } from './determination.ts';
import { linearProbe } from './linear-probe.ts';
import { beside, knownRows, partOf, rowsOf, type ModalityParts, type Part, type SplitPart } from './part.ts';

/** On the test split, means over modalities, and over several labels; undefined where it cannot be measured. */
export interface LabelProbes {
  /** R² of ridge regression for values, and for classes the share that logistic regression names rightly. */
  readonly metric: 'r2' | 'accuracy';
  readonly common: number | undefined;
  readonly unique: number | undefined;
  /** From the common and the unique features of a modality together. */
  readonly both: number | undefined;
  /** Of the training mean, or of the largest class. */
  readonly constant: number | undefined;
}

/** Penalties of ridge regression, relative to a feature's variance. */
const penalties = [1e-4, 1e-3, 1e-2, 1e-1, 1];

/** Reads labels `[N, L]` from every part; each label of several by itself, on the samples that have it. */
export function labelProbes(parts: readonly ModalityParts[], labels: readonly SplitPart[], task: Task): LabelProbes {
  const classes = task.kind === 'classification' ? task.classes.length : task.kind === 'multilabel' ? 2 : undefined;
  const score = (from: SplitPart, label: SplitPart): number | undefined => {
    if (classes !== undefined) return classProbe(from, label, classes);
    const probed = linearProbe(from, label, { penalties });
    return probed && determination(probed);
  };
  const read = (of: (part: ModalityParts) => SplitPart): number | undefined =>
    meanOf(parts.map(of).flatMap((from) => labels.map((label) => score(from, label))));
  return {
    metric: classes === undefined ? 'r2' : 'accuracy',
    common: read(({ common }) => common),
    unique: read(({ unique }) => unique),
    both: read(({ common, unique }) => beside(common, unique)),
    constant: meanOf(labels.map((label) => (classes === undefined ? ofMean(label) : largestClass(label, classes)))),
  };
}

/** R² of the training mean, which is no more than 0. */
function ofMean({ train, test }: SplitPart): number | undefined {
  const [fitted, rows] = [knownRows([train]), knownRows([test])];
  const mean = rowsOf(train, fitted).data.reduce((sum, y) => sum + y, 0) / fitted.length;
  const truth = rowsOf(test, rows);
  const predicted = { ...truth, data: truth.data.map(() => mean) };
  return fitted.length === 0 ? undefined : determination({ rows, predicted, truth, varying: [0] });
}

/** A part for each of L labels `[N, L]`, known where the sample has the label. */
export function labelParts(
  labels: { readonly train: Float32Array; readonly valid: Float32Array | undefined; readonly test: Float32Array },
  width: number,
): readonly SplitPart[] {
  const column = (values: Float32Array, l: number): Part => {
    const own = values.filter((_, i) => i % width === l);
    return partOf(own.length, own);
  };
  return Array.from({ length: width }, (_, l) => ({
    train: column(labels.train, l),
    ...(labels.valid && { valid: column(labels.valid, l) }),
    test: column(labels.test, l),
  }));
}
