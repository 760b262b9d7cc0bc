/** The splits of a dataset made from sequences: which segment is in which. */
import { readFileSync } from 'node:fs';
import { type Split, splits as allSplits } from '../dataset.ts';
import { splitsByFractions } from '../fractions.ts';
import { splitOf } from '../../formats/split-names.ts';
import { FormatError, quoted } from '../../files/error.ts';
import type { Segment } from './segments.ts';

/** The split of each video, or of each `video[k]`. */
export type Splits = ReadonlyMap<string, Split>;

/** Shares of the samples, which add to 1, or the path of a file for `readSplits`. */
export type SplitsRequest = Readonly<Record<Split, number>> | string;

/** The splits that are asked for; by shares, always the same ones, and a video is in one of them as a whole. */
export function splitsFor(request: SplitsRequest, segments: readonly Segment[]): Splits {
  const [ids, videos] = [segments.map(({ id }) => id), segments.map(({ video }) => video)];
  if (typeof request === 'string') {
    const splits = readSplits(request);
    if ([...ids, ...videos].some((name) => splits.has(name))) return splits;
    throw new Error(`${request} names none of the ${new Set(videos).size} aligned videos.`);
  }
  try {
    const found = splitsByFractions({ ids, groups: videos }, request, { seed: 0 });
    return new Map(ids.map((id, n) => [id, found[n]!]));
  } catch (error) {
    throw new Error(`The aligned data ${(error as Error).message}`, { cause: error });
  }
}

/** The segments of each split that has some; and the videos that are in none. */
export function splitSegments(
  segments: readonly Segment[],
  splits: Splits,
): { readonly bySplit: ReadonlyMap<Split, readonly Segment[]>; readonly without: readonly string[] } {
  const bySplit = new Map<Split, Segment[]>(allSplits.map((split) => [split, []]));
  const without = new Set<string>();
  for (const segment of segments) {
    const split = splits.get(segment.id) ?? splits.get(segment.video);
    if (split) bySplit.get(split)!.push(segment);
    else without.add(segment.video);
  }
  return { bySplit: new Map([...bySplit].filter(([, own]) => own.length > 0)), without: [...without] };
}

/** From a JSON file: `{"train": ["video", ...], "valid": [...], "test": [...]}`, or `{"video": "train", ...}`. */
export function readSplits(file: string): Splits {
  const wrong = (problem: string, cause?: unknown): FormatError =>
    new FormatError(
      file,
      `${problem}; it should be {"train": ["video", ...], "valid": [...], "test": [...]} or {"video": "train", ...}.`,
      cause === undefined ? {} : { cause },
    );
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw wrong(`cannot be read as JSON (${(error as Error).message})`, error);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong('is no JSON object');
  const splits = new Map<string, Split>();
  const add = (name: unknown, split: Split): void => {
    if (typeof name !== 'string') throw wrong(`names ${JSON.stringify(name)} in "${split}", which is no video`);
    if ((splits.get(name) ?? split) !== split) throw wrong(`has ${quoted(name)} in two splits`);
    splits.set(name, split);
  };
  for (const [key, inner] of Object.entries(value) as [string, unknown][]) {
    const split = Array.isArray(inner) ? splitOf(key) : splitOf(inner);
    if (split === undefined)
      throw wrong(Array.isArray(inner) ? `has ${quoted(key)}, which is no split` : `has no split for ${quoted(key)}`);
    if (Array.isArray(inner)) for (const name of inner) add(name, split);
    else add(key, split);
  }
  return splits;
}
