import { describe, expect, test } from 'vitest';
import { termNames } from './terms.ts';
import { runBatch, settings, type Batch, type Modality, type Outcome } from '../testing.ts';

const three: Modality[] = [
  { name: 'text', time: 3, width: 5 },
  { name: 'audio', time: 4, width: 2 },
  { name: 'vision', time: 2, width: 4 },
];
const repeated = (m: Modality, batch: number): Modality => {
  const one = Array.from({ length: m.time * m.width }, (_, i) => Math.sin(i + m.width));
  return { ...m, values: Array.from({ length: batch }, () => one).flat() };
};
/** A new term may have no weight by default. */
const everyTerm = Object.fromEntries(termNames.map((name) => [name, 0.1]));
const classes = { kind: 'classification', classes: 3 } as const;

const cases: [string, Batch][] = [
  ['a batch of one', { modalities: three, labels: [0.5] }],
  ['fewer samples than prototypes', { modalities: three, labels: [0.5, -1] }],
  [
    'features of zero',
    {
      modalities: three.map((m) => ({ ...m, values: Array<number>(5 * m.time * m.width).fill(0) })),
      labels: [1, 2, 3, 0, -1],
    },
  ],
  [
    'constant features',
    {
      modalities: three.map((m) => ({ ...m, values: Array<number>(5 * m.time * m.width).fill(3) })),
      labels: [1, 2, 3, 0, -1],
    },
  ],
  ['samples that are all alike', { modalities: three.map((m) => repeated(m, 5)), labels: [1, 1, 1, 1, 1] }],
  [
    'huge features',
    {
      modalities: three.map((m) => ({
        ...m,
        values: Array.from({ length: 5 * m.time * m.width }, (_, i) => 1e4 * Math.sin(i * i)),
      })),
      labels: [1, 2, 3, 0, -1],
    },
  ],
  ['a class that is missing', { modalities: three, labels: [0, 2], task: classes }],
  ['one class only', { modalities: three, labels: [1, 1], task: classes }],
  [
    'two modalities of other names',
    {
      modalities: [
        { name: 'eeg', time: 6, width: 3 },
        { name: 'gaze', time: 1, width: 2 },
      ],
      labels: [1, -2, 0, 3],
    },
  ],
  ['four modalities', { modalities: [...three, { name: 'eeg', time: 1, width: 1 }], labels: [1, -2, 0, 3] }],
  [
    'a sample without a single true step',
    { modalities: three.map((m) => ({ ...m, lengths: [m.time, 0, 1] })), labels: [1, -2, 0] },
  ],
];

/** The names of whatever is not finite. */
const notFinite = ({ losses, diagnostics, gradients, representations, prediction }: Outcome): string[] =>
  Object.entries({ prediction, ...losses, ...diagnostics, ...representations, ...gradients })
    .filter(([, values]) => ![values].flat().every(Number.isFinite))
    .map(([name]) => name);

describe.each(['paper', 'authors'] as const)('recipe %s in float32', (recipe) => {
  test.each(cases)('%s: everything is finite', async (_, batch) => {
    const own = recipe === 'authors' ? { transport: { sweeps: 10 } } : {};
    const outcome = await runBatch(settings(recipe, { ...own, weights: everyTerm }), { ...batch, dtype: 'float32' });
    expect(notFinite(outcome)).toEqual([]);
    expect(Object.keys(outcome.losses)).toEqual(['task', ...termNames]);
  });
});

test('every variant of the heterogeneity terms is finite, in a small batch too', async () => {
  for (const own of [
    { mixture: { covariance: 'full' } },
    { mixture: { prototypes: { text: 2, audio: 3, vision: 5 } } },
    { transport: { solver: 'plan' } },
    { transport: { solver: 'unrolled', sweeps: 10 } },
    { attraction: { mahalanobis: true } },
    { mmd: { estimator: 'unbiased', bandwidth: [0.5, 1, 2] } },
    { norm: 'pre', positions: true, padding: 'valid', kernel: { text: 2, audio: 3, vision: 1 } },
  ])
    expect(
      notFinite(await runBatch(settings('paper', own), { modalities: three, labels: [1, 2], dtype: 'float32' })),
    ).toEqual([]);
});
