import { existsSync } from 'node:fs';
import path from 'node:path';
import { valuesBefore, type RunConfig } from '../config/index.ts';
import { prepare, type Prepared } from './prepare.ts';
import { readRecord } from './run-record.ts';

type Data = RunConfig['data'];

/**
 * What is prepared, as the run in a directory was begun: a run that is older than the keys of labels is gone on with by what
 * was done before them (`valuesBefore`), though the call that began it resolves to other defaults by now.
 */
export function asBegun(prepared: Prepared, directory: string): Prepared {
  const file = path.join(directory, 'config.json');
  if (!existsSync(file)) return prepared;
  const { config, dataset, own } = prepared;
  const begun = readRecord(file, own?.model).config.data;
  const kept = <K extends 'labelScale' | 'labelClasses'>(key: K): Data[K] =>
    config.data[key] === 'auto' && begun[key] === valuesBefore.data[key] ? begun[key] : config.data[key];
  const [labelScale, labelClasses] = [kept('labelScale'), kept('labelClasses')];
  if (labelScale === config.data.labelScale && labelClasses === config.data.labelClasses) return prepared;
  return prepare({ ...config, data: { ...config.data, labelScale, labelClasses } }, dataset, prepared);
}
