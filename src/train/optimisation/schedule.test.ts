import { expect, test } from 'vitest';
import { afterEpoch, initialSchedule, learningRate } from './schedule.ts';
import { trainConfig, type TrainConfig } from '../train-config.ts';

const configOf = (schedule: Partial<TrainConfig['schedule']>): TrainConfig =>
  trainConfig.parse({ epochs: 5, learningRate: 1, schedule: { warmup: 0, minimum: 0, ...schedule } });

const rates = (config: TrainConfig, steps: readonly number[]): number[] =>
  steps.map((step) => learningRate(config, initialSchedule, { step, stepsPerEpoch: 4 }));

test('a linear warm-up that reaches the peak with its last step', () => {
  expect(rates(configOf({ kind: 'constant', warmup: 1 }), [0, 1, 2, 3, 4, 19])).toEqual([0.25, 0.5, 0.75, 1, 1, 1]);
  expect(rates(configOf({ kind: 'constant', warmup: 0.5 }), [0, 1, 2])).toEqual([0.5, 1, 1]);
});

test('cosine from the peak to the minimum', () => {
  const config = configOf({ kind: 'cosine', minimum: 0.1 });
  const [first, middle, last, beyond] = rates(config, [0, 10, 20, 30]);
  expect([first, last, beyond]).toEqual([1, 0.1, 0.1]);
  expect(middle).toBeCloseTo(0.55, 12);
  const after = rates(configOf({ kind: 'cosine', warmup: 1 }), [4, 12, 20]);
  expect(after[0]).toBe(1);
  expect(after[1]).toBeCloseTo(0.5, 12);
  expect(after[2]).toBeCloseTo(0, 12);
});

test('a minimum above the peak leaves the peak', () => {
  const config = configOf({ kind: 'cosine', minimum: 3 });
  expect(rates(config, [0, 10, 20])).toEqual([1, 1, 1]);
  const plateau = configOf({ kind: 'plateau', minimum: 3, factor: 0.1 });
  const state = { ...initialSchedule, scale: 0.01 };
  expect(learningRate(plateau, state, { step: 100, stepsPerEpoch: 4 })).toBe(1);
});

// torch.optim.lr_scheduler.ReduceLROnPlateau(factor=0.1, patience=2, min_lr=0.005), PyTorch 1.13.
test.each([
  [
    'lower',
    [1.0, 0.5, 0.49999, 0.6, 0.55, 0.4, 0.41, 0.42, 0.43, 0.44, 0.45, 0.46, 0.47],
    [1, 1, 1, 1, 0.1, 0.1, 0.1, 0.1, 0.01, 0.01, 0.01, 0.005, 0.005],
  ],
  ['higher', [0, 0, 0, 0, 0.1], [1, 1, 1, 0.1, 0.1]],
  ['lower', [0, 0, 0, 0, -0.1], [1, 1, 1, 0.1, 0.1]],
  ['higher', [0.1, 0.2, 0.2, 0.15, 0.20001, 0.20003, 0.1, 0.1, 0.1, 0.1], [1, 1, 1, 1, 0.1, 0.1, 0.1, 0.1, 0.01, 0.01]],
] as const)('plateau as ReduceLROnPlateau, %s is better', (better, values, expected) => {
  const config = configOf({ kind: 'plateau', patience: 2, factor: 0.1, minimum: 0.005 });
  let state = initialSchedule;
  const found = values.map((value) => {
    state = afterEpoch(config, state, { value, better });
    return learningRate(config, state, { step: 100, stepsPerEpoch: 4 });
  });
  found.forEach((rate, i) => expect(rate, `epoch ${i}`).toBeCloseTo(expected[i]!, 12));
});

test('only a plateau remembers anything', () => {
  const at = { value: 1, better: 'lower' } as const;
  expect(afterEpoch(configOf({ kind: 'cosine' }), initialSchedule, at)).toBe(initialSchedule);
});
