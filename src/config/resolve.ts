/** From defaults, a recipe, a file and the command line to one checked configuration. Later ones win. */
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { nearest } from '../metrics/nearest.ts';
import { models, type ModelName } from '../models/index.ts';
import { ConfigError, explain } from './error.ts';
import { recipeOf } from './recipes.ts';
import { runSchema, type RunConfig } from './run-config.ts';

type Tree = Readonly<Record<string, unknown>>;

export interface ConfigSources {
  /** The text of a YAML or JSON file, and its name for errors. */
  readonly file?: { readonly name: string; readonly text: string };
  readonly model?: string;
  readonly recipe?: string;
  /** `key=value` pairs with dotted keys; values are YAML. */
  readonly set?: readonly string[];
}

/** One resolved configuration; a ConfigError names the source, the key and the nearest known one. */
export function resolveConfig({ file, model, recipe, set = [] }: ConfigSources): RunConfig {
  const fromFile = file ? readTree(file.text, file.name) : {};
  const assigned = set.map((pair) => assignment(pair));
  const given = [fromFile, ...assigned].reduce(merge, {});
  const name = modelNamed(model ?? text(property(property(given, 'model'), 'name')) ?? 'decalign');
  const chosen = recipeOf(name, recipe ?? text(property(given, 'recipe')));
  const schema = runSchema(models[name]);
  const json = z.toJSONSchema(schema, { io: 'input' });

  // Each source is checked by itself first, so that an error can say where the key stands.
  if (file) check(schema, json, fromFile, file.name, 'file');
  for (const [i, tree] of assigned.entries()) check(schema, json, tree, `--set ${set[i]!}`, 'call');

  const merged = [...chosen.values, given, { recipe: chosen.name, model: { name } }].reduce(merge, {});
  const parsed = check(schema, json, merged, file?.name ?? 'configuration', file ? 'file' : 'call');
  return parsed as RunConfig;
}

function check(schema: z.ZodType, json: unknown, tree: Tree, where: string, source: 'file' | 'call'): unknown {
  const parsed = schema.safeParse(tree);
  if (parsed.success) return parsed.data;
  throw explain(parsed.error, json, where, source);
}

function modelNamed(name: string): ModelName {
  const known = Object.keys(models);
  if (name in models) return name as ModelName;
  const near = nearest(name, known);
  throw new ConfigError(
    `Unknown model "${name}": ${near ? `did you mean "${near}"?` : `there is ${known.join(', ')}.`}`,
  );
}

function readTree(source: string, name: string): Tree {
  let value: unknown;
  try {
    value = parseYaml(source);
  } catch (error) {
    throw new ConfigError(`${name}: not YAML or JSON: ${(error as Error).message.split('\n')[0]!}`, 'file');
  }
  if (value === null) return {};
  if (!isTree(value))
    throw new ConfigError(
      `${name}: a configuration is a set of keys (data, model, train), not ${Array.isArray(value) ? 'a list' : JSON.stringify(value)}.`,
    );
  return value;
}

/** `a.b=1` as `{ a: { b: 1 } }`. */
function assignment(pair: string): Tree {
  const equals = pair.indexOf('=');
  if (equals < 1) throw new ConfigError(`--set ${pair}: write key=value, as in --set model.width=64.`);
  const value: unknown = parseYaml(pair.slice(equals + 1));
  return pair
    .slice(0, equals)
    .split('.')
    .reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as Tree;
}

/** `b` over `a`, object by object; lists and scalars are replaced whole. */
function merge(a: Tree, b: Tree): Tree {
  const merged: Record<string, unknown> = { ...a };
  for (const [key, value] of Object.entries(b)) {
    const below = merged[key];
    merged[key] = isTree(below) && isTree(value) ? merge(below, value) : value;
  }
  return merged;
}

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);
const property = (value: unknown, key: string): unknown => (isTree(value) ? value[key] : undefined);
const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
