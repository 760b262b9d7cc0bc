import { models, type Model, type Recipe } from '../models/index.ts';
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

/** The values that a model's recipe stands for; a name that it does not have is an error. */
export function recipeOf(
  model: keyof typeof models,
  given: Named | undefined,
): { readonly name: string; readonly values: Recipe } {
  const { recipes }: Model = models[model];
  const known = Object.keys(recipes);
  const { name, where, source } = given ?? { name: known[0]!, where: '', source: 'call' };
  if (!known.includes(name)) {
    const near = nearest(name, known);
    throw new ConfigError(
      `${where}: unknown recipe "${name}" of ${model}; ${near ? `did you mean "${near}"?` : `it has ${known.join(', ')}.`}`,
      source,
    );
  }
  return { name, values: recipes[name]! };
}
