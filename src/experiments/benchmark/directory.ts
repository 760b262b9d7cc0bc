/** The folder of a benchmark, which the file `benchmark.json` marks as one. */
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { namesIn } from '../../runs/run-directory.ts';
import { isTemporary, writeFileAtomic } from '../../files/atomic.ts';
import type { Entry } from './entries.ts';

const planFile = 'benchmark.json';

/** Refuses a folder that is not vacant for a new benchmark, or that does not hold the one to go on with. */
export function checkBenchmarkDirectory(directory: string, { resume }: { readonly resume: boolean }): void {
  if (existsSync(path.join(directory, planFile))) {
    if (resume) return;
    throw new Error(
      `${directory} holds a benchmark, which is never overwritten: go on with it by --resume, or give --out another directory.`,
    );
  }
  if (resume)
    throw new Error(`${directory} holds no benchmark, so there is nothing to resume; start it without --resume.`);
  if (!existsSync(directory)) return;
  const held = namesIn(directory).find((name) => !isTemporary(name));
  if (held !== undefined) throw new Error(`${directory} is not empty (${held}): give --out a new directory.`);
}

/** Writes down what is asked for, which marks the folder as that of a benchmark. */
export function writePlan(directory: string, plan: { readonly entries: readonly Entry[] }): void {
  mkdirSync(directory, { recursive: true });
  const recorded = { ...plan, entries: plan.entries.map(withoutModel) };
  writeFileAtomic(path.join(directory, planFile), `${JSON.stringify(recorded, null, 2)}\n`);
}

/** An entry as a file can hold it: of a model of one's own, its file and code. */
const withoutModel = (entry: Entry): unknown =>
  entry.reference === undefined && entry.own
    ? { ...entry, own: { file: entry.own.file, code: entry.own.code } }
    : entry;
