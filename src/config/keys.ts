/** The keys of a configuration by their dotted names, for options of commands that set one key each. */
import * as z from 'zod';
import { models, type ModelName } from '../models/index.ts';
import { modelNames, runSchema, type ConfigValues } from './run-config.ts';

/**
 * A dotted key of the configuration's schema, as in `train.epochs`. Below `model.` it is a key of any of the models.
 */
export type ConfigKey = KeysOf<ConfigValues>;

type KeysOf<T> = T extends readonly unknown[]
  ? never
  : T extends object
    ? { [K in keyof T & string]-?: K | `${K}.${KeysOf<NonNullable<T[K]>>}` }[keyof T & string]
    : never;

/** The schema's description of a key, after the key's choices if it has any; from the first model that has the key. */
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

/** The JSON Schema of a run with a model, made once for each model: making one takes some milliseconds. */
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

/** The texts as one, as in `a, b or c`. */
const alternatives = (all: readonly string[]): string => `${all.slice(0, -1).join(', ')} or ${all.at(-1)!}`;
