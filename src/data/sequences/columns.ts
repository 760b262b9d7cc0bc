/** Segments as the columns of a table, in the layout of MMSA. */
import { NdArray } from '../../formats/bytes/array.ts';
import { FormatError, quoted } from '../../files/error.ts';
import { PiecewiseElements } from '../../formats/bytes/piecewise.ts';
import { type Averages, averages } from './averages.ts';
import type { AlignOptions, Segment } from './segments.ts';
import { lengthKey } from '../tables/table.ts';
import type { Sequence } from './sequence.ts';

export interface AlignedColumns {
  /** Modalities and their lengths, labels, ids, videos, and texts where words are texts. */
  readonly columns: ReadonlyMap<string, unknown>;
  /** By modality: how many values were not finite, as far as it has been read. */
  readonly notFinite: () => ReadonlyMap<string, number>;
}

/**
 * The columns of one split. Features are read and aligned when they are asked for, a video at a time, so that sequences
 * may be larger than memory; until then the sequences must stay open.
 */
export function alignedColumns(
  segments: readonly Segment[],
  { words, modalities, time }: Pick<AlignOptions, 'words' | 'modalities' | 'time'>,
): AlignedColumns {
  const all = new Map<string, WordRows>();
  const columns = new Map<string, unknown>();
  const lengths = Int32Array.from(segments, (segment) => segment.words.length);
  const add = (name: string, sequence: Sequence): void => {
    if (sequence.kind === 'texts')
      throw new FormatError(sequence.file, `holds texts, which are no features of ${quoted(name)}.`);
    const rows = new WordRows(words, sequence);
    all.set(name, rows);
    columns.set(name, featuresOf(segments, rows, { time, width: sequence.width }));
    columns.set(lengthKey(name), new NdArray([lengths.length], 'int32', lengths));
  };
  if (words.kind === 'numbers') add('text', words);
  for (const [name, sequence] of modalities) add(name, sequence);
  const labels = Float32Array.from(segments.flatMap((segment) => segment.labels));
  const each = segments[0]?.labels.length ?? 1;
  if (each === 1) columns.set('regression_labels', new NdArray([labels.length], 'float32', labels));
  else columns.set('labels', new NdArray([segments.length, each], 'float32', labels));
  columns.set(
    'id',
    segments.map(({ id }) => id),
  );
  columns.set(
    'video',
    segments.map(({ video }) => video),
  );
  if (words.kind === 'texts')
    columns.set(
      'raw_text',
      segments.map(({ text }) => text ?? ''),
    );
  return { columns, notFinite: () => new Map([...all].map(([name, rows]) => [name, rows.notFinite])) };
}

/** `[N, time, width]`, zeros after the words of a segment. */
function featuresOf(
  segments: readonly Segment[],
  rows: WordRows,
  { time, width }: { readonly time: number; readonly width: number },
): NdArray {
  const size = time * width;
  const readNow = (from: number, count: number): Float32Array => {
    const data = new Float32Array(count);
    for (let at = 0; at < count;) {
      const [segment, offset] = [segments[Math.floor((from + at) / size)]!, (from + at) % size];
      const whole = new Float32Array(size);
      const own = rows.of(segment.video);
      segment.words.forEach((word, t) => whole.set(own.subarray(word * width, (word + 1) * width), t * width));
      data.set(whole.subarray(offset, offset + count - at), at);
      at += size - offset;
    }
    return data;
  };
  const elements = new PiecewiseElements({
    ...{ file: rows.file, dtype: 'float32', length: segments.length * size },
    step: Math.max(1, Math.floor(2 ** 18 / size)) * size,
    read: (from, count) => Promise.resolve(readNow(from, count)),
    readNow,
  });
  return new NdArray([segments.length, time, width], 'float32', elements);
}

/** The features of a modality for every word of a video, `[words, D]`; those of the latest video are kept. */
class WordRows {
  readonly #words: Sequence;
  readonly #modality: Sequence;
  readonly #notFinite = new Map<string, number>();
  #latest: { readonly video: string; readonly data: Float32Array } | undefined;

  constructor(words: Sequence, modality: Sequence) {
    this.#words = words;
    this.#modality = modality;
  }

  get notFinite(): number {
    return [...this.#notFinite.values()].reduce((sum, count) => sum + count, 0);
  }

  get file(): string {
    return this.#modality.file;
  }

  of(video: string): Float32Array {
    if (this.#latest?.video === video) return this.#latest.data;
    const { intervals, features } = this.#modality.entry(video);
    const frames = { intervals, features: features as ArrayLike<number> };
    const { data, notFinite } =
      this.#modality === this.#words
        ? itself(frames.features)
        : averages(this.#words.entry(video).intervals, frames, this.#modality.width);
    this.#notFinite.set(video, notFinite);
    this.#latest = { video, data };
    return data;
  }
}

/** The features of words as they are, with zeros for values that are not finite. */
function itself(features: ArrayLike<number>): Averages {
  const data = Float32Array.from(features);
  let notFinite = 0;
  for (const [i, value] of data.entries())
    if (!Number.isFinite(value)) {
      data[i] = 0;
      notFinite += 1;
    }
  return { data, notFinite };
}
