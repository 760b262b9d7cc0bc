/** The settings and recipes of a model of one's own, as its schema has them. */
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { defineModel, type Model } from '../models/index.ts';
import { ConfigError } from './error.ts';
import { ownModelProblem } from './own-model.ts';
import { resolveConfig } from './resolve.ts';

const own = (config: z.ZodType, rest: Partial<Model> = {}): Model =>
  defineModel({
    name: 'late',
    config,
    build: () => {
      throw new Error('is not built here');
    },
    ...rest,
  });

function refusal(model: Model, set: readonly string[] = []): string {
  try {
    resolveConfig({ model, set });
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('recipes are checked before one is used', () => {
  const schema = z.strictObject({ width: z.int().positive().default(8), depth: z.int() });
  const problem = (small: object): string | undefined =>
    ownModelProblem(own(schema, { recipes: { usual: {}, small } }));

  test.each<[object, string]>([
    [{ model: { widht: 4 } }, 'recipes.small: unknown key "model.widht"; did you mean "model.width"?'],
    [{ model: { width: 'wide' } }, 'recipes.small: model.width: expected number, received string, got "wide".'],
    [{ model: { width: 0 } }, 'recipes.small: model.width: expected number to be >0, got 0.'],
    [{ train: { epoch: 3 } }, 'recipes.small: unknown key "train.epoch"; did you mean "train.epochs"?'],
    [{ data: { standardise: 3 } }, 'recipes.small: data.standardise: '],
  ])('%j', (recipe, says) => {
    expect(problem(recipe)).toContain(says);
    expect(refusal(own(schema, { recipes: { usual: {}, small: recipe } }))).toContain(`model: ${says}`);
  });

  test('one may leave required settings to the call', () => {
    expect(problem({ model: { width: 4 }, train: { epochs: 3 } })).toBeUndefined();
  });
});

describe('a setting without a default', () => {
  const required = own(z.strictObject({ width: z.int().positive(), kind: z.enum(['a', 'b']).default('a') }));

  test('is required, and no other part of the call is blamed', () => {
    expect(refusal(required, ['train.epochs=1'])).toBe(
      'configuration: model.width is required, and has no default: give it when training, as in --set model.width=VALUE (number).',
    );
    expect(resolveConfig({ model: required, set: ['train.epochs=1', 'model.width=3'] }).model['width']).toBe(3);
  });

  test('says its choices', () => {
    const choice = own(z.strictObject({ nested: z.strictObject({ by: z.enum(['sum', 'mean']) }) }));
    expect(refusal(choice, ['train.epochs=1'])).toContain('model.nested is required, and has no default');
    expect(refusal(own(z.strictObject({ by: z.enum(['sum', 'mean']) })))).toContain('(one of sum, mean)');
  });
});

describe('a setting that a run could not be opened with again', () => {
  const says = (key: string, what: string): string =>
    `configuration: model.${key}: a run keeps its settings as JSON, which does not hold ${what}; let the setting be a number, text, `;

  test.each<[string, z.ZodType, string, string]>([
    ['a date', z.date().default(new Date(0)), 'value', 'a Date'],
    ['a function', z.custom<() => number>().default(() => () => 1), 'value', 'a function'],
    ['a bigint', z.bigint().default(3n), 'value', '3 (bigint)'],
    ['no end', z.custom<number>((x) => typeof x === 'number').default(Infinity), 'value', 'Infinity (number)'],
    ['no number', z.custom<number>((x) => typeof x === 'number').default(NaN), 'value', 'NaN (number)'],
    ['a map', z.map(z.string(), z.number()).default(new Map()), 'value', 'a Map'],
    ['a gap', z.array(z.number().optional()).default([1, undefined]), 'value.1', 'a gap in a list'],
  ])('%s', (_, schema, key, what) => {
    expect(refusal(own(z.strictObject({ value: schema })))).toContain(says(key, what));
    expect(
      refusal(own(z.strictObject({ deep: z.strictObject({ value: schema }).prefault({ value: undefined }) }))),
    ).toContain(says(`deep.${key}`, what));
  });

  test.each<[string, z.ZodType, unknown]>([
    ['is refused', z.string().default('3').transform(Number), '3'],
    [
      'changes',
      z
        .number()
        .default(1)
        .transform((x) => x + 1),
      1,
    ],
  ])('since what its schema made of it %s', (_, value) => {
    expect(refusal(own(z.strictObject({ value })))).toBe(
      'configuration: model.value: its schema does not take back what it made of it, as it must when the run is opened; leave conversions to build.',
    );
  });

  test('but what comes back as it was is fine', () => {
    const value = z.union([z.string(), z.null(), z.array(z.number())]).default(null);
    const tidy = z.string().trim().default('text');
    const model = own(z.strictObject({ value, tidy, absent: z.number().optional() }));
    expect(resolveConfig({ model, set: ['model.value=[1, 2]', 'model.tidy=" b "'] }).model).toMatchObject({
      ...{ value: [1, 2], tidy: 'b' },
    });
  });
});
