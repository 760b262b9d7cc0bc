/** The keys of a configuration as the schema has them, one by one: for pages and forms. */
import * as z from 'zod';
import { isTree } from '../json/tree.ts';
import type { Model } from '../models/index.ts';
import { runSchema } from './run-config.ts';

/** What a JSON Schema says of one key. */
export interface KeySchema {
  readonly description?: string;
  readonly default?: unknown;
  readonly type?: string;
  readonly const?: string | number | boolean;
  readonly enum?: readonly (string | number | boolean)[];
  readonly anyOf?: readonly KeySchema[];
  readonly properties?: Readonly<Record<string, KeySchema>>;
  readonly additionalProperties?: KeySchema | boolean;
  readonly items?: KeySchema | boolean;
  readonly prefixItems?: readonly KeySchema[];
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly exclusiveMaximum?: number;
}

export interface SchemaKey {
  /** Dotted, from the root. */
  readonly key: string;
  readonly schema: KeySchema;
  /** The value in the configuration that was given, or else the schema's default; undefined where there is none. */
  readonly usual: unknown;
}

/** The keys of a run with `model`, in the order of the schema; `usual` is a configuration whose values are told beside them. */
export function schemaKeys(model: Model, usual: unknown): readonly SchemaKey[] {
  const schema = z.toJSONSchema(runSchema(model), { io: 'input' }) as KeySchema;
  return keysBelow('', schema, usual);
}

function keysBelow(path: string, schema: KeySchema, usual: unknown): readonly SchemaKey[] {
  if (schema.properties)
    return Object.entries(schema.properties).flatMap(([name, part]) =>
      keysBelow(path === '' ? name : `${path}.${name}`, part, isTree(usual) ? usual[name] : undefined),
    );
  return [{ key: path, schema, usual: usual ?? schema.default }];
}
