/** What the truth of several labels or targets leaves undefined, for a person to know. */
import type { MetricKind } from './metric.ts';
import { column, sampleCountOf } from './several.ts';

/**
 * Why scores of some labels are in no mean of `evaluate`, a line for each such label: it is true of no sample, or of all, or
 * a target is constant, or no sample has a value. `truth` is `[N, names]`. None for kinds of one label.
 */
export function leftOutOfMeans(kind: MetricKind, truth: ArrayLike<number>, names: readonly string[]): string[] {
  const reason = reasons[kind];
  if (reason === undefined) return [];
  sampleCountOf(truth, truth, names.length);
  return names.flatMap((name, l) => {
    const values = column(truth, l, names.length).filter((value) => !Number.isNaN(value));
    const found = values.length === 0 ? 'is absent in every sample: it is left out of all means' : reason(values);
    return found === undefined ? [] : [`"${name}" ${found}.`];
  });
}

type Reason = (values: Float64Array) => string | undefined;

const ofLabel: Reason = (values) => {
  const [never, always] = [values.every((value) => value === 0), values.every((value) => value === 1)];
  if (never)
    return 'is true of no sample: its F1, average precision, weighted accuracy and AUC are left out of the means';
  return always ? 'is true of every sample: its weighted accuracy and AUC are left out of the means' : undefined;
};

const ofTarget: Reason = (values) =>
  values.every((value) => value === values[0])
    ? `is ${values[0]!} in every sample: its correlation and R² are left out of the means`
    : undefined;

const reasons: Readonly<Partial<Record<MetricKind, Reason>>> = {
  multilabel: ofLabel,
  'mosei-emotions': ofLabel,
  multitarget: ofTarget,
};
