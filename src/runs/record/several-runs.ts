/** The folder that several runs share: each run lies in a folder of its own in it, `seed-N` or `fold-K`. */
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

/** What tells the runs in one folder apart: their seeds, or the folds of cross-validation on which they are tested. */
export type SeveralKind = 'seed' | 'fold';

/** The directory of one of several runs. `number` is the seed as it was given, or the fold counted from 1. */
export const severalRunDirectory = (directory: string, kind: SeveralKind, number: number): string =>
  path.join(directory, `${kind}-${number}`);

const runFolder = /^(?<kind>seed|fold)-(?<number>\d+)$/;

/** Whether a folder that holds these names has runs of several seeds or folds in it; undefined where it has neither. */
export function severalKind(names: readonly string[]): SeveralKind | undefined {
  const kinds = names.map((name) => runFolder.exec(name)?.groups!['kind']);
  return (['seed', 'fold'] as const).find((kind) => kinds.includes(kind));
}

export interface RunsFound {
  /** Absent where the directory itself is that of a single run. */
  readonly kind?: SeveralKind;
  /** The directories of the runs; of several seeds or folds in the order of their numbers. */
  readonly directories: readonly string[];
}

/**
 * The runs in a directory: those of several seeds or folds where there are some, or else the directory as a single run.
 */
export function runsIn(directory: string): RunsFound {
  const names = readdirSync(directory);
  const kind = severalKind(names);
  if (kind === undefined) return { directories: [directory] };
  const numbers = names
    .map((name) => runFolder.exec(name)?.groups)
    .flatMap((found) => (found?.['kind'] === kind ? [Number(found['number'])] : []))
    .sort((a, b) => a - b);
  return { kind, directories: numbers.map((number) => severalRunDirectory(directory, kind, number)) };
}

/** In a sentence that a directory is no run, and which folders in it are some; undefined where none is. */
export function runBelow(directory: string): string | undefined {
  // A benchmark keeps its runs by data, model, seed and fold; other folders may be of any depth, and hold no runs at all.
  const depth = existsSync(path.join(directory, 'benchmark.json')) ? 5 : 1;
  const inside = runsBelow(directory, depth);
  if (inside.length === 0) return undefined;
  const named = [inside.slice(0, -1).join(', '), inside.at(-1)].filter(Boolean).join(' or ');
  return `${directory} is no run itself; name one of those in it, as in ${named}.`;
}

/** The first run of each folder that has some, of three folders at most. */
function runsBelow(directory: string, depth: number): string[] {
  const folders = readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => path.join(directory, name))
    .sort();
  const run = folders.find((each) =>
    ['config.json', 'best.safetensors'].some((name) => existsSync(path.join(each, name))),
  );
  if (run !== undefined) return [run];
  const found: string[] = [];
  for (const each of depth > 1 ? folders : []) {
    found.push(...runsBelow(each, depth - 1));
    if (found.length >= 3) break;
  }
  return found.slice(0, 3);
}
