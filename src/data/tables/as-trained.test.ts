import { describe, expect, it } from 'vitest';
import { NdArray } from '../../formats/bytes/array.ts';
import { asTrained } from './as-trained.ts';
import { lengthKey, splitTable } from './table.ts';

const floats = (...values: number[]): NdArray => new NdArray([1, values.length], 'float32', Float32Array.from(values));
const [first, second] = [floats(1, 2), floats(3, 4)];
const sources = { speech: { key: 'wav' }, face: { key: 'face' } };
const columnsOf = (given: Readonly<Record<string, unknown>>, options: Parameters<typeof asTrained>[1]) =>
  asTrained(splitTable('new.jsonl', 'test', new Map(Object.entries(given))), options, () => undefined).columns;

describe('the column of a modality', () => {
  it('is that of the training, beside another that is called as the modality', () => {
    for (const other of [second, ['words']])
      expect(columnsOf({ speech: other, wav: first }, { sources }).get('speech')).toBe(first);
    const lengths = new NdArray([1], 'int32', Int32Array.of(1));
    const columns = columnsOf({ speech: second, [lengthKey('speech')]: lengths, wav: first }, { sources });
    expect(columns.has(lengthKey('speech'))).toBe(false);
  });

  it('is the one of its name in a file that has that alone', () => {
    expect(columnsOf({ speech: second }, { sources }).get('speech')).toBe(second);
    expect(columnsOf({ wav: first }, { sources }).get('speech')).toBe(first);
  });

  it('is the one of its name where a description names it, or the other is of another modality too', () => {
    const given = { speech: second, wav: first };
    expect(columnsOf(given, { sources, isDescribed: true }).get('speech')).toBe(second);
    const swapped = { speech: { key: 'wav' }, wav: { key: 'speech' } };
    expect(columnsOf(given, { sources: swapped }).get('speech')).toBe(second);
    const shared = { speech: { key: 'wav' }, face: { key: 'wav' } };
    expect(columnsOf({ ...given, face: second }, { sources: shared }).get('speech')).toBe(second);
  });
});
