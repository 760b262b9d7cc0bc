/** A model of one's own: it is handed over as a value, so whatever a program or a file may hold is checked first. */
import * as z from 'zod';
import { nearest } from '../text/nearest.ts';
import { modelNamed, models, type Model } from './index.ts';

/** Simple predictors that stand beside models in lists and tables, in table order; no model is called so. */
export const referenceNames = ['majority', 'ridge', 'best-modality', 'late-fusion'] as const;

const called = (value: unknown): boolean => typeof value === 'function';
const values = z.record(z.string(), z.unknown(), 'it must be an object of values by key');

const shape = z.strictObject({
  name: z
    .string('it must be a text, such as gated-fusion')
    .regex(/^[a-z0-9][\w.-]*$/i, 'it must be letters, digits, "-", "_" and "." alone, as in gated-fusion'),
  config: z.custom<z.ZodObject>(
    (value) => value instanceof z.ZodObject,
    'it must be a zod object, as z.strictObject({ … }) makes it with the z that decalign exports',
  ),
  title: z.string('it must be a text').optional(),
  paper: z.string('it must be a text').optional(),
  oneLabel: z.string('it must be a text').optional(),
  notes: z.array(z.string(), 'it must be a list of sentences').optional(),
  warnings: z
    .strictObject(
      {
        step: z.custom(called, 'it must be a function').optional(),
        epoch: z.custom(called, 'it must be a function').optional(),
      },
      'it must be functions by name, { step, epoch }',
    )
    .optional(),
  recipes: z
    .record(
      z.string(),
      z.strictObject(
        { model: values.optional(), train: values.optional(), data: values.optional() },
        'it must be an object of keys, { model, train, data }',
      ),
      'it must be an object of recipes by name',
    )
    .optional(),
  parts: z.custom(called, 'it must be a function').optional(),
  hasParts: z.custom(called, 'it must be a function').optional(),
  plan: z.custom(called, 'it must be a function').optional(),
  stages: z.custom(called, 'it must be a function').optional(),
  chosenOnValidation: z.custom(called, 'it must be a function').optional(),
  labelClasses: z.custom(called, 'it must be a function').optional(),
  build: z.custom(called, 'it must be a function (scope, inputs, config) => { prediction, losses, … }'),
});

/** What keeps a value from being used as a model: the field and what it must be. Undefined where nothing does. */
export function modelProblem(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return `it must be an object, not ${described(value)}`;
  const parsed = shape.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    const { path, message } = issue;
    if (issue.code === 'unrecognized_keys') return unknownKey(issue.keys[0]!, path.map(String));
    return `${path.join('.')}: ${message}, not ${described(path.reduce(property, value))}`;
  }
  const { name, config, recipes = {} } = parsed.data;
  // Lists of models call a recipe MODEL@RECIPE, and a folder is named so.
  const odd = Object.keys(recipes).find((recipe) => !/^[^/\\@,:=]+$/.test(recipe));
  if (odd !== undefined)
    return `recipes: ${JSON.stringify(odd)} is no name of a recipe: it may hold none of / \\ @ , : =; rename it`;
  if (Object.hasOwn(config.shape, 'name')) return 'config: it has a key "name", which is that of the model; rename it';
  if ([...referenceNames, 'all'].some((other) => plain(other) === plain(name)))
    return `name: "${name}" means something else where models are listed; rename yours`;
  // Tables and commands tell models apart by their names, written in any way.
  const [taken] = Object.entries(models).filter(([known, model]) => plain(known) === plain(name) && model !== value);
  return taken && `name: "${name}" is a model of decalign ("${taken[0]}"); rename yours`;
}

/** The model by the name that a file gives it. One's own is never looked for: it is given, and its name must be that. */
export function recordedModel(name: string, own?: Model): Model {
  const found = modelNamed(name, own);
  if (found && (!own || found.name === own.name)) return found;
  const recorded = JSON.stringify(name.slice(0, 80));
  throw new Error(
    own
      ? `The model is ${recorded}, not "${own.name}", which was given.`
      : `This version has no model ${recorded}; if it is your own, give its file with --model FILE (in a program: openModel(…, { model })).`,
  );
}

function unknownKey(key: string, path: readonly string[]): string {
  const inside = { recipes: ['model', 'train', 'data'], warnings: ['step', 'epoch'] };
  const [at] = path;
  const known = at === 'recipes' || at === 'warnings' ? inside[at] : Object.keys(shape.shape);
  const near = nearest(key, known);
  const full = [...path, key].join('.');
  return `unknown key "${full}"; ${near === undefined ? `known here: ${known.join(', ')}` : `did you mean "${[...path, near].join('.')}"?`}`;
}

const plain = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');

const described = (value: unknown): string => {
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object';
  if (typeof value === 'function') return 'a function';
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 80)) : String(value);
};

const property = (value: unknown, key: PropertyKey): unknown =>
  typeof value === 'object' && value !== null
    ? new Map<PropertyKey, unknown>(Object.entries(value)).get(key)
    : undefined;
