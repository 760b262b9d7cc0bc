/**
 * Warnings about the data of a run that can be trained all the same. They are told once, as training starts, and
 * recorded.
 */
import type { Samples } from '../data/dataset.ts';
import { classesLacking } from '../data/report/findings.ts';
import type { Standardisation } from '../data/standardise.ts';
import type { TrainedOn } from './trained-model.ts';

export interface Anomalous {
  readonly data: TrainedOn;
  readonly standardisation: Standardisation;
  readonly splits: { readonly train: Samples; readonly valid: Samples; readonly test?: Samples };
}

/** The warnings, of one line each: about modalities that never vary, splits whose labels are all alike, and lacking classes. */
export function anomaliesOf({ data, standardisation, splits }: Anomalous): string[] {
  const constant = Object.entries(standardisation).flatMap(([name, { scale }]) =>
    scale.every((each) => each === 0)
      ? [
          `The modality "${name}" never varies in the training split, so it says nothing: leave it out, or look at its source.`,
        ]
      : [],
  );
  const alike = (['train', 'valid'] as const).flatMap((split) => {
    const labels = splits[split].labels ?? new Float32Array(0);
    const [first] = labels;
    if (first === undefined || labels.some((label) => label !== first)) return [];
    const label = data.task.kind === 'classification' ? (data.task.classes[first] ?? String(first)) : String(first);
    const what = split === 'train' ? 'there is nothing to learn' : 'no epoch is told from another by some metrics';
    return [`All labels of the split "${split}" are ${label}: ${what}.`];
  });
  const lacking = Object.entries(splits).flatMap(([split, { labels }]) => {
    const { task } = data;
    if (task.kind !== 'classification' || !labels) return [];
    const found = new Set(Array.from(labels, (label) => task.classes[label] ?? ''));
    // Labels that are all alike are told above.
    if (found.size === 1 && split !== 'test') return [];
    return classesLacking(split, task.classes, [...found]);
  });
  return [...constant, ...alike, ...lacking];
}
