/** Several labels of a split, each by itself: how many samples have which, and what is wrong with them. */
import { labelColumn, type SeveralLabels } from '../task.ts';

/** One of several labels: of 0 and 1 the mean is the share of samples that have it. */
export interface LabelReport {
  readonly label: string;
  /** Samples in which it is not absent; the rest is of these alone, and 0 where there are none. */
  readonly known: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly std: number;
}

/** Each of the labels `[N, L]`. */
export const labelReports = (labels: Float32Array, { names }: SeveralLabels): LabelReport[] =>
  names.map((label, l) => {
    const values = labelColumn(labels, names.length, l).filter((value) => !Number.isNaN(value));
    const known = values.length;
    if (known === 0) return { label, known, min: 0, max: 0, mean: 0, std: 0 };
    const mean = values.reduce((sum, value) => sum + value, 0) / known;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / known;
    const [min, max] = [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
    return { label, known, min, max, mean, std: Math.sqrt(variance) };
  });

/** A line for each label that is absent from all samples of a split, or the same in all of them. */
export const labelFaults = (split: string, reports: readonly LabelReport[], kind: SeveralLabels['kind']): string[] =>
  reports.flatMap(({ label, known, min, max }) => {
    const lost = split === 'train' ? 'nothing is learnt of it; leave it out' : 'scores of it mean nothing there';
    if (known === 0) return [`${split} has no sample with a value of "${label}": ${lost}.`];
    if (min !== max) return [];
    if (kind === 'multitarget') return [`"${label}" is ${min} in every sample of ${split}: ${lost}.`];
    return [`"${label}" is ${min === 0 ? 'never 1' : 'always 1'} in ${split}: ${lost}, or split by the labels.`];
  });
