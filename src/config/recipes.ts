import { models } from '../models/index.ts';
import { nearest } from '../metrics/nearest.ts';
import { ConfigError } from './error.ts';

type Tree = Readonly<Record<string, unknown>>;

/** What a recipe sets outside the model. */
const beyondModel: Readonly<Record<string, Tree>> = {
  // The authors' optimiser and feature preparation, with the values that suit features other than fine-tuned BERT.
  authors: {
    data: { standardise: ['audio', 'vision'], clipPercentiles: [0.5, 99.5] },
    model: { width: 64, heads: 8, layers: 5, dropout: { attention: 0.1, residual: 0.05, output: 0 } },
    train: {
      epochs: 20,
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

/** The values that a model's recipe stands for; a name that it does not have is an error. */
export function recipeOf(
  model: keyof typeof models,
  name: string | undefined,
): { name: string; values: readonly Tree[] } {
  const known = Object.keys(models[model].recipes);
  const chosen = name ?? known[0]!;
  const values = models[model].recipes[chosen] as Tree | undefined;
  if (!values) {
    const near = nearest(chosen, known);
    throw new ConfigError(
      `Unknown recipe "${chosen}" of ${model}: ${near ? `did you mean "${near}"?` : `it has ${known.join(', ')}.`}`,
    );
  }
  const around = beyondModel[chosen];
  return { name: chosen, values: [{ model: values }, ...(around ? [around] : [])] };
}
