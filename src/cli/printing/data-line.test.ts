import { expect, test } from 'vitest';
import { synthetic } from '../../data/datasets/synthetic.ts';
import { dataLine } from './data-line.ts';

test('says where lengths come from, and how many values were cleaned', () => {
  const dataset = synthetic({ samples: { train: 3, valid: 2, test: 1 }, modalities: 2 });
  const [text, audio] = dataset.modalities;
  const line = dataLine({
    ...dataset,
    modalities: [
      { ...text!, time: 50, width: 100, lengthSource: { kind: 'key', key: 'text_lengths' } },
      { ...audio!, time: 9, width: 4, lengthSource: { kind: 'trailing-zeros' }, cleaned: 1200 },
    ],
  });
  expect(line).toBe(
    'synthetic: 3/2/1 samples; text [50, 100], lengths from text_lengths; ' +
      'audio [9, 4], lengths from trailing zero rows, 1,200 values that were not finite set to 0',
  );
});
