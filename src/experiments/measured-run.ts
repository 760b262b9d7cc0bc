/** The decoupling of a run, measured on the data that it was trained on or on other data. */
import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { isMade } from '../data/datasets/made.ts';
import type { Dataset, Split } from '../data/dataset.ts';
import { foldOf } from '../data/folds.ts';
import { loadForModel } from '../runs/load-for-model.ts';
import { openModel, type OpenModel, type OpenOptions } from '../runs/open-model.ts';
import { checkHasParts, type MeasuredSplits } from '../runs/parts.ts';
import { readRecord, type RunRecord } from '../runs/record/run-record.ts';
import { foldsFor } from './folds.ts';

interface Measured<Report> {
  /** The data: a path or the name of a made dataset. */
  readonly source: string;
  readonly report: Report;
}

interface MeasuredOptions {
  /** Default: what the run was trained on, in the folds that it was trained on. */
  readonly source?: string | undefined;
  readonly split?: Split;
  readonly own?: OpenOptions | undefined;
}

/**
 * Measures a run by `measure`: all figures, or the score alone. Throws an Error for a model without parts, for data that is not where it was, and for data without the
 * training split or the one that is scored.
 */
export async function measuredRun<Report>(
  run: string,
  measure: (model: OpenModel, dataset: Dataset, options: MeasuredSplits) => Promise<Report>,
  { source, split = 'test', own }: MeasuredOptions = {},
): Promise<Measured<Report>> {
  const model = openModel(run, own);
  checkHasParts(model);
  const record = source === undefined ? recordOf(run, own) : undefined;
  const place = source ?? record!.data.source;
  const whole = await loadForModel(model, place, { split, splits: 'present', requireLabels: false });
  try {
    const fold = record?.fold;
    const dataset = fold ? foldOf(whole, foldsFor(whole, fold.request, record.config.data.group), fold.index) : whole;
    return { source: place, report: await measure(model, dataset, { split }) };
  } finally {
    await whole.close?.();
  }
}

function recordOf(run: string, own: OpenOptions | undefined): RunRecord {
  if (!statSync(run).isDirectory())
    throw new Error(`${run} does not say on what it was trained; name data with the splits train and test after it.`);
  const record = readableRecord(run, own);
  const { source } = record.data;
  if (!isMade(source) && !existsSync(source))
    throw new Error(`${source}, the data of ${run}, is not here; name it, as in decalign decoupling ${run} DATA.`);
  return record;
}

/** Data that is named needs no record: that is what helps where one is damaged. */
function readableRecord(run: string, own: OpenOptions | undefined): RunRecord {
  try {
    return readRecord(path.join(run, 'config.json'), own?.model);
  } catch (error) {
    const [what] = (error as Error).message.split(';');
    throw new Error(`${what!.replace(/\.$/, '')}; name the data, as in decalign decoupling ${run} DATA.`, {
      cause: error,
    });
  }
}
