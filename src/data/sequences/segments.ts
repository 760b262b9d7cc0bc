/**
 * Samples from computational sequences, as the CMU-MultimodalSDK aligns them: every modality is averaged over the time of
 * each word, and each labelled segment takes the words that overlap it.
 *
 *   mmdataset.align('words', [average]); impute('words'); align('labels'); hard_unify(); get_tensors(T, direction=True)
 *
 * Differs from the SDK where that loses data: values that are not finite are left out of an average, where they would
 * spoil it; and a segment takes the same words from every modality, where the SDK asks whether what a modality has of a
 * word reaches into the segment, and may give it fewer rows.
 */
import { FormatError } from '../../files/error.ts';
import { overlapping } from './intervals.ts';
import type { Sequence } from './sequence.ts';

export interface AlignOptions {
  /** The words, whose intervals are those of the time steps. */
  readonly words: Sequence;
  /** The labels, each interval of which is a segment and becomes a sample. */
  readonly labels: Sequence;
  /** Modalities by name. Where words are numbers, they are the modality `text` in addition to these. */
  readonly modalities: ReadonlyMap<string, Sequence>;
  /** T, time steps of a sample: later words of a segment are left out. */
  readonly time: number;
  /** Which of the features of `labels` are the labels of a sample. */
  readonly labelColumns: readonly number[];
  /** Where words are texts: those that are no time steps, such as `sp`, a pause. */
  readonly skip: readonly string[];
}

/** A labelled segment: one sample. */
export interface Segment {
  /** `video[k]`, with the row of its label. */
  readonly id: string;
  readonly video: string;
  /** One per label column, NaN for one that is no finite number. */
  readonly labels: readonly number[];
  /** Rows of its words in their sequence, by time, at most T. */
  readonly words: readonly number[];
  /** The text of those words with spaces between, where words are texts. */
  readonly text?: string;
}

export interface Segments {
  readonly segments: readonly Segment[];
  /** Videos and segments that became no samples, by reason; and segments that are `cut`, since they had more words than T. */
  readonly left: {
    readonly videos: readonly string[];
    readonly wordless: readonly string[];
    readonly unlabelled: readonly string[];
    readonly cut: readonly string[];
  };
}

/** The labelled segments of all videos that every sequence has, in the order of the labels. */
export function segmentsOf({ words, labels, modalities, time, labelColumns, skip }: AlignOptions): Segments {
  if (labels.kind === 'texts') throw new FormatError(labels.file, 'holds texts, no labels.');
  const beyond = labelColumns.find((column) => column >= labels.width);
  if (beyond !== undefined)
    throw new FormatError(labels.file, `has ${labels.width} columns of labels, counted from 0; there is no ${beyond}.`);
  const others = [words, ...modalities.values()].map(({ videos }) => new Set(videos));
  const segments: Segment[] = [];
  const left = { videos: [] as string[], wordless: [] as string[], unlabelled: [] as string[], cut: [] as string[] };
  for (const video of labels.videos) {
    if (!others.every((videos) => videos.has(video))) {
      left.videos.push(video);
      continue;
    }
    const { intervals, features } = labels.entry(video);
    const spoken = words.entry(video);
    const texts = words.kind === 'texts' ? (spoken.features as readonly string[]) : undefined;
    const found = new Map(Array.from(overlapping(intervals, spoken.intervals), ({ row, overlaps }) => [row, overlaps]));
    for (const [row, overlaps] of [...found].sort(([a], [b]) => a - b)) {
      const id = `${video}[${row}]`;
      const own = texts && skip.length > 0 ? overlaps.filter((word) => !skip.includes(texts[word]!)) : overlaps;
      const values = labelColumns.map((column) => finiteOrNaN(Number(features[row * labels.width + column])));
      if (own.length === 0) left.wordless.push(id);
      else if (values.every(Number.isNaN)) left.unlabelled.push(id);
      else {
        if (own.length > time) left.cut.push(id);
        const text = texts && { text: own.map((word) => texts[word]!).join(' ') };
        segments.push({ id, video, labels: values, words: own.slice(0, time), ...text });
      }
    }
  }
  return { segments, left };
}

const finiteOrNaN = (value: number): number => (Number.isFinite(value) ? value : NaN);
