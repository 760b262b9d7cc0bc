import { expect, test } from 'vitest';
import type { JobResult } from '../../experiments/benchmark/job.ts';
import { outcomeText } from './progress.ts';

const result: JobResult = {
  ...{ format: 'decalign benchmark 1', seed: 1, valid: { mae: 0.5 }, test: { mae: 0.6 }, parameters: 1 },
  ...{ best_epoch: 30, epochs: 41, seconds_per_step: 1, peak_bytes: 1, seconds: 20 },
};

test('what a job came to counts the usual epochs, and those of pretraining by themselves', () => {
  expect(outcomeText(result)).toBe('valid mae 0.5000, best of 41 epochs: 30, 20.0 s');
  expect(outcomeText({ ...result, stages: [{ name: 'pretraining', epochs: 11 }] })).toBe(
    'valid mae 0.5000, best of 30 epochs after 11 of pretraining: 19, 20.0 s',
  );
});
