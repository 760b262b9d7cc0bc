import { NdArray, toNumbers } from '../../formats/bytes/array.ts';
import { FormatError, quoted } from '../../files/error.ts';
import { splitTable, type SplitTable, texts } from './table.ts';

/** Texts as a tokeniser gives them: ids, mask and segments, `[N, T]` each. */
export interface TextTokens {
  readonly shape: readonly [batch: number, steps: number];
  readonly ids: ArrayLike<number>;
  /** 1 for a true token, 0 for the padding after them. */
  readonly mask: ArrayLike<number>;
  readonly segments: ArrayLike<number>;
}

/** How the modality `text` is read as tokens. */
export interface TokenOptions {
  /** How many token ids the encoder knows: 0 to this number less 1. */
  readonly vocabulary: number;
  /** The number of tokens that longer texts are cut to. */
  readonly maxLength: number;
  /** MMSA's ids `[N, 3, T]`, or sentences to tokenise. */
  readonly from: 'text_bert' | 'raw_text';
  readonly tokenize: (texts: readonly string[], maxLength: number) => TextTokens;
}

/** The key under which `withTokens` puts the number of tokens of each sample. */
export const tokenCountKey = 'text_bert';

/**
 * The tables with tokens in place of the features of `text`: `[N, T, 2]`, the id and the segment of each token, and
 * their number under `tokenCountKey`.
 */
export const withTokens = (tables: readonly SplitTable[], options: TokenOptions): SplitTable[] =>
  tables.map((table) => {
    const { shape, ids, mask, segments } =
      options.from === 'text_bert' ? givenTokens(table, options) : ownTokens(table, options);
    const [rows, steps] = shape;
    const features = new Float32Array(rows * steps * 2);
    const counts = new Int32Array(rows);
    for (let n = 0; n < rows; n++)
      for (let t = 0; t < steps; t++) {
        const at = n * steps + t;
        if (!mask[at]) continue;
        if (counts[n] !== t) throw rejected(table, n, 'has padding between its tokens');
        const id = ids[at]!;
        if (!Number.isInteger(id) || id < 0 || id >= options.vocabulary)
          throw rejected(table, n, `has token ${id}, and the encoder knows 0..${options.vocabulary - 1}`);
        features.set([id, segments[at]!], 2 * at);
        counts[n]! += 1;
      }
    const tokens = new Map<string, unknown>([
      ['text', new NdArray([rows, steps, 2], 'float32', features)],
      [tokenCountKey, new NdArray([rows], 'int32', counts)],
    ]);
    return splitTable(table.file, table.split, new Map([...table.columns, ...tokens]));
  });

const rejected = ({ file, split }: SplitTable, row: number, what: string): FormatError =>
  new FormatError(file, `split ${quoted(split)}, row ${row} of the text ${what}; was it made for another encoder?`);

/** MMSA's `text_bert` `[N, 3, T]`: ids, mask and segments. */
function givenTokens({ file, split, numbers: arrays }: SplitTable, { maxLength }: TokenOptions): TextTokens {
  const array = arrays.get('text_bert');
  const [rows, parts, all] = array?.shape ?? [];
  if (!array || array.shape.length !== 3 || parts !== 3)
    throw new FormatError(
      file,
      `split ${quoted(split)} has no "text_bert" [N, 3, T] of ids, masks and segments; set text.bert.from to raw_text.`,
    );
  const numbers = toNumbers(array.data);
  const steps = Math.min(all!, maxLength);
  const part = (i: number): number[] =>
    Array.from({ length: rows! * steps }, (_, at) => {
      const n = Math.floor(at / steps);
      return numbers[(n * 3 + i) * all! + (at % steps)]!;
    });
  const ids = part(0);
  // A text that is cut ends as the whole did: with the mark [SEP].
  for (let n = 0; n < rows! && steps < all!; n++) {
    const row = numbers.slice(n * 3 * all!, (n * 3 + 2) * all!);
    const length = row.slice(all).filter((one) => one !== 0).length;
    if (length > steps) ids[(n + 1) * steps - 1] = row[length - 1]!;
  }
  return { shape: [rows!, steps], ids, mask: part(1), segments: part(2) };
}

/** The sentences of `raw_text`, tokenised. */
function ownTokens({ file, split, columns }: SplitTable, { tokenize, maxLength }: TokenOptions): TextTokens {
  const sentences = texts(columns.get('raw_text'));
  if (!sentences)
    throw new FormatError(
      file,
      `split ${quoted(split)} has no "raw_text" to tokenise; set text.bert.from to text_bert.`,
    );
  return tokenize(sentences, maxLength);
}
