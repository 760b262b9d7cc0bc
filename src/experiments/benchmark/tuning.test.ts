import { expect, test } from 'vitest';
import { resolveConfig } from '../../config/index.ts';
import { trialSettings } from './tuning.ts';

const own = resolveConfig({ set: ['model.dropout.attention=0'] });
const settings = (trial: number): Readonly<Record<string, number>> =>
  Object.fromEntries(
    trialSettings('decalign', own, trial).map((pair) => [pair.split('=')[0]!, Number(pair.split('=')[1])]),
  );

test('the first trial is the model as it is', () => {
  expect(trialSettings('decalign', own, 0)).toEqual([]);
});

test('a trial is a pure function of model and number', () => {
  expect(settings(3)).toEqual(settings(3));
  expect(settings(3)).not.toEqual(settings(4));
  expect(trialSettings('other', own, 3)).not.toEqual(trialSettings('decalign', own, 3));
});

test('every trial is a configuration within the space', () => {
  const rates = new Set<number>();
  for (let trial = 1; trial <= 50; trial++) {
    const { train, model } = resolveConfig({ set: trialSettings('decalign', own, trial) });
    expect(train.learningRate / own.train.learningRate).toBeGreaterThan(0.249);
    expect(train.learningRate / own.train.learningRate).toBeLessThan(4.001);
    expect(train.weightDecay / own.train.weightDecay).toBeGreaterThan(0.0999);
    expect(train.weightDecay / own.train.weightDecay).toBeLessThan(10.01);
    expect(JSON.stringify(model)).not.toBe('');
    rates.add(train.learningRate);
  }
  expect(rates.size).toBe(50);
});

test('dropout rates move together, stay below 0.8, and 0 stays 0', () => {
  const before = own.model['dropout'] as Readonly<Record<string, number>>;
  for (let trial = 1; trial <= 30; trial++) {
    const found = settings(trial);
    expect(found).not.toHaveProperty(['model.dropout.attention']);
    const factors = Object.entries(before)
      .filter(([, rate]) => rate > 0)
      .map(([name, rate]) => ({
        rate: found[`model.dropout.${name}`]!,
        factor: found[`model.dropout.${name}`]! / rate,
      }));
    expect(factors.length).toBeGreaterThan(1);
    for (const { rate, factor } of factors) {
      expect(rate).toBeLessThanOrEqual(0.8);
      if (rate < 0.8) expect(factor).toBeCloseTo(factors.find((other) => other.rate < 0.8)!.factor, 2);
    }
  }
});
