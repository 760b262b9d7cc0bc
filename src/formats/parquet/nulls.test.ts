import { describe, expect, it } from 'vitest';
import { NdArray } from '../bytes/array.ts';
import { flat, listed, numbers, opened, type Options, written } from './testing.ts';

describe('columns in which values are missing, or are no texts', () => {
  it.each<Options>([{}, { rowGroupSize: 2 }])(
    'makes floats of whole numbers of which some are missing: %j',
    async (options) => {
      const file = written(
        {
          bool: flat([true, null, false], 'BOOLEAN'),
          int8: flat([1, -2, null], 'INT32', { converted_type: 'INT_8' }),
          uint64: flat([1n, null, 2n ** 53n - 1n], 'INT64', { converted_type: 'UINT_64' }),
          int64: flat([1n, 2n, 3n], 'INT64'),
          nothing: flat([null, null, null], 'INT64'),
          list: listed(
            flat(
              [
                [1n, 2n],
                [3n, null],
                [5n, 6n],
              ],
              'INT64',
            ),
          ),
          full: listed(
            flat(
              [
                [1n, 2n],
                [3n, 4n],
                [5n, 6n],
              ],
              'INT64',
            ),
          ),
          id: flat([2n ** 60n + 1n, null, 2n ** 60n + 2n], 'INT64'),
          day: flat([new Date(0), null, new Date(86_400_000)], 'INT32', { converted_type: 'DATE' }),
        },
        options,
      );
      await opened(file, (value) => {
        const found = Object.fromEntries(
          [...value].map(([name, column]) => [
            name,
            column instanceof NdArray ? [column.dtype, ...numbers(column)] : column,
          ]),
        );
        expect(found).toEqual({
          bool: ['float64', 1, Number.NaN, 0],
          int8: ['float64', 1, -2, Number.NaN],
          uint64: ['float64', 1, Number.NaN, 2 ** 53 - 1],
          int64: ['int64', 1, 2, 3],
          nothing: ['float64', Number.NaN, Number.NaN, Number.NaN],
          list: ['float64', 1, 2, 3, Number.NaN, 5, 6],
          full: ['int64', 1, 2, 3, 4, 5, 6],
          // No double holds them: they stay what they are.
          id: ['1152921504606846977', '', '1152921504606846978'],
          day: ['1970-01-01', '', '1970-01-02'],
        });
      });
    },
  );

  it('reads bytes that are texts, and leaves out those that are none', async () => {
    const bytes = (...values: (string | null)[]): unknown[] =>
      values.map((value) => (value === null ? null : new Uint8Array(Buffer.from(value, 'latin1'))));
    const file = written({
      x: flat([1, 2, 3], 'INT32'),
      raw: flat(bytes('\xff\x00', 'a', null), 'BYTE_ARRAY'),
      plain: flat(bytes('a', null, 'caf\xc3\xa9'), 'BYTE_ARRAY'),
    });
    await opened(file, (value, { metadata }) => {
      expect([...value.keys()]).toEqual(['x', 'plain']);
      expect(value.get('plain')).toEqual(['a', '', 'café']);
      expect(metadata?.['skipped']).toBe('raw (bytes that are no text)');
    });
  });
});
