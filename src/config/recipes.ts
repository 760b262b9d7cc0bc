import type { Model, Recipe } from '../models/index.ts';
import { nearest } from '../text/nearest.ts';
import { ConfigError, type ConfigSource } from './error.ts';

/** The name of a model or recipe, and the source that gives it. */
export interface Named {
  readonly name: string;
  readonly where: string;
  readonly source: ConfigSource;
}

type Tree = Readonly<Record<string, unknown>>;

const littleNoise: Tree = { model: { width: 32, dropout: { input: 0, residual: 0.1, output: 0.1 } } };

/**
 * DecAlign's default values for some datasets, by the dataset's name. The schema's defaults are chosen for small sets
 * of noisy real features, which need strong dropout; `synthetic` and `digits` have little noise, and they would underfit
 * them.
 */
export const datasetDefaults: Readonly<Record<string, Tree>> = {
  synthetic: littleNoise,
  digits: littleNoise,
};

/**
 * Default values for some datasets whatever the model. Pixels of `digits` stay as they are, ink 1 and paper 0: one at the edge
 * that has ink in a single training image would be scaled by the hundred.
 */
export const dataDefaults: Readonly<Record<string, Tree>> = { digits: { data: { standardise: 'none' } } };

/** The recipes of a model that defines none: one, `default`, which leaves the model's schema to fill in all values. */
const noRecipes: NonNullable<Model['recipes']> = { default: {} };

/**
 * The recipe of a model with the name given, or its first one. Throws a ConfigError for a name that the model has not.
 */
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
