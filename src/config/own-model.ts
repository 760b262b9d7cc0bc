import type { Model } from '../models/index.ts';
import { modelProblem } from '../models/own.ts';
import { partCheck } from './check.ts';
import { ConfigError } from './error.ts';

/** In one line what keeps a value from being used as a model, its recipes among it; undefined where nothing does. */
export function ownModelProblem(value: unknown): string | undefined {
  const problem = modelProblem(value);
  if (problem !== undefined) return problem.endsWith('?') ? problem : `${problem}.`;
  const model = value as Model;
  const check = partCheck(model);
  for (const [name, recipe] of Object.entries(model.recipes ?? {}))
    try {
      check({ tree: { ...recipe }, where: `recipes.${name}`, source: 'call' });
    } catch (error) {
      if (error instanceof ConfigError) return error.message;
      throw error;
    }
  return undefined;
}
