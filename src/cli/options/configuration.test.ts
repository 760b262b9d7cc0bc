import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { resolveConfig, runSchema } from '../../config/index.ts';
import type { ConfigKey } from '../../config/keys.ts';
import { models } from '../../models/index.ts';
import { configOptions, keyOptions, keysGiven, sourcesOf } from './configuration.ts';
import { nameOf, type CliOption } from './option.ts';

type Schema = z.core.JSONSchema.BaseSchema;
type At = Schema | z.core.JSONSchema._JSONSchema | undefined;

const at = (value: unknown, key: string): unknown =>
  key.split('.').reduce<unknown>((inner, name) => (inner as Record<string, unknown> | undefined)?.[name], value);

/** A text for a key of this schema, of a value that is not the key's default. */
function sample(schema: At): string {
  const { type, enum: choices, items, default: usual } = schema as Schema;
  if (choices) return String(choices.find((choice) => choice !== usual));
  if (type === 'array') return sample(items as At);
  return type === 'integer' ? '3' : type === 'number' ? '0.25' : 'something';
}

describe.each(Object.values(keyOptions).map((option) => [option.flag, option] as const))('%s', (flag, option) => {
  const { key, help, parse = (text: string) => text }: Pick<CliOption, 'help' | 'parse'> & { key: ConfigKey } = option;

  test('sets its key', () => {
    const schema = at(
      z.toJSONSchema(runSchema(models.decalign), { io: 'input' }),
      `properties.${key.replace('.', '.properties.')}`,
    );
    const text = sample(schema as At);
    const value = parse(text);
    const sources = sourcesOf({ [nameOf(flag)]: value });
    expect(sources.options).toEqual([{ name: `${flag.split(' ')[0]!} ${text}`, key, value }]);
    expect(at(resolveConfig(sources), key)).toEqual(value);
    expect(at(resolveConfig({}), key)).not.toEqual(value);
  });

  test('is named like its key, and has a help text', () => {
    expect(nameOf(flag)).toBe(key.replace(/.*\./, ''));
    expect(help).not.toBe('');
  });
});

test('a key that the schema does not have is refused by the compiler', () => {
  // @ts-expect-error: "accumulat" is none of the keys of train.
  const key: ConfigKey = 'train.accumulat';
  const of: ConfigKey[] = ['train.accumulate', 'data.group', 'text.bert.path', 'model.width', 'model.name', 'recipe'];
  expect(of).not.toContain(key);
});

test('a choice of the schema stands in the help, with the default marked', () => {
  expect(keyOptions.task.help).toBe(
    'regression, classification, multilabel or multitarget: which labels to read; default: what the file holds',
  );
  expect(keyOptions.onNonfinite.help).toMatch(/^stop \(default\), skip or lower-lr: /);
  expect(keyOptions.epochs.help).toBe('passes over the training split at most; those of pretraining come besides');
});

test('no two options that decide a configuration have the same name', () => {
  const names = configOptions.map(({ flag }) => nameOf(flag));
  expect(new Set(names).size).toBe(names.length);
});

test('a command may take some of the options; its other options set no key', () => {
  const given = { epochs: 2, seeds: [1, 2], out: 'runs/a' };
  expect(keysGiven(given)).toEqual([{ name: '--epochs 2', key: 'train.epochs', value: 2 }]);
});
