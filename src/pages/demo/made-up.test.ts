import { expect, test } from 'vitest';
import { descriptionOf } from '../../deploy/description.ts';
import { inputsOf, type TensorValues } from '../../deploy/inputs.ts';
import { madeUp } from './made-up.ts';

const float = (name: string, ...shape: readonly number[]): object => ({
  ...{ name, dtype: 'float32', shape: ['batch', ...shape], meaning: '' },
});
const whole = (name: string, ...shape: readonly number[]): object => ({ ...float(name, ...shape), dtype: 'int64' });

const description = descriptionOf(
  {
    ...{ format: 'decalign export 3', decalign: '0', bytes: 1, sha256: '0'.repeat(64), model: 'm', dataset: 'd' },
    ...{ opset: 18, largest_difference: 0, outputs: [], task: { kind: 'regression', range: [0, 1] } },
    inputs: [
      ...[whole('text_ids', 6), whole('text_segments', 6), whole('text_lengths')],
      ...[float('audio', 9, 3), whole('audio_lengths'), float('record', 1, 8)],
    ],
    rows: {
      record: {
        columns: [
          'age',
          { column: 'town', category: ['Bern', 'Basel'] },
          { column: 'member', boolean: [['no', 'yes']] },
          { column: 'since', date: ['year', 'month', 'weekday'], order: 'dmy' },
        ],
      },
    },
  },
  'model.json',
);
const modalities = [
  { name: 'text', time: 6, width: 2, tokens: 50 },
  { name: 'audio', time: 9, width: 3 },
  { name: 'record', time: 1, width: 8 },
];
const statistics = {
  audio: { centre: [1000, 0, -5], deviation: [0.1, 1, 0], isMean: true },
  record: { centre: [40, 0, 0, 0, 0, 0, 0, 0], deviation: [10, 1, 1, 1, 1, 1, 1, 1], isMean: true },
};

function numbersIn(values: TensorValues | undefined): readonly number[] {
  const { data } = values!;
  return data instanceof Float32Array ? Array.from(data) : Array.from(data, Number);
}

test('made-up rows are such as the model takes, of every kind of input', () => {
  let seed = 0;
  const random = (): number => (seed = (seed * 16_807 + 11) % 2_147_483_647) / 2_147_483_647;
  for (let n = 0; n < 50; n++) {
    const row = madeUp(`made up ${n}`, { description, modalities, statistics, random });
    const { inputs, ids, warnings } = inputsOf(description, [row], { long: 'refuse' });
    expect(ids).toEqual([`made up ${n}`]);
    expect(warnings).toEqual([]);
    // Nothing is missing, and each sequence has at least half of the steps there is room for.
    expect(numbersIn(inputs['record']).every(Number.isFinite)).toBe(true);
    expect(numbersIn(inputs['text_lengths'])[0]).toBeGreaterThanOrEqual(3);
    expect(numbersIn(inputs['audio_lengths'])[0]).toBeGreaterThanOrEqual(5);
    const [first, , third] = numbersIn(inputs['audio']);
    expect([Math.abs(first! - 1000) < 1, third]).toEqual([true, -5]);
    expect(numbersIn(inputs['text_ids']).every((id) => id >= 0 && id < 50)).toBe(true);
  }
});
