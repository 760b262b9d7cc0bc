import { expect, test } from 'vitest';
import { synthetic } from '../../data/datasets/synthetic.ts';
import { dataLine } from './data-line.ts';

test('says where lengths come from, how many numbers are missing, and how many samples lack a modality', () => {
  const dataset = synthetic({ samples: { train: 3, valid: 2, test: 1 }, modalities: 2 });
  const [text, audio] = dataset.modalities;
  dataset.splits.valid!.lengths['audio']![1] = 0;
  const line = dataLine({
    ...dataset,
    modalities: [
      { ...text!, time: 50, width: 100, lengthSource: { kind: 'key', key: 'text_lengths' } },
      { ...audio!, time: 9, width: 4, lengthSource: { kind: 'trailing-zeros' }, cleaned: 1200 },
    ],
  });
  expect(line).toBe(
    'synthetic: 3/2/1 samples; text [50, 100], lengths from text_lengths; ' +
      'audio [9, 4], lengths from trailing zero rows, 1,200 missing numbers, absent from 1 sample',
  );
});
