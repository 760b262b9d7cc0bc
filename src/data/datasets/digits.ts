import { type Dataset, type Modality, type Samples, type Split, splits } from '../dataset.ts';
import type { InMemoryFeatures } from '../features.ts';
import { type Random, random } from '../random.ts';
import { type DigitImages, digitImages, imageCounts, side, turned } from './digit-images.ts';

export interface DigitsOptions {
  readonly seed?: number;
  /** How many in each split, or how many to train on, beside 1000 to validate and 1000 to test. Default: 4000 of these. */
  readonly samples?: number | Readonly<Record<Split, number>>;
  /** How many views, two or three: first, second, third. */
  readonly views?: number;
  /** Standard deviation of the noise on every pixel of all views but the first, where ink is 1 and paper is 0. */
  readonly noise?: number;
}

const names = ['first', 'second', 'third'] as const;
const classes = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'] as const;
/** The largest angle, in radians: with half a turn a 6 would be a 9. */
const widest = Math.PI / 3;
/** Pixels along a side of a view. */
const size = side / 2;

/**
 * Views of handwritten digits whose factors are known. For each sample a class y, 0 to 9, and per view m another image of
 * that class and an angle a_m of its own, uniform over ±60 degrees:
 *
 *   x_m = (image_m turned by a_m, averaged to 14 by 14 pixels) + noise (of all views but the first)
 *
 * The label is the class, which is what views have in common; angles, and the hands that wrote, are each view's own. A
 * view is `[N, 1, 196]`: one step of 196 pixels, row after row. The factors are kept in `factors`: `common`, the class as one of
 * ten `[N, 10]`, and `unique.<view>`, the sine and the cosine of its angle, `[N, 2]`.
 *
 * No image is in two splits. Throws an Error that says what to install where the package `mnist` is missing, and a
 * RangeError for another number of views.
 */
export const digits = async (options: DigitsOptions = {}): Promise<Dataset> => digitsFrom(await digitImages(), options);

/** The same from other images than those of the package. */
export function digitsFrom(images: DigitImages, options: DigitsOptions = {}): Dataset {
  const { seed = 0, samples: asked = 4000, views: count = 2, noise = 0.25 } = options;
  if (count !== 2 && count !== 3) throw new RangeError(`digits() makes two or three views, got ${count}.`);
  const samples = typeof asked === 'number' ? { train: asked, valid: 1000, test: 1000 } : asked;
  const views = names.slice(0, count);
  const divided = dividedImages(imageCounts(images), seed);
  const made = splits.map((split) => {
    const n = samples[split];
    const stream = (name: string): Random => random(seed, 'digits', split, name);
    const labels = drawn(n, stream('class'), (draw) => draw.integer(classes.length));
    const chosen = chooseImages(labels, divided[split], count, stream('image'));
    const angles = views.map((view) => drawn(n, stream(`angle.${view}`), (draw) => widest * (2 * draw.uniform() - 1)));
    const features = views.map((view, m) =>
      look(images, { labels, rows: chosen[m]!, angles: angles[m]! }, m === 0 ? 0 : noise, stream(view)),
    );
    const byView = <T>(of: (m: number) => T): Record<string, T> =>
      Object.fromEntries(views.map((view, m) => [view, of(m)]));
    const known: Samples = {
      ids: Array.from({ length: n }, (_, i) => `${split}-${i}`),
      features: byView((m) => features[m]!),
      lengths: byView(() => new Int32Array(n).fill(1)),
      labels: Float32Array.from(labels),
    };
    const unique = views.map((view, m): [string, InMemoryFeatures] => [
      `unique.${view}`,
      columns(angles[m]!, 2, (angle) => [Math.sin(angle), Math.cos(angle)]),
    ]);
    const common = columns(labels, classes.length, (label) => classes.map((_, k) => Number(k === label)));
    return { split, known, factors: { common, ...Object.fromEntries(unique) } };
  });
  return {
    name: 'digits',
    task: { kind: 'classification', classes },
    metrics: 'classification',
    modalities: views.map((name): Modality => ({
      ...{ name, time: 1, width: size ** 2, cleaned: 0 },
      lengthSource: { kind: 'single-step' },
    })),
    splits: Object.fromEntries(made.map(({ split, known }) => [split, known])),
    factors: Object.fromEntries(made.map(({ split, factors }) => [split, factors])),
  };
}

/** By split and class, which images it may use: two thirds are to train on, and a sixth each to validate and to test. */
function dividedImages(counts: readonly number[], seed: number): Record<Split, readonly Int32Array[]> {
  const orders = counts.map((count, digit) => random(seed, 'digits', 'images', digit).permutation(count));
  const part = (from: number, to: number): Int32Array[] =>
    orders.map((order) => order.subarray(Math.round(from * order.length), Math.round(to * order.length)));
  return { train: part(0, 4 / 6), valid: part(4 / 6, 5 / 6), test: part(5 / 6, 1) };
}

/** By view, the image of each sample: one of its class, and no view of a sample has that of another. */
function chooseImages(
  labels: readonly number[],
  allowed: readonly Int32Array[],
  views: number,
  draw: Random,
): readonly (readonly number[])[] {
  const chosen = labels.map((label) => {
    const pool = allowed[label]!;
    if (pool.length < views)
      throw new RangeError(`digits() needs ${views} images of each digit in every split, and has ${pool.length}.`);
    const places = new Set<number>();
    while (places.size < views) places.add(draw.integer(pool.length));
    return Array.from(places, (place) => pool[place]!);
  });
  return Array.from({ length: views }, (_, m) => chosen.map((each) => each[m]!));
}

const drawn = (n: number, stream: Random, of: (draw: Random) => number): number[] =>
  Array.from({ length: n }, () => of(stream));

/** `[N, width]`, a row for each value. */
const columns = (
  values: readonly number[],
  width: number,
  of: (value: number) => readonly number[],
): InMemoryFeatures => ({ shape: [values.length, width], data: Float32Array.from(values.flatMap(of)) });

/** The pixels of one view, `[N, 1, 196]`. */
function look(
  images: DigitImages,
  {
    labels,
    rows,
    angles,
  }: { readonly labels: readonly number[]; readonly rows: readonly number[]; readonly angles: readonly number[] },
  noise: number,
  stream: Random,
): InMemoryFeatures {
  const data = new Float32Array(labels.length * size ** 2);
  for (const [n, label] of labels.entries()) {
    const start = rows[n]! * side ** 2;
    const out = data.subarray(n * size ** 2, (n + 1) * size ** 2);
    turned(images[label]!.subarray(start, start + side ** 2), angles[n]!, out);
    if (noise > 0) for (let i = 0; i < out.length; i++) out[i]! += noise * stream.normal();
  }
  return { shape: [labels.length, 1, size ** 2], data };
}
