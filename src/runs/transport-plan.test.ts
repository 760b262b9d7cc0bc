import { expect, test } from 'vitest';
import { partOf, type ModalityParts } from '../analysis/part.ts';
import { random } from '../data/random.ts';
import { decalignConfig } from '../models/decalign/config.ts';
import { models } from '../models/index.ts';
import { measurePlan } from './transport-plan.ts';
import type { Network } from '../train/index.ts';

const samples = 120;
const stream = random(1, 'plan');
/** Three clusters of unequal sizes in each modality, the same samples in the same one. */
const parts: readonly ModalityParts[] = ['text', 'audio'].map((modality) => {
  const values = Float64Array.from({ length: samples * 2 }, (_, i) => {
    const cluster = Math.floor(i / 2) % 3;
    return [-6, 0, 9][cluster]! + 0.3 * stream.normal();
  });
  const part = { train: partOf(samples, values), test: partOf(samples, values) };
  return { modality, unique: part, common: part };
});
const planOf = (values: object): Pick<Network, 'plan'> => {
  const config = decalignConfig.parse({ mixture: { prototypes: 3 }, ...values });
  return { plan: (unique) => models.decalign.plan!(unique, config) };
};

test('DecAlign sends each cluster to its own, and has as many effective prototypes as there are', async () => {
  const { information, prototypes } = (await measurePlan(planOf({ transport: { lambda: 0.01 } }), parts))!;
  expect(information).toBeGreaterThan(0.99);
  for (const { effective, count } of prototypes) {
    expect(count).toBe(3);
    expect(effective).toBeCloseTo(3, 1);
  }
});

test('a large λ sends all to all', async () => {
  const { information } = (await measurePlan(planOf({ transport: { lambda: 100 } }), parts))!;
  expect(information).toBeLessThan(0.01);
});

test('a model that solves for no plan has none', async () => {
  for (const without of [['transport'], ['heterogeneity']])
    expect(await measurePlan(planOf({ without }), parts)).toBeUndefined();
  expect(await measurePlan(planOf({ weights: { heterogeneity: 0 } }), parts)).toBeUndefined();
  expect(await measurePlan({}, parts)).toBeUndefined();
});
