/**
 * The six emotions of CMU-MOSEI, as files of it carry them: intensities of 0 to 3, of which an emotion is present in a
 * segment where its own is more than 0 (the page of the dataset in the CMU-MultimodalSDK). Of several annotators the mean
 * is kept, so that they are no whole numbers, and in a few segments are more than 3.
 */
import { NdArray, toNumbers } from '../../formats/bytes/array.ts';
import { FormatError, quoted } from '../../files/error.ts';
import { splits as allSplits } from '../dataset.ts';
import { type Columns, numeric, type NumericArray } from '../tables/table.ts';

/** In the order of the SDK's `CMU_MOSEI_Labels.csd`, where the sentiment stands before them. */
export const emotions = ['happy', 'sad', 'anger', 'surprise', 'disgust', 'fear'] as const;

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

/**
 * The splits of a file of CMU-MOSEI, each with a column `labels` `[N, 6]` of its emotions in the place of the array that
 * they were in. Where that is a list of three dicts, as the SDK's `get_tensors` gives for its folds, these are train, valid
 * and test. Throws a `FormatError` for a split without emotions, where they are required, and for an intensity below 0.
 */
export function withEmotions(splits: unknown, options: EmotionOptions): unknown {
  const named =
    Array.isArray(splits) && splits.length === 3
      ? new Map(allSplits.map((name, k) => [name, splits[k] as unknown]))
      : splits;
  if (!(named instanceof Map)) return named;
  return new Map(
    [...(named as Map<unknown, unknown>)].map(([split, columns]) => [
      split,
      columns instanceof Map ? emotionColumns(columns as Columns, String(split), options) : columns,
    ]),
  );
}

function emotionColumns(columns: Columns, split: string, { file, key, required, as }: EmotionOptions): Columns {
  const found = key === undefined ? intensitiesIn(columns) : intensitiesUnder(key, columns);
  if (!found) {
    if (!required) return columns;
    throw new FormatError(
      file,
      `split ${quoted(split)} has no emotions of CMU-MOSEI: there is no ${key === undefined ? usualKeys.map(quoted).join(', ') : quoted(key)} ` +
        `${shapes}, nor a column for each; put them there, or read sentiment with --preset mosei.`,
    );
  }
  const { keys, intensities } = found;
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

const intensitiesIn = (columns: Columns): Intensities | undefined => {
  for (const key of usualKeys) {
    const found = intensitiesUnder(key, columns);
    if (found) return found;
  }
  return fromNamedColumns(columns);
};

function intensitiesUnder(key: string, columns: Columns): Intensities | undefined {
  const array = numeric(columns.get(key));
  const intensities = array && sixOf(array);
  return intensities && { intensities, keys: [key] };
}

/** The six numbers of each row of an array of one of the shapes; undefined for any other. */
function sixOf({ shape, data }: NumericArray): Float32Array | undefined {
  const [rows = 0] = shape;
  const count = emotions.length;
  const [width = 0, pair = 1, ...more] = shape.slice(1).filter((size) => size !== 1);
  if (rows === 0 || more.length > 0) return undefined;
  const values = toNumbers(data);
  const of = (number: (row: number, l: number) => number): Float32Array =>
    Float32Array.from({ length: rows * count }, (_, i) => number(Math.floor(i / count), i % count));
  if (width === count && pair === 1) return of((row, l) => values[row * count + l]!);
  if (width === count + 1 && pair === 1) return of((row, l) => values[row * width + 1 + l]!);
  // As MulT has the emotions of IEMOCAP: absent and present, of which the larger is true.
  if (width === count && pair === 2)
    return of((row, l) => {
      const [absent, present] = [0, 1].map((side) => values[(row * count + l) * 2 + side]!) as [number, number];
      return Number.isNaN(absent + present) ? NaN : Number(present > absent);
    });
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
