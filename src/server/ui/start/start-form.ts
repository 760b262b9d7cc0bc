/** The form that starts a run, made from the schema of the configuration. */
import { ConfigError, resolveConfig } from '../../../config/index.ts';
import { schemaKeys, type KeySchema, type SchemaKey } from '../../../config/schema-keys.ts';
import { isMade, madeNames } from '../../../data/datasets/made.ts';
import { modelNamed, models, titleOf, type Model } from '../../../models/index.ts';
import type { FormKey, StartErrors, StartForm, StartRequest } from '../api/start.ts';
import { baseOf } from '../data-of-run.ts';
import { nameError, ofField, seedError } from './field-errors.ts';

/** What the form has fields of its own for, and what names places of this machine, which no page may. */
const left: ReadonlySet<string> = new Set(['version', 'recipe', 'model.name', 'text.bert.path', 'text.bert.cache']);

export interface FormAsked {
  readonly model: string;
  readonly recipe?: string | undefined;
  readonly data?: string | undefined;
}

/** The form of a model; `files` are data that may be named. Throws a ConfigError for a model or a recipe that there is not. */
export function startForm({ model, recipe, data }: FormAsked, files: readonly string[]): StartForm {
  const dataset = data !== undefined && isMade(data) ? { dataset: data } : {};
  const usual = resolveConfig({ model, ...(recipe !== undefined && { recipe }), ...dataset });
  const found = modelOf(model);
  return {
    model,
    models: Object.keys(models).map((name) => ({ name, title: titleOf(name) })),
    recipes: Object.keys(found.recipes ?? {}),
    data: [
      ...madeNames.map((name) => ({ name, help: 'a dataset that is made' })),
      ...files.map((file) => ({ name: baseOf(file), help: 'a file that --data names' })),
    ],
    keys: keysOf(found, usual)
      .filter(({ key }) => isOfData(key, data))
      .map(formKey),
  };
}

/** `resolveConfig` refuses a model that there is not. */
const modelOf = (name: string): Model => modelNamed(name)!;

const keysOf = (model: Model, usual: unknown): readonly SchemaKey[] =>
  schemaKeys(model, usual).filter(({ key }) => !left.has(key));

/** Keys of the one dataset that is made say nothing of other data. */
const isOfData = (key: string, data: string | undefined): boolean =>
  data === undefined || madeNames.every((name) => name === data || !key.startsWith(`data.${name}.`));

function formKey({ key, schema, usual }: SchemaKey): FormKey {
  const { minimum, maximum } = schema;
  return {
    ...{ key, help: schema.description ?? '', type: typeOf(schema) },
    ...(schema.enum && { choices: schema.enum.map(String) }),
    ...(usual !== undefined && { usual: typeof usual === 'string' ? usual : JSON.stringify(usual) }),
    ...(isBound(minimum) && { least: minimum }),
    ...(isBound(maximum) && { most: maximum }),
  };
}

/** The limits of a double are none. */
const isBound = (bound: number | undefined): boolean =>
  bound !== undefined && Math.abs(bound) < Number.MAX_SAFE_INTEGER;

function typeOf({ enum: choices, type }: KeySchema): FormKey['type'] {
  if (choices) return 'choice';
  if (type === 'boolean') return 'switch';
  if (type === 'integer' || type === 'number') return type;
  return type === 'string' ? 'text' : 'json';
}

/** What is wrong with a request; undefined where nothing is. */
export function startErrors({ model, recipe, data, seed = '1', name, values }: StartRequest): StartErrors | undefined {
  const sources = {
    model,
    ...(recipe !== undefined && { recipe }),
    ...(isMade(data) && { dataset: data }),
  };
  const whole = messageOf(() => resolveConfig(sources));
  if (whole !== undefined) return { error: whole, errors: [{ message: whole }] };
  const known = new Set(keysOf(modelOf(model), undefined).map(({ key }) => key));
  const about = (key: string, message: string | undefined): readonly FieldError[] =>
    message === undefined ? [] : [{ key, message }];
  const errors = [
    ...about('seed', seedError(seed)),
    ...about('name', name === undefined ? undefined : nameError(name)),
    ...Object.entries(values).flatMap(([key, text]): readonly FieldError[] => {
      const pair = `${key}=${text}`;
      const refused = messageOf(() => resolveConfig({ ...sources, set: [pair] }));
      if (known.has(key)) return about(key, refused && ofField(refused, pair));
      // A key above those of the form, such as `text`, could hold what is left out of it.
      return [{ message: refused ?? `"${key}" is not set from a page: use decalign train.` }];
    }),
  ];
  // Values may be right one by one and not together.
  const together = messageOf(() => resolveConfig({ ...sources, set: settingsOf(values) }));
  const all = errors.length === 0 && together !== undefined ? [{ message: together }] : errors;
  return all.length === 0 ? undefined : errorsOf(all);
}

type FieldError = StartErrors['errors'][number];

/** The first stands for all where one line is wanted. */
export function errorsOf(errors: readonly FieldError[]): StartErrors {
  const { key, message } = errors[0]!;
  return { error: key === undefined ? message : `${key}: ${message}`, errors };
}

/** The values of a form as pairs of `--set`. */
export const settingsOf = (values: StartRequest['values']): readonly string[] =>
  Object.entries(values).map(([key, text]) => `${key}=${text}`);

function messageOf(check: () => unknown): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
}
