import { describe, expect, test } from 'vitest';
import type { ValueDescription } from './description.ts';
import { tensorsOf } from './inputs.ts';
import { PreparedSample } from './sample.ts';

const input = (name: string, dtype: 'float32' | 'int64', shape: ValueDescription['shape']): ValueDescription => ({
  ...{ name, dtype, shape, meaning: '' },
});
const inputs = [
  input('audio', 'float32', ['batch', 3, 2]),
  input('audio_lengths', 'int64', ['batch']),
  input('record', 'float32', ['batch', 1, 2]),
  input('text_ids', 'int64', ['batch', 4]),
  input('text_lengths', 'int64', ['batch']),
];

describe('the inputs of samples', () => {
  const full = {
    audio: [
      [1, 2],
      [null, 4],
    ],
    record: [[5, NaN]],
    text_ids: [7, 8, 9],
  };
  const { audio, audio_lengths, record, text_ids, text_lengths } = tensorsOf({ inputs }, [
    new PreparedSample('a', full),
    new PreparedSample('b', {}),
  ]);

  test('are padded with zeros, and say how many steps are true', () => {
    expect(audio!.shape).toEqual([2, 3, 2]);
    expect([...audio!.data.slice(0, 6)]).toEqual([1, 2, NaN, 4, 0, 0]);
    expect(audio_lengths).toEqual({ shape: [2], data: BigInt64Array.of(2n, 0n) });
    expect(text_ids).toEqual({ shape: [2, 4], data: BigInt64Array.of(7n, 8n, 9n, 0n, 0n, 0n, 0n, 0n) });
    expect(text_lengths).toEqual({ shape: [2], data: BigInt64Array.of(3n, 0n) });
  });

  test('are NaN of a modality that a sample lacks, which nothing else says of one step', () => {
    expect([...audio!.data.slice(6)]).toEqual(Array(6).fill(NaN));
    expect(record).toEqual({ shape: [2, 1, 2], data: Float32Array.of(5, NaN, NaN, NaN) });
  });
});
