import type { Model, Recipe } from '../models/index.ts';
import { nearest } from '../text/nearest.ts';
import { ConfigError, type ConfigSource } from './error.ts';

/** A name that was given, and where. */
export interface Named {
  readonly name: string;
  readonly where: string;
  readonly source: ConfigSource;
}

type Tree = Readonly<Record<string, unknown>>;

/**
 * Defaults are chosen for small sets of noisy real features, which need strong dropout. The embedded dataset has
 * little noise, and would be underfitted by them.
 */
export const datasetDefaults: Readonly<Record<string, Tree>> = {
  synthetic: { model: { width: 32, dropout: { input: 0, residual: 0.1, output: 0.1 } } },
};

/** The recipe of a model that has none of its own: its schema's defaults. */
const noRecipes: NonNullable<Model['recipes']> = { default: {} };

/** The values that a model's recipe stands for; a name that it does not have is an error. */
export function recipeOf(
  { name: model, recipes = noRecipes }: Model,
  given: Named | undefined,
): { readonly name: string; readonly values: Recipe } {
  const known = new Map(Object.entries(Object.keys(recipes).length > 0 ? recipes : noRecipes));
  const names = [...known.keys()];
  const { name, where, source } = given ?? { name: names[0]!, where: '', source: 'call' };
  const values = known.get(name);
  if (values) return { name, values };
  const near = nearest(name, names);
  throw new ConfigError(
    `${where}: unknown recipe "${name}" of ${model}; ${near ? `did you mean "${near}"?` : `it has ${names.join(', ')}.`}`,
    source,
  );
}
