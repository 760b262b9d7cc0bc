/** Keys of a configuration by their dotted names, for whoever offers one under a name of its own. */
import * as z from 'zod';
import { models, type ModelName } from '../models/index.ts';
import { modelNames, runSchema, type ConfigValues } from './run-config.ts';

/** Any key that the schema has, as in `train.epochs`; of `model`, the keys of every model. */
export type ConfigKey = KeysOf<ConfigValues>;

type KeysOf<T> = T extends readonly unknown[]
  ? never
  : T extends object
    ? { [K in keyof T & string]-?: K | `${K}.${KeysOf<NonNullable<T[K]>>}` }[keyof T & string]
    : never;

/** What the schema says of a key, its choices first where it has some. Of several models with the key, the first. */
export function describeKey(key: ConfigKey): string {
  for (const name of modelNames) {
    const found = schemaAt(jsonSchema(name), key.split('.'));
    if (found?.description === undefined) continue;
    if (!found.enum) return found.description;
    const choices = found.enum.map((choice) => (choice === found.default ? `${choice} (default)` : String(choice)));
    return `${alternatives(choices)}: ${found.description}`;
  }
  throw new RangeError(`The schema describes no key "${key}".`);
}

const schemas = new Map<ModelName, z.core.JSONSchema.BaseSchema>();

/** Made once for a model: it takes some milliseconds. */
function jsonSchema(model: ModelName): z.core.JSONSchema.BaseSchema {
  const schema = schemas.get(model) ?? z.toJSONSchema(runSchema(models[model]), { io: 'input' });
  schemas.set(model, schema);
  return schema;
}

function schemaAt(
  schema: z.core.JSONSchema._JSONSchema | undefined,
  path: readonly string[],
): z.core.JSONSchema.BaseSchema | undefined {
  if (typeof schema !== 'object') return undefined;
  const [name, ...below] = path;
  return name === undefined ? schema : schemaAt(schema.properties?.[name], below);
}

/** `a, b or c`. */
const alternatives = (all: readonly string[]): string => `${all.slice(0, -1).join(', ')} or ${all.at(-1)!}`;
