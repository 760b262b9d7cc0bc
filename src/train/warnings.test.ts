import { expect, test } from 'vitest';
import type { ModelWarnings } from '../models/index.ts';
import { Warnings } from './warnings.ts';

const told = (warnings: readonly { readonly message: string }[]): string[] => warnings.map(({ message }) => message);
/** Of every diagnostic above 1. */
const model: ModelWarnings = {
  step: (values, epoch) =>
    Object.entries(values).flatMap(([about, value]) =>
      value > 1 ? [{ about, message: `step ${about} ${value} in ${epoch}` }] : [],
    ),
  epoch: (values, epoch) => (values['slow']! > 1 ? [{ about: 'slow', message: `epoch slow in ${epoch}` }] : []),
};

test('each is told once, however its words change', () => {
  const warnings = new Warnings(model);
  expect(warnings.ofStep({ a: 1, b: 1 }, 1)).toEqual([]);
  expect(warnings.ofStep({ a: 2, b: 1 }, 1)).toEqual([{ type: 'warning', about: 'a', message: 'step a 2 in 1' }]);
  expect(told(warnings.ofStep({ a: 3, b: 3 }, 2))).toEqual(['step b 3 in 2']);
});

test('steps and epochs are asked apart, and told of the same thing once between them', () => {
  const warnings = new Warnings(model);
  expect(warnings.ofEpoch({ a: 2, slow: 1 }, 1)).toEqual([]);
  expect(told(warnings.ofEpoch({ a: 2, slow: 2 }, 2))).toEqual(['epoch slow in 2']);
  expect(warnings.ofStep({ slow: 5 }, 3)).toEqual([]);
});

test('a model that warns of nothing', () => {
  const warnings = new Warnings();
  expect([...warnings.ofStep({ a: 9 }, 1), ...warnings.ofEpoch({ a: 9 }, 1)]).toEqual([]);
});
