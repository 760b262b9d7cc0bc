import type { DatasetReport } from '../../data/report/report.ts';
import type { Memory } from '../../runs/memory.ts';
import type { Strength } from '../../experiments/probes.ts';

/** The report of a dataset, with warnings about it and the strength of its modalities. */
export interface InspectedDataset extends DatasetReport {
  /** The name of the file's format, as in "NumPy archive". */
  readonly format: string;
  /** A line for each fault of the dataset, with what to do about it. */
  readonly warnings: readonly string[];
  /** How well each modality alone predicts the labels; absent where train or valid has no labels. */
  readonly strength?: Strength;
  /**
   * Memory that training the default model with the default batch takes at its peak, in MB of 2^20 bytes; absent where it
   * cannot be trained.
   */
  readonly memory_mb?: Memory;
}
