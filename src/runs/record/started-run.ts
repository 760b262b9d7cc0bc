/** A run that was begun before, by the same call as now or another. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { RunConfig } from '../../config/index.ts';
import { treeDifferences } from '../../json/tree.ts';
import { codeDifference, type OwnModel } from '../own-model/code.ts';
import { namesIn } from './out-directory.ts';
import { readRecord, type RunRecord } from './run-record.ts';
import { severalKind } from './several-runs.ts';
import { isResult } from './status.ts';

/** All that must be the same for a run to be resumed. */
export interface RunIdentity {
  readonly config: RunConfig;
  readonly seed: number;
  /** The hash of all samples as they were read (`hashOf`). */
  readonly hash: string;
  /** The model of one's own; absent for a model of the table. */
  readonly own?: OwnModel | undefined;
}

/** A run that is to be resumed. */
export interface StartedRun {
  readonly record: RunRecord;
  /** The content of `result.json`; undefined where the run is unfinished. */
  readonly result: unknown;
}

/**
 * Reads a run that is to be resumed. Throws where it is another run than the one asked for; with `extend`, the number of
 * epochs may differ.
 */
export function readStarted(
  directory: string,
  { config, seed, hash, own }: RunIdentity,
  { extend = false }: { readonly extend?: boolean } = {},
): StartedRun {
  const file = path.join(directory, 'config.json');
  const several = existsSync(directory) ? severalKind(namesIn(directory)) : undefined;
  if (several !== undefined)
    throw new Error(`${directory} holds the runs of several ${several}s; resume them with --${several}s.`);
  if (!existsSync(file))
    throw new Error(
      `${directory} holds no run (no config.json), so there is nothing to resume; start it without --resume.`,
    );
  const before = readRecord(file, own?.model);
  // Samples are compared themselves below, so how fractions were met and padding read is no difference of its own.
  const { fractions, padding } = before.config.data;
  const { epochs } = extend ? before.config.train : config.train;
  const now = { ...config, data: { ...config.data, fractions, padding }, train: { ...config.train, epochs } };
  const [was, is] = [before.config, now].map((each) => JSON.parse(JSON.stringify(each)) as unknown);
  const different = treeDifferences(was, is).next().value ?? treeDifferences(before.seed, seed, 'seed').next().value;
  const shown = (value: unknown): string => (value === undefined ? 'absent' : JSON.stringify(value));
  if (different)
    throw new Error(
      `${file}: cannot resume with another configuration: "${different.key}" was ${shown(different.before)} and is now ${shown(different.after)}` +
        (different.key === 'train.epochs'
          ? `; --epochs ${shown(different.before)} goes on with it, and another number extends it.`
          : '.'),
    );
  const otherwise = codeDifference(before.code, own?.code);
  if (otherwise !== undefined)
    throw new Error(
      `${file}: cannot resume with other code: ${otherwise}. Put it back as it was, or start the run anew in another directory.`,
    );
  if (before.data.hash !== hash)
    throw new Error(
      `${file}: cannot resume on other data: these are not the samples that the run was started with` +
        (config.data.fractions === fractions && config.data.padding === padding
          ? '.'
          : `; it divided fractions of a dataset.yaml or read padding otherwise: --set data.fractions=${fractions} --set data.padding=${padding}.`),
    );
  const resultFile = path.join(directory, 'result.json');
  if (!existsSync(resultFile)) return { record: before, result: undefined };
  const result = readJson(resultFile);
  if (isResult(result)) return { record: before, result };
  throw new Error(
    `${resultFile} has no figures of a finished run: it is damaged. Delete it, and --resume makes it again from the checkpoint.`,
  );
}

export function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as unknown;
  } catch (error) {
    throw new Error(`${file} cannot be read (${(error as Error).message}); start the run anew in another directory.`, {
      cause: error,
    });
  }
}
