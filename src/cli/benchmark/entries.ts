/**
 * The entries of a benchmark (models and references), as `--models` names them, and the settings that `--set` gives
 * them.
 */
import {
  isOfData,
  referenceNames,
  whyNot,
  type BenchmarkData,
  type Entry,
  type Given,
  type ModelEntry,
} from '../../experiments/benchmark/entries.ts';
import { recipeOf } from '../../config/index.ts';
import { models, type Model } from '../../models/index.ts';
import { nearest } from '../../text/nearest.ts';
import { modelFrom } from '../options/own-model.ts';
import { UsageError } from '../usage-error.ts';
import { pairOfEntry, variantNamed, type NamedVariant } from './variants.ts';

/** The names that `--models` takes, besides paths. */
const known = [...referenceNames, ...Object.keys(models)];

/**
 * The entries that `--models` names, each once and in that order, and then those of configuration files; "all" is every model
 * and reference, a path a model's file.
 */
export async function entriesNamed(
  names: readonly string[],
  { files = [], flag = '--models' }: { readonly files?: readonly ModelEntry[]; readonly flag?: string } = {},
): Promise<Entry[]> {
  const wanted = [...new Set(names.flatMap((name) => (name === 'all' ? known : [name])))];
  if (wanted.length === 0) throw new UsageError('--models names none; leave it out for all.');
  const entries: Entry[] = [];
  for (const name of wanted) entries.push(await entryNamed(name, flag));
  entries.push(...files);
  checkNames(entries);
  return entries;
}

/** The entries that the data is for: of those that "all" stands for, some are left out, with a line that says why. */
export function takingPart(
  entries: readonly Entry[],
  {
    names,
    data,
  }: { readonly names: readonly string[]; readonly data: readonly Pick<BenchmarkData, 'task' | 'source'>[] },
): { readonly entries: readonly Entry[]; readonly notes: readonly string[] } {
  // One that is named is refused with its reason (`checkPlan`).
  const isNamed = (entry: Entry): boolean =>
    names.includes(entry.id) || (entry.reference === undefined && entry.variant !== undefined);
  const isLeftOut = (entry: Entry): boolean => !isNamed(entry) && whyNot(entry, data) !== undefined;
  return {
    entries: entries.filter((entry) => !isLeftOut(entry)),
    notes: entries.filter(isLeftOut).map((entry) => `${whyNot(entry, data)!}: it is left out`),
  };
}

async function entryNamed(name: string, flag = '--models'): Promise<Entry> {
  const variant = variantNamed(name);
  if (variant) return variantEntry(variant);
  const reference = referenceNames.find((candidate) => candidate === name);
  if (reference) return { id: reference, reference };
  // The recipe follows the "@" after the ending and has no slash: folders may have an "@" in their names too.
  const [, file, fileRecipe] = /^(.*\.[cm]?[jt]s)@([^/\\]+)$/.exec(name) ?? [undefined, name];
  const own = await modelFrom(file);
  const where = `${flag} ${name}`;
  if (own) return entry(own.model, { recipe: fileRecipe, where }, { ...own, file });
  const [, named = '', recipe] = /^([^@]*)(?:@(.*))?$/s.exec(name) ?? [];
  const model = Object.entries(models).find(([key]) => key === named)?.[1];
  if (model) return entry(model, { recipe, where });
  if (referenceNames.some((candidate) => candidate === named))
    throw new UsageError(`${where}: ${named} is a reference and has no recipes; leave out "@${recipe}".`);
  const near = nearest(named, known);
  throw new UsageError(
    `${where}: unknown model "${named}"; ${near === undefined ? `there are ${known.join(', ')}.` : `did you mean "${near}"?`}`,
  );
}

/** The entry of a variant: that of its model, with the settings of its own. */
async function variantEntry({ base, variant, recipe }: NamedVariant): Promise<ModelEntry> {
  const plain = await entryNamed(recipe === undefined ? base : `${base}@${recipe}`);
  if (plain.reference !== undefined)
    throw new UsageError(`--models ${base}:${variant.name}: ${base} is a reference and has no settings.`);
  const id = recipe === undefined ? plain.id : plain.id.slice(0, -`@${recipe}`.length);
  return { ...plain, id: `${id}:${variant.name}`, variant };
}

/** The entry of a model by its own recipe or the one named. Throws a ConfigError for one that the model has not. */
function entry(
  model: Model,
  { recipe, where }: { readonly recipe: string | undefined; readonly where: string },
  own?: ModelEntry['own'],
): ModelEntry {
  const { name } = model;
  if (recipe === undefined) return { id: name, model: name, ...(own && { own }) };
  recipeOf(model, { name: recipe, where, source: 'call' });
  return { id: `${name}@${recipe}`, model: name, recipe, ...(own && { own }) };
}

/** Refuses entries of the same name: tables, folders and settings tell entries apart by name. */
function checkNames(entries: readonly Entry[]): void {
  const namedBy = new Map<string, string>();
  for (const each of entries) {
    if (each.reference !== undefined) continue;
    const { id, own } = each;
    const as = own?.file ?? each.variant?.file?.name ?? id;
    const before = namedBy.get(id);
    if (before === as) throw new UsageError(`--models: two variants are called "${id}"; rename one.`);
    if (before !== undefined)
      throw new UsageError(`--models: ${before} and ${as} are both called "${id}"; rename one.`);
    namedBy.set(id, as);
  }
}

/**
 * The settings of `--set`: `key=value` for all models, or `MODEL:key=value` for one, which is named by its entry or its
 * file.
 */
export function settingsOf(pairs: readonly string[], entries: readonly Entry[]): Given['set'] {
  const byName = new Map(
    entries.flatMap((each) => {
      if (each.reference !== undefined) return [];
      const { id, model, own } = each;
      return [id, ...(own ? [`${own.file}${id.slice(model.length)}`] : [])].map((name) => [name, id] as const);
    }),
  );
  return pairs.map((text) => {
    const found = pairOfEntry(text, byName);
    if (found === undefined) return { pair: text };
    if ('pair' in found) {
      if (isOfData(found.pair)) throw new UsageError(`--set ${text}: data and text keys are the same for all models.`);
      return { entry: found.id, pair: found.pair };
    }
    const names = [...byName.keys()];
    if (names.length === 0)
      throw new UsageError(`--set ${text}: only references take part, and they have no settings.`);
    throw new UsageError(
      `--set ${text}: no model "${found.unknown}" takes part; ${found.near === undefined ? `there are ${names.join(', ')}.` : `did you mean "${found.near}"?`}`,
    );
  });
}
