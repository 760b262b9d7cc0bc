import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readTokenizer, type Tokenizer } from './tokenizer.ts';

const fixture = 'test/fixtures/bert/bert';
const pieces = readFileSync(path.join(fixture, 'vocab.txt'), 'utf8').trim().split('\n');
const folder = mkdtempSync(path.join(tmpdir(), 'tokenizer-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** The word pieces of a text's tokens, with spaces between. */
const pieced = (tokenizer: Tokenizer, text: string, maxLength = 64): string =>
  [...tokenizer.tokenize([text], maxLength).ids].map((id) => pieces[id]!).join(' ');

let made = 0;
function folderWith(files: Readonly<Record<string, unknown>>): string {
  const own = path.join(folder, String((made += 1)));
  cpSync(fixture, own, { recursive: true });
  for (const [name, content] of Object.entries(files))
    if (content === undefined) rmSync(path.join(own, name));
    else writeFileSync(path.join(own, name), typeof content === 'string' ? content : JSON.stringify(content));
  return own;
}

describe('WordPiece from vocab.txt, letters made small', () => {
  const tokenizer = readTokenizer(fixture);
  // The pieces are worked out by hand: accents are dropped, punctuation and Chinese characters stand alone, and each
  // word is
  // split into the longest piece first.
  test.each([
    ['The movie was good!', '[CLS] the movie was good ! [SEP]'],
    ['unbelievable', '[CLS] un ##believ ##able [SEP]'],
    ['UNBELIEVABLY', '[CLS] un ##believ ##ably [SEP]'],
    ['believable', '[CLS] [UNK] [SEP]'],
    ["it's acted, don't", "[CLS] it ' s act ##ed , don ' t [SEP]"],
    ['Café', '[CLS] cafe [SEP]'],
    ['brave braved', '[CLS] br ##ave br ##ave ##d [SEP]'],
    ['好影', '[CLS] 好 影 [SEP]'],
    ['New\tYork\n 2024 20', '[CLS] new york 2 ##0 ##24 2 ##0 [SEP]'],
    ['good-bad', '[CLS] good - bad [SEP]'],
    ['', '[CLS] [SEP]'],
    ['a [SEP] film', '[CLS] a [SEP] film [SEP]'],
    ['zebra '.repeat(2), '[CLS] [UNK] [UNK] [SEP]'],
    ['g'.repeat(101), '[CLS] [UNK] [SEP]'],
  ])('%j', (text, expected) => {
    expect(pieced(tokenizer, text)).toBe(expected);
  });

  test('padding and masks', () => {
    const { shape, ids, mask, segments } = tokenizer.tokenize(['good', 'the movie was bad'], 64);
    expect(shape).toEqual([2, 6]);
    expect([...ids]).toEqual([2, 12, 3, 0, 0, 0, 2, 5, 6, 7, 13, 3]);
    expect([...mask]).toEqual([1, 1, 1, 0, 0, 0, 1, 1, 1, 1, 1, 1]);
    expect([...segments]).toEqual(Array(12).fill(0));
  });

  test('a text that is too long is cut before its last mark', () => {
    expect(pieced(tokenizer, 'the movie was good', 4)).toBe('[CLS] the movie [SEP]');
    expect(pieced(tokenizer, 'the movie was good', 6)).toBe('[CLS] the movie was good [SEP]');
    expect(pieced(tokenizer, 'the the the', 3)).toBe('[CLS] the [SEP]');
    expect(() => tokenizer.tokenize(['the movie'], 1)).toThrow('Cannot cut a text to 1 tokens: its marks are 2.');
  });
});

test('letters stay as they are where the configuration says so', () => {
  const tokenizer = readTokenizer(folderWith({ 'tokenizer_config.json': { do_lower_case: false } }));
  expect(pieced(tokenizer, 'The movie')).toBe('[CLS] [UNK] movie [SEP]');
});

test('tokenizer.json goes before vocab.txt', () => {
  const vocab = Object.fromEntries(pieces.map((piece, id) => [piece, id]));
  const special = (content: string) => ({ SpecialToken: { id: content, type_id: 0 } });
  const own = folderWith({
    'tokenizer.json': {
      version: '1.0',
      added_tokens: [{ id: 0, content: '[PAD]', special: true, normalized: false }],
      normalizer: { type: 'Lowercase' },
      pre_tokenizer: { type: 'Whitespace' },
      model: { type: 'WordPiece', unk_token: '[UNK]', continuing_subword_prefix: '##', vocab },
      post_processor: {
        type: 'TemplateProcessing',
        single: [special('[SEP]'), { Sequence: { id: 'A', type_id: 0 } }, special('[CLS]')],
        pair: [],
        special_tokens: {},
      },
      decoder: null,
    },
  });
  expect(pieced(readTokenizer(own), 'The movie acted', 4)).toBe('[SEP] the movie [CLS]');
});

describe('errors, one line each', () => {
  test.each([
    ['no tokeniser', { 'vocab.txt': undefined }, /holds no tokeniser: neither tokenizer.json nor vocab.txt/],
    ['another vocabulary', { 'vocab.txt': 'hello\nworld\n' }, /vocab.txt: has no line \[UNK\]/],
    ['no JSON', { 'tokenizer.json': '{' }, /tokenizer.json: is no JSON object/],
    ['half a description', { 'tokenizer.json': { model: {} } }, /tokenizer.json: cannot be read/],
  ])('%s', (_, files, expected) => {
    let message = '';
    try {
      readTokenizer(folderWith(files));
    } catch (error) {
      ({ message } = error as Error);
    }
    expect(message).toMatch(expected);
    expect(message).not.toContain('\n');
  });
});
