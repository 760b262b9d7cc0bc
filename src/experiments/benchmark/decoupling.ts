/** The score D of the rows of a benchmark: as training measured it, or of the best model of a run where it did not. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { summarise } from '../../metrics/summary.ts';
import { models, type Model } from '../../models/index.ts';
import type { OpenOptions } from '../../runs/open-model.ts';
import { decouplingAfterTraining } from '../../runs/decoupling.ts';
import { runHasParts } from '../../runs/parts.ts';
import { severalRunDirectory } from '../../runs/record/several-runs.ts';
import { measuredRun } from '../measured-run.ts';
import type { BenchmarkData, Entry } from './entries.ts';

/** D over the runs of a row, each in 0..1. */
export interface RowDecoupling {
  readonly mean: number;
  /** Sample standard deviation; 0 for a single run. */
  readonly std: number;
  /** By run, of folds their mean; null where it could not be measured. */
  readonly runs: readonly (number | null)[];
}

/**
 * The row with D, where its model keeps parts. What cannot be measured is absent, and `tell` is given the reason, so that
 * the rest of the table is there.
 */
export async function withDecoupling<R extends { readonly runs: readonly { readonly directory: string }[] }>(
  row: R,
  { entry, data, tell }: { readonly entry: Entry; readonly data: BenchmarkData; readonly tell: (why: string) => void },
): Promise<R & { readonly decoupling?: RowDecoupling }> {
  if (entry.reference !== undefined) return row;
  const known: Readonly<Record<string, Model>> = models;
  if (!(entry.own?.model ?? known[entry.model])?.parts) return row;
  const [first] = row.runs;
  if (!first || !runHasParts(runsIn(first.directory, data)[0]!, entry.own?.model)) return row;
  const runs: (number | null)[] = [];
  for (const { directory } of row.runs) {
    try {
      runs.push(await meanScore(runsIn(directory, data), entry.own));
    } catch (error) {
      tell((error as Error).message);
      runs.push(null);
    }
  }
  const measured = runs.flatMap((score) => (score === null ? [] : [{ score }]));
  if (measured.length === 0) return row;
  const { mean, std } = summarise(measured);
  return { ...row, decoupling: { mean: mean['score']!, std: std['score']!, runs } };
}

/** The directories of one seed: of cross-validation one for each fold. */
const runsIn = (directory: string, { folds }: BenchmarkData): readonly string[] =>
  folds ? Array.from({ length: folds.count }, (_, i) => severalRunDirectory(directory, 'fold', i + 1)) : [directory];

async function meanScore(directories: readonly string[], own: OpenOptions | undefined): Promise<number | null> {
  let sum = 0;
  for (const directory of directories) {
    const found =
      measuredInTraining(directory) ?? (await measuredRun(directory, decouplingAfterTraining, { own })).report;
    if (found?.score === undefined) return null;
    sum += found.score;
  }
  return sum / directories.length;
}

const resultSchema = z.object({ decoupling: z.object({ score: z.number().optional() }).optional() });

/** Undefined for a run of a version that did not measure it. */
const measuredInTraining = (directory: string): z.output<typeof resultSchema>['decoupling'] =>
  resultSchema.parse(JSON.parse(readFileSync(path.join(directory, 'result.json'), 'utf8'))).decoupling;
