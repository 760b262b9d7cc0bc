/** What the form sends, and what comes back where nothing was started. */
import { isTree } from '../../../json/tree.ts';
import type { FormKey, StartErrors, StartForm, StartRequest } from '../../../server/ui/api/start.ts';
import { AnswerError } from '../api.ts';

/** What was typed, by the names of fields; those of keys are their dotted names. It stays when another model is chosen. */
export type Typed = Readonly<Record<string, string>>;

/** The text of a field; empty where nothing was typed, or for another model what this one has not. */
export function textIn(typed: Typed, { key, type, choices }: Pick<FormKey, 'key' | 'type' | 'choices'>): string {
  const text = typed[key] ?? '';
  const offered = type === 'switch' ? ['true', 'false'] : choices;
  return offered && !offered.includes(text) ? '' : text;
}

/** The recipe that was chosen, where the model has it. */
export const recipeIn = (typed: Typed, recipes: StartForm['recipes']): string =>
  recipes.find((name) => name === typed['#recipe']) ?? '';

export const dataIn = (typed: Typed, data: StartForm['data']): StartForm['data'][number] | undefined =>
  data.find(({ name }) => name === typed['#data']) ?? data[0];

/** Keys that were left as they are are not sent. */
export function requestOf({ model, data, recipes, keys }: StartForm, typed: Typed): StartRequest {
  const recipe = recipeIn(typed, recipes);
  const [seed = '', name = ''] = [typed['#seed']?.trim(), typed['#name']?.trim()];
  const values = keys.flatMap((each) => {
    const text = textIn(typed, each).trim();
    return text === '' || text === each.usual ? [] : [[each.key, text] as const];
  });
  return {
    ...{ model, data: dataIn(typed, data)?.name ?? '', values: Object.fromEntries(values) },
    ...(recipe !== '' && { recipe }),
    ...(seed !== '' && { seed }),
    ...(name !== '' && { name }),
  };
}

/** What the server says of each key, or the error as a whole. */
export function problemsOf(error: unknown): StartErrors['errors'] {
  if (!(error instanceof AnswerError)) return [{ message: String(error) }];
  const told = isTree(error.answer) && Array.isArray(error.answer['errors']) ? error.answer['errors'] : [];
  const problems = told.flatMap((each: unknown) => {
    if (!isTree(each) || typeof each['message'] !== 'string') return [];
    return [{ message: each['message'], ...(typeof each['key'] === 'string' && { key: each['key'] }) }];
  });
  return problems.length > 0 ? problems : [{ message: error.message }];
}
