/** Turns texts into the token ids of a pretrained encoder, by the tokeniser in the encoder's folder. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers';
import { FormatError, reading } from '../files/error.ts';
import { parseJson } from './huggingface.ts';

/**
 * N texts as tokens: each array is `[N, T]` in row-major order, where T is the number of tokens of the longest text.
 */
export interface Tokenized {
  readonly shape: readonly [batch: number, steps: number];
  /** Token ids of the encoder's vocabulary. */
  readonly ids: Int32Array;
  /** 1 for a true token, 0 for padding, which comes last. */
  readonly mask: Int32Array;
  /** The segment of each token, for encoders that take pairs of texts: 0 everywhere. */
  readonly segments: Int32Array;
}

export interface Tokenizer {
  /**
   * Tokenises each text, with the encoder's special tokens ([CLS] and [SEP]) around it. A longer text is cut to
   * `maxLength` tokens, special tokens among them; shorter ones are padded at the end. Throws a RangeError for fewer
   * than the special tokens.
   */
  tokenize(texts: readonly string[], maxLength: number): Tokenized;
}

/**
 * The part of the library's interface that is used here. Its own declarations import files without endings, and do not
 * resolve.
 */
interface Library {
  encode(text: string, options?: { readonly add_special_tokens: boolean }): { readonly ids: readonly number[] };
  token_to_id(token: string): number | undefined;
}

type Json = Readonly<Record<string, unknown>>;

/**
 * Reads the tokeniser in `folder`: `tokenizer.json`, or else the WordPiece vocabulary `vocab.txt`, for which
 * `tokenizer_config.json` says whether letters are made lower case.
 *
 * Throws a FormatError for a folder without either file, and for a file that does not describe a tokeniser.
 */
export function readTokenizer(folder: string): Tokenizer {
  const file = (name: string): string => path.join(folder, name);
  const json = (name: string): Json | undefined =>
    existsSync(file(name)) ? parseJson(readFileSync(file(name), 'utf8'), file(name)) : undefined;
  const settings = json('tokenizer_config.json') ?? {};
  const whole = json('tokenizer.json');
  if (!whole && !existsSync(file('vocab.txt')))
    throw new FormatError(folder, 'holds no tokeniser: neither tokenizer.json nor vocab.txt.');
  const source = file(whole ? 'tokenizer.json' : 'vocab.txt');
  return reading(source, () => {
    const description = whole ?? wordPiece(readFileSync(source, 'utf8'), settings, source);
    // eslint-disable-next-line @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-call -- see Library
    const tokenizer: Library = new HuggingFaceTokenizer(description, settings);
    const padding = paddingOf(tokenizer, settings);
    if (padding === undefined) throw new FormatError(source, 'has no token for padding: neither [PAD] nor <pad>.');
    return { tokenize: (texts, maxLength) => padded(texts.map(idsOf(tokenizer, maxLength)), padding) };
  });
}

/** A function from a text to its ids, at most `maxLength`. Where a text is cut, the special tokens around it stay. */
function idsOf(tokenizer: Library, maxLength: number): (text: string) => readonly number[] {
  return (text) => {
    const { ids: own } = tokenizer.encode(text, { add_special_tokens: false });
    const { ids } = tokenizer.encode(text);
    const excess = Math.max(0, ids.length - maxLength);
    if (excess > own.length)
      throw new RangeError(`Cannot cut a text to ${maxLength} tokens: its marks are ${ids.length - own.length}.`);
    const first = ids.findIndex((_, at) => own.every((id, i) => ids[at + i] === id));
    return ids.toSpliced(first + own.length - excess, excess);
  };
}

function padded(rows: readonly (readonly number[])[], padding: number): Tokenized {
  const steps = rows.reduce((longest, { length }) => Math.max(longest, length), 1);
  const ids = new Int32Array(rows.length * steps).fill(padding);
  const mask = new Int32Array(ids.length);
  for (const [n, row] of rows.entries()) {
    ids.set(row, n * steps);
    mask.fill(1, n * steps, n * steps + row.length);
  }
  return { shape: [rows.length, steps], ids, mask, segments: new Int32Array(ids.length) };
}

function paddingOf(tokenizer: Library, { pad_token: named }: Json): number | undefined {
  const given = typeof named === 'object' && named !== null && 'content' in named ? named.content : named;
  const tokens = typeof given === 'string' ? [given] : ['[PAD]', '<pad>'];
  return tokens.map((token) => tokenizer.token_to_id(token)).find((id) => id !== undefined);
}

/** The description, as in a `tokenizer.json`, of the tokeniser that a `vocab.txt` stands for: one word piece a line. */
function wordPiece(vocabulary: string, settings: Json, file: string): Json {
  const pieces = vocabulary.replace(/\r?\n$/, '').split(/\r?\n/);
  const vocab = Object.fromEntries(pieces.map((piece, id) => [piece, id]));
  const id = (token: string): number => {
    if (!Object.hasOwn(vocab, token)) throw new FormatError(file, `has no line ${token}, so it is no BERT vocabulary.`);
    return vocab[token]!;
  };
  const marks = ['[UNK]', '[CLS]', '[SEP]', '[PAD]'].map((content) => ({ id: id(content), content }));
  return {
    version: '1.0',
    added_tokens: marks.map((mark) => ({ ...mark, special: true, normalized: false })),
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: settings['tokenize_chinese_chars'] ?? true,
      strip_accents: settings['strip_accents'] ?? null,
      lowercase: settings['do_lower_case'] ?? true,
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab,
    },
    post_processor: { type: 'BertProcessing', sep: ['[SEP]', id('[SEP]')], cls: ['[CLS]', id('[CLS]')] },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
  };
}
