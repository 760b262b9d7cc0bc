import { models } from '../models/index.ts';
import { nearest } from '../text/nearest.ts';
import { ConfigError, type ConfigSource } from './error.ts';

/** A name that was given, and where. */
export interface Named {
  readonly name: string;
  readonly where: string;
  readonly source: ConfigSource;
}

type Tree = Readonly<Record<string, unknown>>;

/** What a recipe sets outside the model. */
const beyondModel: Readonly<Record<string, Tree>> = {
  // The authors' optimiser and feature preparation, with the values that suit features other than fine-tuned BERT.
  authors: {
    data: { standardise: ['audio', 'vision'], clipPercentiles: [0.5, 99.5] },
    model: {
      width: 64,
      heads: 8,
      layers: 5,
      dropout: { input: 0, embedding: 0.1, attention: 0.1, relu: 0.1, residual: 0.05, output: 0 },
    },
    train: {
      epochs: 20,
      average: 0,
      lastBatch: 'short',
      learningRate: 5e-4,
      weightDecay: 0.005,
      decay: 'l2',
      clip: 0.6,
      patience: 6,
      schedule: { kind: 'plateau', warmup: 0, patience: 5, factor: 0.1 },
    },
  },
};

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
): { readonly name: string; readonly values: readonly Tree[] } {
  const recipes: Readonly<Record<string, Tree>> = models[model].recipes;
  const known = Object.keys(recipes);
  const { name, where, source } = given ?? { name: known[0]!, where: '', source: 'call' };
  if (!known.includes(name)) {
    const near = nearest(name, known);
    throw new ConfigError(
      `${where}: unknown recipe "${name}" of ${model}; ${near ? `did you mean "${near}"?` : `it has ${known.join(', ')}.`}`,
      source,
    );
  }
  const around = beyondModel[name];
  return { name, values: [{ model: recipes[name] }, ...(around ? [around] : [])] };
}
