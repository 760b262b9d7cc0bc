import type { DatasetReport } from '../data/report/report.ts';
import type { Strength } from '../experiments/probes.ts';

/** The report of a dataset, with warnings about it; `format` is that of its file. */
export interface InspectedDataset extends DatasetReport {
  readonly format: string;
  /** Faults of the dataset, each with what to do about it. */
  readonly warnings: readonly string[];
  /** Absent without labels to train and to validate on. */
  readonly strength?: Strength;
}
