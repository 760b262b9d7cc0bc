/** Variants of models: `decalign:wide=model.width=64,model.layers=2` among the names of `--models`, and files of `--config`. */
import path from 'node:path';
import { readPair, readTree, resolveConfig } from '../../config/index.ts';
import { isOfData, type ModelEntry, type Variant } from '../../experiments/benchmark/entries.ts';
import { readText } from '../../files/read.ts';
import { isTree } from '../../json/tree.ts';
import { nearest } from '../../text/nearest.ts';
import { list, namesAndPaths } from '../options/parse.ts';
import { UsageError } from '../usage-error.ts';

const asVariant = /^(.+?):([a-z0-9][\w.-]*)=(.*)$/is;
const asSetting = /^[a-z][\w.]*=/i;

/**
 * Parses a list of names and paths with commas between, in which settings that follow a variant are its own, and commas
 * within brackets divide nothing: `decalign:wide=model.width=64,model.layers=2,mult` is two names.
 */
export function entryNames(text: string): string[] {
  const found: string[] = [];
  for (const part of namesAndPaths(text)) {
    const before = found.at(-1);
    const isOpen = before !== undefined && (before.match(/[[{]/g)?.length ?? 0) > (before.match(/[\]}]/g)?.length ?? 0);
    if (before !== undefined && asVariant.test(before) && (isOpen || asSetting.test(part)))
      found[found.length - 1] = `${before},${part}`;
    else found.push(part);
  }
  return found;
}

/** A variant as it is named: its model, with the recipe that follows an `@`, and what it differs by. */
export interface NamedVariant {
  readonly base: string;
  readonly variant: Variant;
  /** The recipe that is among its settings. */
  readonly recipe?: string;
}

/** Reads `MODEL:NAME=SETTINGS`; undefined for a name without settings. Throws a UsageError for settings that cannot be read. */
export function variantNamed(text: string): NamedVariant | undefined {
  const [, base, name, given] = asVariant.exec(text) ?? [];
  if (base === undefined || name === undefined || given === undefined) return undefined;
  const where = `--models ${base}:${name}`;
  const settings: NonNullable<Variant['settings']>[number][] = [];
  const without: string[] = [];
  let recipe: string | undefined;
  for (const pair of divided(given)) {
    if (pair.startsWith('recipe=')) {
      if (recipe !== undefined || base.includes('@'))
        throw new UsageError(`${where}: it has two recipes, of which it can have one.`);
      recipe = pair.slice('recipe='.length);
    } else if (pair.startsWith('without=')) {
      without.push(...list(pair.slice('without='.length).replaceAll(/^\[|\]$/g, '')));
    } else {
      if (isOfData(pair)) throw new UsageError(`${where}: ${pair}: data and text keys are the same for all models.`);
      settings.push({ name: `${where}=${pair}`, ...readPair(pair, where, `${base}:${name}=model.width=64`) });
    }
  }
  if (settings.length === 0 && without.length === 0 && recipe === undefined)
    throw new UsageError(`${where}: give it settings, as in ${base}:${name}=model.width=64,model.layers=2.`);
  return {
    base,
    variant: { name, ...(settings.length > 0 && { settings }), ...(without.length > 0 && { without }) },
    ...(recipe !== undefined && { recipe }),
  };
}

/** A list with commas between, one by one: commas within brackets are part of a value. */
export function divided(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  for (const piece of text.split(/(,)/)) {
    if (piece === ',' && depth === 0) parts.push('');
    else parts.push((parts.pop() ?? '') + piece);
    depth += (piece.match(/[[{]/g)?.length ?? 0) - (piece.match(/[\]}]/g)?.length ?? 0);
  }
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

/**
 * The variant that a configuration file is, named after the file, of the model that it names; and the keys of data and text in
 * it, which are not taken: they are the same for all models. Throws a ConfigError for a file that is no configuration.
 */
export function variantOfFile(file: string): { readonly entry: ModelEntry; readonly left: readonly string[] } {
  const text = readText(file);
  const { model, recipe } = resolveConfig({ file: { name: file, text } });
  const { data, text: texts, ...values } = readTree(text, file);
  const name = path.parse(file).name.replaceAll(/[^\w.-]+/g, '_');
  const left = Object.entries({ data, text: texts }).flatMap(([key, below]) =>
    isTree(below) ? Object.keys(below).map((each) => `${key}.${each}`) : [],
  );
  return {
    entry: { id: `${model.name}:${name}`, model: model.name, recipe, variant: { name, file: { name: file, values } } },
    left,
  };
}

/** The id of the entry that `--set ID:key=value` names, and the pair; ids of variants have a colon themselves. */
export function pairOfEntry(
  text: string,
  ids: ReadonlyMap<string, string>,
): { readonly id: string; readonly pair: string } | { readonly unknown: string; readonly near?: string } | undefined {
  const known = [...ids.keys()].filter((name) => text.startsWith(`${name}:`)).sort((a, b) => b.length - a.length)[0];
  if (known !== undefined && /^[^=:]+(=|$)/.test(text.slice(known.length + 1)))
    return { id: ids.get(known)!, pair: text.slice(known.length + 1) };
  const [, named] = /^([^=]+):[^=:]*=/s.exec(text) ?? [];
  if (named === undefined) return undefined;
  const near = nearest(named, ids.keys());
  return { unknown: named, ...(near !== undefined && { near }) };
}
