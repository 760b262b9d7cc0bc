import { expect, test } from 'vitest';
import { NdArray } from '../../formats/bytes/array.ts';
import { splitTable, type SplitTable } from './table.ts';
import { withTokens, type TokenOptions } from './tokens.ts';

const options: TokenOptions = {
  vocabulary: 10,
  maxLength: 4,
  from: 'text_bert',
  tokenize: (texts) => ({ shape: [texts.length, 1], ids: [7, 8], mask: [1, 0], segments: [0, 0] }),
};

const trainingTable = (columns: object): readonly SplitTable[] => [
  splitTable('words.pkl', 'train', new Map(Object.entries(columns))),
];
/** One split whose `text_bert` holds these rows of ids, masks and segments. */
const tables = (...rows: readonly (readonly number[])[]): readonly SplitTable[] => {
  const time = rows[0]!.length / 3;
  const array = new NdArray([rows.length, 3, time], 'float32', Float32Array.from(rows.flat()));
  return trainingTable({ text_bert: array });
};
const run = (given: readonly SplitTable[], more: Partial<TokenOptions> = {}): Record<string, unknown> => {
  const [{ columns } = { columns: [] }] = withTokens(given, { ...options, ...more });
  return Object.fromEntries(
    [...columns].map(([name, array]) => [name, array instanceof NdArray ? [...(array.data as Float32Array)] : array]),
  );
};

test('ids and segments are two features of a token, and there are so many tokens', () => {
  expect(run(tables([2, 5, 3, 1, 1, 1, 0, 1, 1], [2, 3, 0, 1, 1, 0, 0, 0, 0]))).toEqual({
    text: [2, 0, 5, 1, 3, 1, 2, 0, 3, 0, 0, 0],
    text_bert: [3, 2],
  });
});

test('what is longer is cut, and ends as it did', () => {
  expect(run(tables([2, 4, 5, 6, 3, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0]))).toEqual({
    text: [2, 0, 4, 0, 5, 0, 3, 0],
    text_bert: [4],
  });
});

test('sentences are tokenised', () => {
  const given = trainingTable({ raw_text: ['a', 'b'] });
  expect(withTokens(given, { ...options, from: 'raw_text' })[0]!.columns.get('text')).toMatchObject({
    shape: [2, 1, 2],
    elements: Float32Array.of(7, 0, 0, 0),
  });
});

test.each([
  [tables([2, 10, 3, 1, 1, 1, 0, 0, 0]), {}, 'row 0 of the text has token 10, and the encoder knows 0..9'],
  [tables([2, -1, 3, 1, 1, 1, 0, 0, 0]), {}, 'has token -1'],
  [tables([2, 4.5, 3, 1, 1, 1, 0, 0, 0]), {}, 'has token 4.5'],
  [tables([2, 0, 3, 1, 0, 1, 0, 0, 0]), {}, 'row 0 of the text has padding between its tokens'],
  [tables([2, 5, 3, 1, 1, 1, 0, 0, 0], [2, 12, 3, 1, 1, 1, 0, 0, 0]), {}, 'row 1 of the text has token 12'],
  [tables([2, 5, 3, 1, 1, 1, 0, 0, 0]), { from: 'raw_text' as const }, 'has no "raw_text" to tokenise'],
  [trainingTable({}), {}, 'has no "text_bert" [N, 3, T]'],
])('%#: an error names the split', (given, more, message) => {
  expect(() => withTokens(given, { ...options, ...more })).toThrow(message);
  expect(() => withTokens(given, { ...options, ...more })).toThrow('words.pkl: split "train"');
});
