import { expect, test } from 'vitest';
import { resolveConfig } from '../config/index.ts';
import { synthetic } from '../index.ts';
import { dryRun, type Plan } from './dry-run.ts';
import { prepare } from './prepare.ts';

const dataset = synthetic({ samples: { train: 32, valid: 8, test: 8 }, modalities: 2 });
const planned = (...set: readonly string[]): Promise<Plan> =>
  dryRun(prepare(resolveConfig({ set: ['train.threads=1', 'train.batchSize=16', ...set] }), dataset), [1, 2]);

test('pretraining is planned beside the usual epochs, whose graph and steps are told', async () => {
  const whole = await planned('model.pretraining.steps=6', 'train.epochs=4');
  const usual = await planned('model.pretraining.steps=0', 'train.epochs=4');
  expect(whole).toMatchObject({ nodes: usual.nodes, steps_per_epoch: 2, steps_at_most: 2 * (3 + 4) * 2 });
  expect(usual.steps_at_most).toBe(2 * 4 * 2);
  // Steps of another kind are timed apart: the whole is no multiple of a usual step.
  expect(whole.seconds_at_most).toBeGreaterThanOrEqual(Math.floor(whole.seconds_per_step! * usual.steps_at_most!));
});
