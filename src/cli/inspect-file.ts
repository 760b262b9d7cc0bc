import { findings } from '../data/report/findings.ts';
import { type DataFile, type DataFileOptions, openDataFile } from '../data/report/data-file.ts';
import { type DatasetReport, reportOf } from '../data/report/report.ts';
import { probeModalities, type Strength } from '../experiments/probes.ts';

/** A dataset, in whatever file. */
export interface InspectedDataset extends DatasetReport {
  readonly format: string;
  /** What is not sound, with what to do. */
  readonly warnings: readonly string[];
  /** Absent without labels to train and to validate on. */
  readonly strength?: Strength;
}

/** What a data file holds: as a dataset where it has splits, else by name. */
export async function inspectFile(file: string, options: DataFileOptions = {}): Promise<InspectedDataset | DataFile> {
  const found = await openDataFile(file, options);
  if (!('dataset' in found)) return found;
  const { format, dataset } = found;
  try {
    const report = reportOf(dataset);
    const strength = probeModalities(dataset);
    return { format, warnings: findings(report), ...report, ...(strength && { strength }) };
  } finally {
    await dataset.close?.();
  }
}
