import type { DatasetReport } from '../../data/report/report.ts';
import type { Strength } from '../../experiments/probes.ts';

/** The report of a dataset, with warnings about it and the strength of its modalities. */
export interface InspectedDataset extends DatasetReport {
  /** The name of the file's format, as in "NumPy archive". */
  readonly format: string;
  /** A line for each fault of the dataset, with what to do about it. */
  readonly warnings: readonly string[];
  /** How well each modality alone predicts the labels; absent where train or valid has no labels. */
  readonly strength?: Strength;
}
