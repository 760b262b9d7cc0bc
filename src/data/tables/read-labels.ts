/** What reading labels takes and gives, be it one of a sample or several. */
import type { Split, Task } from '../dataset.ts';
import type { Known } from './known.ts';

export interface LabelOptions {
  readonly task: Task['kind'] | undefined;
  /** The column. Default: `regression_labels` or `classification_labels`, as the task has it, or `labels`. */
  readonly key: string | undefined;
  /** Whether a split without labels is an error. */
  readonly required: boolean;
  /** Whether a description says which column is which, and not the names alone. */
  readonly described: boolean;
  /** Facts about the dataset that its tables do not tell. */
  readonly known: Known;
}

export interface Labels {
  readonly task: Task;
  /** The column of the labels, in the splits that have some. */
  readonly key: string;
  readonly bySplit: ReadonlyMap<Split, SplitLabels>;
  /** The facts that were given, or none where they are of a published dataset whose labels are not like these. */
  readonly known: Known;
  /** Why the facts were not used, in a line. */
  readonly note?: string;
}

export interface SplitLabels {
  /** `[N]`: values, or class indices; of several labels `[N, L]`. */
  readonly labels?: Float32Array;
  /** `[N]` by modality. */
  readonly ownLabels?: Readonly<Record<string, Float32Array>>;
  /** The columns that these were read from. */
  readonly keys: readonly string[];
}

/** Without labels nothing is known; the widest range in use does no harm. */
export function extent(values: Float32Array | undefined): readonly [number, number] {
  if (values === undefined) return [-3, 3];
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return low > high ? [-3, 3] : [low, high];
}
