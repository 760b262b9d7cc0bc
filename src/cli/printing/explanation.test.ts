import { expect, test } from 'vitest';
import { explanationText } from './explanation.ts';

test('prototypes are counted from 1, as in the figure of the plan', () => {
  const text = explanationText('synthetic', {
    split: 'test',
    samples: [
      {
        id: 'test-1',
        prediction: 0.5,
        output: { name: 'prediction', kind: 'value', value: 0.5 },
        modalities: {
          text: {
            present: true,
            contribution: { steps: [0.1], sum: 0.1 },
            without: { prediction: 0.4, value: 0.4, change: 0.1 },
            assignment: [0.7, 0.1, 0.2],
          },
          audio: { present: false },
        },
        attention: [],
      },
    ],
    notes: [],
  });
  expect(text).toContain('Prototypes it is most of: text 1 (0.700)');
});
