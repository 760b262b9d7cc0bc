/** Computational sequences of the CMU-MultimodalSDK (`.csd`): per video, rows of features with the times they cover. */
import { isNumericData, isReal, isInFile, NdArray, toNumbers } from '../../formats/bytes/array.ts';
import { FormatError, quoted } from '../../files/error.ts';
import { openFile } from '../../formats/open.ts';
import type { Intervals } from './intervals.ts';

/** The rows of one video in a sequence. */
export interface Entry {
  readonly intervals: Intervals;
  /** `[n, D]` numbers, or `[n]` texts. */
  readonly features: ArrayLike<number> | readonly string[];
}

export interface Sequence {
  readonly file: string;
  readonly kind: 'numbers' | 'texts';
  /** D, features per row; 1 for texts. */
  readonly width: number;
  /** Names of videos, in the order of the file. */
  readonly videos: readonly string[];
  /** Reads the rows of a video. */
  readonly entry: (video: string) => Entry;
  readonly close: () => Promise<void>;
}

/** Opens a sequence; features are read video by video. Parts `video[0]`, `video[1]` of a video are one after the other. */
export async function openSequence(file: string): Promise<Sequence> {
  const { value, close } = await openFile(file);
  try {
    const parts = partsByVideo(value, file);
    const [first] = [...parts.values()].flat();
    if (first === undefined) throw new FormatError(file, 'is a computational sequence without videos.');
    const width = widthOf(first.features);
    if (width === 0) throw new FormatError(file, `video ${quoted(first.video)} has rows without features.`);
    return {
      file,
      kind: first.features.dtype === 'string' ? 'texts' : 'numbers',
      width,
      videos: [...parts.keys()],
      entry: (video) => joined((parts.get(video) ?? []).map((part) => entryOf(part, first, file))),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Several sequences, or none of them where one cannot be opened. */
export async function openSequences(files: readonly string[]): Promise<Sequence[]> {
  const opened = await Promise.allSettled(files.map(openSequence));
  const sequences = opened.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  const failed = opened.find((each) => each.status === 'rejected');
  if (!failed) return sequences;
  await Promise.all(sequences.map((sequence) => sequence.close()));
  throw failed.reason;
}

interface Part {
  readonly video: string;
  readonly intervals: NdArray;
  readonly features: NdArray;
}

/** The parts of each video: under a group of any name is a group `data`, with a group per part of a video. */
function partsByVideo(value: unknown, file: string): ReadonlyMap<string, readonly Part[]> {
  const root = value instanceof Map ? [value, ...(value as Map<unknown, unknown>).values()] : [];
  const data = root.map((group) => (group instanceof Map ? (group.get('data') as unknown) : undefined)).find(isMap);
  if (!data)
    throw new FormatError(
      file,
      'is no computational sequence: it holds no group "data" of videos with "intervals" and "features".',
    );
  const parts = new Map<string, Part[]>();
  for (const [key, part] of [...data].sort(([a], [b]) => partOf(a) - partOf(b))) {
    const [intervals, features] = isMap(part) ? [part.get('intervals'), part.get('features')] : [];
    if (!(intervals instanceof NdArray) || !(features instanceof NdArray))
      throw new FormatError(file, `video ${quoted(key)} has no arrays "intervals" and "features".`);
    const rows = features.shape[0];
    if (intervals.shape.length !== 2 || intervals.shape[1] !== 2 || intervals.shape[0] !== rows || !isReal(intervals))
      throw new FormatError(
        file,
        `video ${quoted(key)} has intervals [${intervals.shape.join(',')}] for features [${features.shape.join(',')}]; ` +
          'there must be a start and an end for each row.',
      );
    if (!isReal(features) && features.dtype !== 'string')
      throw new FormatError(file, `video ${quoted(key)} has features that are neither numbers nor texts.`);
    const video = key.replace(partMark, '');
    const before = parts.get(video) ?? [];
    parts.set(video, before);
    before.push({ video: key, intervals, features });
  }
  return parts;
}

const isMap = (value: unknown): value is ReadonlyMap<string, unknown> => value instanceof Map;

const partMark = /\[(\d+)\]$/;
const partOf = (key: string): number => Number(partMark.exec(key)?.[1] ?? 0);

const widthOf = ({ shape }: NdArray): number => shape.slice(1).reduce((product, axis) => product * axis, 1);

function entryOf(part: Part, first: Part, file: string): Entry {
  const { video, intervals, features } = part;
  const what = ({ features: rows }: Part): string =>
    `${widthOf(rows)} ${rows.dtype === 'string' ? 'texts' : 'numbers'}`;
  if (what(part) !== what(first))
    throw new FormatError(
      file,
      `video ${quoted(video)} has ${what(part)} a row, and ${quoted(first.video)} ${what(first)}.`,
    );
  const times = Float64Array.from(numbersOf(intervals, file));
  return features.dtype === 'string'
    ? { intervals: times, features: (features.data as readonly string[]).map((text) => text.trim()) }
    : { intervals: times, features: numbersOf(features, file) };
}

/** The numbers of an array, read anew each time: an array that keeps them would keep those of every video in memory. */
function numbersOf({ elements }: NdArray, file: string): ArrayLike<number> {
  const data = isInFile(elements) ? elements.readNow() : elements;
  if (!isNumericData(data)) throw new FormatError(file, 'has intervals or features that are no numbers.');
  return data instanceof BigInt64Array || data instanceof BigUint64Array ? toNumbers(data) : data;
}

function joined(parts: readonly Entry[]): Entry {
  const [first] = parts;
  if (first && parts.length === 1) return first;
  const together = <T>(of: (part: Entry) => ArrayLike<T>): T[] => parts.flatMap((part) => Array.from(of(part)));
  return {
    intervals: Float64Array.from(together(({ intervals }) => intervals)),
    features: together<number | string>(({ features }) => features) as number[] | string[],
  };
}
