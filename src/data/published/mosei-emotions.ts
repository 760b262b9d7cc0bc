/**
 * The six emotions of CMU-MOSEI, as files of it carry them: intensities of 0 to 3, of which an emotion is present in a
 * segment where its own is more than 0 (the page of the dataset in the CMU-MultimodalSDK). Of several annotators the mean
 * is kept, so that they are no whole numbers, and in a few segments are more than 3.
 */
import { NdArray, toNumbers } from '../../formats/bytes/array.ts';
import { FormatError, quoted } from '../../files/error.ts';
import { splits as allSplits } from '../dataset.ts';
import { type Columns, numeric, type NumericArray } from '../tables/table.ts';
import { labelsOfPairs } from './label-pairs.ts';
import { emotions } from './presets.ts';

/** Where they may be, beside six columns of their names: the first of these that has numbers of a shape below. */
const usualKeys = ['emotion_labels', 'emotions', 'emotion', 'All Labels', 'labels', 'regression_labels'] as const;

const shapes = `[N, ${emotions.length}], [N, ${emotions.length + 1}] with the sentiment first, or [N, ${emotions.length}, 2]`;

export interface EmotionOptions {
  /** The path of the file, which errors name. */
  readonly file: string;
  /** The array that they are in. Default: looked for. */
  readonly key?: string | undefined;
  /** Whether a split without them is an error. */
  readonly required: boolean;
  /** `presence`: 0 or 1; `intensity`: as they are. */
  readonly as: 'presence' | 'intensity';
}

/** Whether a pickle is the SDK's `get_tensors` of three folds of CMU-MOSEI: dicts with all of its labels. */
export const isFolds = (value: unknown): value is readonly unknown[] =>
  Array.isArray(value) &&
  value.length === allSplits.length &&
  value.every((fold) => fold instanceof Map && fold.has('All Labels'));

/**
 * The splits of a file of CMU-MOSEI, each with a column `labels` `[N, 6]` of its emotions in the place of the array that
 * they were in. Where that is a list of three dicts, as the SDK's `get_tensors` gives for its folds, these are train, valid
 * and test. Throws a `FormatError` where no split has emotions and they are required, and for an intensity below 0.
 */
export function withEmotions(splits: unknown, { file, key, required, as }: EmotionOptions): unknown {
  const named = isFolds(splits) ? new Map<unknown, unknown>(allSplits.map((name, k) => [name, splits[k]])) : splits;
  if (!(named instanceof Map)) return named;
  const read = [...(named as Map<unknown, unknown>)].map(([split, columns]) => {
    const found = columns instanceof Map ? intensitiesIn(columns as Columns, key) : undefined;
    return { split, columns, found };
  });
  if (required && read.every(({ found }) => found === undefined))
    throw new FormatError(
      file,
      `has no emotions of CMU-MOSEI: in no split is ${(key === undefined ? usualKeys : [key]).map(quoted).join(', ')} ` +
        `${shapes}, nor has one a column for each; add them, or read sentiment with --preset mosei.`,
    );
  return new Map(
    read.map(({ split, columns, found }) => [
      split,
      found ? withLabels(columns as Columns, found, { file, as, split: String(split) }) : columns,
    ]),
  );
}

function withLabels(
  columns: Columns,
  { keys, intensities }: Intensities,
  { file, as, split }: Pick<EmotionOptions, 'file' | 'as'> & { readonly split: string },
): Columns {
  const odd = intensities.findIndex((value) => value < 0 || value === Infinity);
  if (odd >= 0)
    throw new FormatError(
      file,
      `split ${quoted(split)}, row ${Math.floor(odd / emotions.length)}: the intensity of ${quoted(emotions[odd % emotions.length]!)} is ` +
        `${intensities[odd]!}; it is 0 or more, up to 3.`,
    );
  const labels =
    as === 'presence' ? intensities.map((value) => (Number.isNaN(value) ? value : Number(value > 0))) : intensities;
  const others = [...columns].filter(([name]) => !keys.includes(name));
  return new Map<string, unknown>([
    ...others,
    ['labels', new NdArray([labels.length / emotions.length, emotions.length], 'float32', labels)],
  ]);
}

interface Intensities {
  /** `[N, 6]`. */
  readonly intensities: Float32Array;
  /** The columns that they are of. */
  readonly keys: readonly string[];
}

function intensitiesIn(columns: Columns, asked: string | undefined): Intensities | undefined {
  for (const key of asked === undefined ? usualKeys : [asked]) {
    const found = intensitiesUnder(key, columns);
    if (found) return found;
  }
  return asked === undefined ? fromNamedColumns(columns) : undefined;
}

function intensitiesUnder(key: string, columns: Columns): Intensities | undefined {
  const array = numeric(columns.get(key));
  const intensities = array && sixOf(array);
  return intensities && { intensities, keys: [key] };
}

/** The six numbers of each row of an array of one of the shapes; undefined for any other. */
function sixOf(array: NumericArray): Float32Array | undefined {
  const { shape, data } = array;
  const [rows = 0] = shape;
  const count = emotions.length;
  const [width = 0, ...more] = shape.slice(1).filter((size) => size !== 1);
  if (rows === 0 || more.length > 0) return labelsOfPairs(array, count);
  const values = toNumbers(data);
  const of = (number: (row: number, l: number) => number): Float32Array =>
    Float32Array.from({ length: rows * count }, (_, i) => number(Math.floor(i / count), i % count));
  if (width === count) return of((row, l) => values[row * count + l]!);
  if (width === count + 1) return of((row, l) => values[row * width + 1 + l]!);
  return undefined;
}

/** A column `[N]` for each emotion, by its name, as tables of the SDK's labels have them. */
function fromNamedColumns(columns: Columns): Intensities | undefined {
  const found = emotions.map((name) => numeric(columns.get(name)));
  const [first] = found;
  const rows = first?.shape[0];
  if (!rows || !found.every((array) => array?.shape.length === 1 && array.shape[0] === rows)) return undefined;
  const values = found.map((array) => toNumbers(array!.data));
  const { length } = emotions;
  return {
    intensities: Float32Array.from({ length: rows * length }, (_, i) => values[i % length]![Math.floor(i / length)]!),
    keys: emotions,
  };
}
