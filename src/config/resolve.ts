/**
 * Makes one checked configuration of defaults, a recipe, a file and the call; each of these overrides those before it.
 */
import { parse as parseYaml } from 'yaml';
import type * as z from 'zod';
import { isTree, merge, type Tree } from '../json/tree.ts';
import { modelNamed, models, termLeftOutAndWeighed, type Model } from '../models/index.ts';
import { recordedModel } from '../models/own.ts';
import { nearest } from '../text/nearest.ts';
import { checkedRun, partCheck, type Given } from './check.ts';
import { ConfigError, type ConfigSource } from './error.ts';
import { ownModelProblem } from './own-model.ts';
import { firstLine, readPair } from './pair.ts';
import { dataDefaults, datasetDefaults, recipeOf, type Named } from './recipes.ts';
import type { ConfigValues, RunConfig } from './run-config.ts';
import { configVersion, defaultsOf, recipeBefore, valuesBefore, versionProblem } from './version.ts';

/**
 * The sources of a configuration: `file`, `values`, `set` and `options`, of which each overrides those before it. A
 * recipe may be named in any of them, and all of them override the recipe's values.
 */
export interface ConfigSources<M = ConfigValues['model']> {
  /** The text of a YAML or JSON file, and its name for errors. */
  readonly file?: { readonly name: string; readonly text: string };
  /** Configuration keys as an object, as in `{ train: { epochs: 10 } }`. */
  readonly values?: ConfigValues<M>;
  /** `key=value` pairs with dotted keys and YAML values, as in `model.width=64`. */
  readonly set?: readonly string[];
  /** Options of a command that set one dotted `key` each; errors call an option by its `name`. */
  readonly options?: readonly { readonly name: string; readonly key: string; readonly value: unknown }[];
  /** The name of a model of the table, or a model of one's own as `defineModel` returned it. Default: decalign. */
  readonly model?: string | Model;
  /** The name of one of the model's recipes. Default: its first. */
  readonly recipe?: string;
  /** The recipe of what this call goes on with, which it means where it names none and the model has it. */
  readonly recipeBegun?: string | undefined;
  /** The name of the dataset. Default values differ for `synthetic` and `digits`, which have little noise. */
  readonly dataset?: string;
}

/**
 * Resolves all sources to one configuration in which every key has a value. Throws a ConfigError for an unknown key,
 * model or recipe and for a value that the schema refuses; it names the source and the key, and the nearest known name.
 */
export function resolveConfig(sources: ConfigSources): RunConfig;
export function resolveConfig<S extends z.ZodType>(
  sources: ConfigSources<z.input<S>> & { readonly model: Model<S> },
): RunConfig;
export function resolveConfig(sources: ConfigSources<unknown>): RunConfig {
  const trees = treesOf(sources);
  const given = trees.map((one) => {
    checkVersion(one);
    // Without a version a source is of this one: a person, and no release, wrote it.
    return one.tree['version'] === undefined ? one : { ...one, tree: ofThisVersion(one.tree) };
  });
  const named = (path: readonly string[], option: string | undefined): Named | undefined =>
    option === undefined
      ? given.flatMap(({ tree, ...at }) => asName(valueAt(tree, path), at)).at(-1)
      : { name: option, where: `--${path[0]!}`, source: 'call' };
  const model =
    typeof sources.model === 'object' ? ownModel(sources.model) : knownModel(named(['model', 'name'], sources.model));
  const [begun] = [sources.recipeBegun, ...trees.map(({ tree }) => recipeBefore(model.name, tree['version']))]
    .filter((name) => name !== undefined && Object.hasOwn(model.recipes ?? {}, name))
    .flatMap((name) => asName(name, { where: '', source: 'call' }));
  const recipe = recipeOf(model, named(['recipe'], sources.recipe) ?? begun);
  if (sources.model !== undefined) checkNamedOnce(['model', 'name'], model.name, given);
  if (sources.recipe !== undefined) checkNamedOnce(['recipe'], recipe.name, given);
  checkLists(sources);

  // Each source is checked alone before all are merged, so that an error can say in which source the key stands.
  const checkPart = partCheck(model);
  for (const one of given) checkPart({ ...one, tree: withoutNames(one.tree) });
  for (const source of ['file', 'call'] as const) checkTermsGiven(model, source, given);
  const names = { recipe: recipe.name, model: { name: model.name } };
  const dataset = sources.dataset ?? '';
  const own = (model.name === 'decalign' && datasetDefaults[dataset]) || {};
  const merged = [
    dataDefaults[dataset] ?? {},
    own,
    { ...recipe.values },
    ...given.map(({ tree }) => tree),
    names,
  ].reduce(merge, {});
  return checkedRun(model, { tree: merged, where: 'configuration', source: sources.file ? 'file' : 'call' });
}

/**
 * Reads a resolved configuration as a run recorded it. The record holds every value, so neither a recipe nor a dataset
 * adds any; a key that is newer than the record takes its default. Where the record names a model of one's own, that
 * model must be given as `own`: no file is looked for. Throws a ConfigError that says `where` the record stands.
 */
export function recordedConfig(record: Tree, where: string, own?: Model): RunConfig {
  const at = { where, source: 'file' } as const;
  checkVersion({ tree: record, ...at });
  const [name] = asName(valueAt(record, ['model', 'name']), at);
  return checkedRun(modelRecorded(name?.name ?? 'decalign', where, own), {
    tree: merge(valuesBefore, ofThisVersion(record)),
    ...at,
  });
}

function modelRecorded(name: string, where: string, own: Model | undefined): Model {
  try {
    return recordedModel(name, own);
  } catch (error) {
    throw new ConfigError(`${where}: ${(error as Error).message}`, 'file');
  }
}

/**
 * Everything that the sources ask for beyond the defaults, unchanged, as plain JSON; runs record it beside the result.
 */
export function overridesOf({ file, values, set = [], options = [], model, recipe }: ConfigSources<unknown>): Tree {
  return {
    ...(model !== undefined && { model: typeof model === 'object' ? model.name : model }),
    ...(recipe !== undefined && { recipe }),
    ...(file && { file: { name: file.name, values: readTree(file.text, file.name) } }),
    ...(values && { values }),
    set: [...set, ...options.map(({ key, value }) => `${key}=${JSON.stringify(value)}`)],
  };
}

/** A configuration of an earlier version, with the keys by which it means the same in this one. */
const ofThisVersion = (tree: Tree): Tree =>
  [undefined, 1, 2].some((earlier) => tree['version'] === earlier)
    ? merge(defaultsOf(tree['version']), { ...tree, version: configVersion })
    : tree;

function checkVersion({ tree, where, source }: Given): void {
  const problem = versionProblem(tree['version']);
  if (problem !== undefined) throw new ConfigError(`${where}: ${problem}`, source);
}

function treesOf({ file, values, set = [], options = [] }: ConfigSources<unknown>): Given[] {
  return [
    ...(file ? [{ tree: readTree(file.text, file.name), where: file.name, source: 'file' as const }] : []),
    ...(values ? [{ tree: values as Tree, where: 'values', source: 'call' as const }] : []),
    ...set.map((pair) => ({ tree: assignment(pair), where: `--set ${pair}`, source: 'call' as const })),
    ...options.map(({ name, key, value }) => ({ tree: nested(key, value), where: name, source: 'call' as const })),
  ];
}

const asName = (value: unknown, at: Omit<Named, 'name'>): Named[] =>
  typeof value === 'string' ? [{ name: value, ...at }] : [];

/**
 * A tree without its model and recipe names: those are checked already, and a stronger source may have replaced them.
 */
function withoutNames({ recipe, model, ...rest }: Tree): Tree {
  const own = isTree(model) && typeof model['name'] === 'string' ? { ...model, name: undefined } : model;
  return { ...rest, model: own, ...(typeof recipe !== 'string' && { recipe }) };
}

/** The model, if it is what `defineModel` returns; throws a ConfigError if it is not. */
function ownModel(model: Model): Model {
  const problem = ownModelProblem(model);
  if (problem !== undefined) throw new ConfigError(`model: ${problem}`);
  return model;
}

/** The call must not name two models, or two recipes; it may name another than the file. */
function checkNamedOnce(path: readonly string[], name: string, given: readonly Given[]): void {
  for (const { tree, where, source } of given) {
    const also = valueAt(tree, path);
    if (source === 'call' && also !== undefined && also !== name)
      throw new ConfigError(
        `${where}: ${path.join('.')} is ${JSON.stringify(also)} here, and --${path[0]!} says "${name}"; give one of the two.`,
      );
  }
}

/** A list that an option gives would replace the one that --set gives, where both may be meant. */
function checkLists({ set = [], options = [] }: ConfigSources<unknown>): void {
  for (const { name, key, value } of options)
    for (const pair of set) {
      const also = valueAt(assignment(pair), key.split('.'));
      if (Array.isArray(also) && JSON.stringify(also) !== JSON.stringify(value))
        throw new ConfigError(`--set ${pair} and ${name} give ${key} two lists; name all of it in one of them.`);
    }
}

/** A term that the call, or the file, leaves out and yet gives a weight is a slip. One may leave out what the other weighs. */
function checkTermsGiven(model: Model, source: ConfigSource, given: readonly Given[]): void {
  const all = given.filter((one) => one.source === source);
  const settings = all.map(({ tree }) => tree).reduce(merge, {})['model'];
  const term = model.name === 'decalign' ? termLeftOutAndWeighed(settings) : undefined;
  if (term === undefined) return;
  const where = source === 'file' ? all[0]!.where : 'configuration';
  throw new ConfigError(
    `${where}: model.without leaves out ${term}, and model.weights.${term} gives it a weight; give one of the two.`,
    source,
  );
}

function knownModel(given: Named | undefined): Model {
  const { name, where, source } = given ?? { name: 'decalign', where: '', source: 'call' };
  const found = modelNamed(name);
  if (found) return found;
  const known = Object.keys(models);
  const near = nearest(name, known);
  throw new ConfigError(
    `${where}: unknown model "${name}"; ${near ? `did you mean "${near}"?` : `there is ${known.join(', ')}.`}`,
    source,
  );
}

/** The keys of a YAML or JSON file, unchecked. Throws a ConfigError that begins with its name for a text that is neither. */
export function readTree(source: string, name: string): Tree {
  let value: unknown;
  try {
    value = parseYaml(source, { logLevel: 'error' });
  } catch (error) {
    throw new ConfigError(`${name}: not YAML or JSON: ${firstLine(error)}`, 'file');
  }
  if (value === null) return {};
  if (isTree(value)) return value;
  const found = Array.isArray(value) ? 'a list' : JSON.stringify(value).slice(0, 80);
  throw new ConfigError(`${name}: a configuration is a set of keys (data, model, train), not ${found}.`, 'file');
}

/** The tree that a `key=value` pair stands for: `a.b=1` is `{ a: { b: 1 } }`. */
function assignment(pair: string): Tree {
  const { key, value } = readPair(pair, `--set ${pair}`, '--set model.width=64');
  return nested(key, value);
}

const nested = (key: string, value: unknown): Tree =>
  key.split('.').reduceRight<unknown>((inner, name) => ({ [name]: inner }), value) as Tree;

const valueAt = (tree: Tree, path: readonly string[]): unknown =>
  path.reduce<unknown>((at, key) => (isTree(at) && Object.hasOwn(at, key) ? at[key] : undefined), tree);
