import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { models } from './index.ts';
import { defineModel, type Model } from './model.ts';
import { modelProblem, recordedModel } from './own.ts';

const sound: Model = defineModel({
  name: 'gated-fusion',
  config: z.strictObject({ width: z.int().default(8) }),
  build: () => {
    throw new Error('is not built here');
  },
});
const own = (changed: object): unknown => ({ ...sound, ...changed });

test('a model needs a name, settings and a way to build it, and may have recipes, stages and what is chosen on validation', () => {
  expect(modelProblem(sound)).toBeUndefined();
  expect(modelProblem(own({ recipes: {} }))).toBeUndefined();
  const all = {
    recipes: { small: { model: { width: 4 } } },
    stages: () => [],
    chosenOnValidation: () => ({}),
    paper: 'mine',
  };
  expect(modelProblem(own({ title: 'Gated', notes: ['A note.'], warnings: { step: () => [] } }))).toBeUndefined();
  expect(modelProblem(own(all))).toBeUndefined();
  expect(modelProblem(own({ config: z.object({ width: z.int() }) }))).toBeUndefined();
});

test('every model of the table is one', () => {
  for (const model of Object.values(models)) expect(modelProblem(model)).toBeUndefined();
});

describe('what is none is told by the field that is wrong', () => {
  test.each<[unknown, string]>([
    [undefined, 'it must be an object, not undefined'],
    [() => sound, 'it must be an object, not a function'],
    [own({ name: undefined }), 'name: it must be a text, such as gated-fusion, not undefined'],
    [
      own({ name: 'my model' }),
      'name: it must be letters, digits, "-", "_" and "." alone, as in gated-fusion, not "my model"',
    ],
    [own({ name: '../up' }), 'not "../up"'],
    [own({ config: undefined }), 'config: it must be a zod object, as z.strictObject({ … }) makes it'],
    [own({ config: z.number() }), 'config: it must be a zod object'],
    [own({ config: { width: 8 } }), 'with the z that decalign exports, not an object'],
    [own({ config: z.strictObject({ name: z.string() }) }), 'config: it has a key "name", which is that of the model'],
    [own({ build: undefined }), 'build: it must be a function (scope, inputs, config) => { prediction, losses, … }'],
    [own({ title: 3 }), 'title: it must be a text, not 3'],
    [own({ notes: 'a note' }), 'notes: it must be a list of sentences, not "a note"'],
    [own({ warnings: () => [] }), 'warnings: it must be functions by name, { step, epoch }, not a function'],
    [own({ stages: [] }), 'stages: it must be a function, not a list'],
    [own({ chosenOnValidation: {} }), 'chosenOnValidation: it must be a function, not an object'],
    [own({ labelClasses: 7 }), 'labelClasses: it must be a function, not 7'],
    [own({ warnings: { step: 3 } }), 'warnings.step: it must be a function, not 3'],
    [own({ warnings: { epohc: () => [] } }), 'unknown key "warnings.epohc"; did you mean "warnings.epoch"?'],
    [own({ paper: 3 }), 'paper: it must be a text, not 3'],
    [own({ recepies: {} }), 'unknown key "recepies"; did you mean "recipes"?'],
    [own({ optimiser: 'adam' }), 'unknown key "optimiser"; known here: name, config, title, '],
    [own({ recipes: ['small'] }), 'recipes: it must be an object of recipes by name, not a list'],
    [
      own({ recipes: { 'a/b': {} } }),
      'recipes: "a/b" is no name of a recipe: it may hold none of / \\ @ , : =; rename it',
    ],
    [own({ recipes: { small: 3 } }), 'recipes.small: it must be an object of keys, { model, train, data }, not 3'],
    [
      own({ recipes: { small: { modle: {} } } }),
      'unknown key "recipes.small.modle"; did you mean "recipes.small.model"?',
    ],
    [own({ recipes: { small: { model: 3 } } }), 'recipes.small.model: it must be an object of values by key, not 3'],
  ])('%#', (value, problem) => {
    expect(modelProblem(value)).toContain(problem);
  });

  test.each(['decalign', 'DecAlign', 'MulT', 'selfmm', 'muta_net'])('a name that is taken: %s', (name) => {
    expect(modelProblem(own({ name }))).toMatch(/^name: ".*" is a model of decalign \(".*"\); rename yours$/);
  });
});

test.each(['all', 'ridge', 'Late-Fusion', 'majority'])('a name with another meaning: %s', (name) => {
  expect(modelProblem(own({ name }))).toMatch(
    /^name: ".*" means something else where models are listed; rename yours$/,
  );
});

test("a file's model is one of the table, or the one that is given for it, and never another", () => {
  expect(recordedModel('mult')).toBe(models.mult);
  expect(recordedModel('gated-fusion', sound)).toBe(sound);
  expect(() => recordedModel('mult', sound)).toThrow('The model is "mult", not "gated-fusion", which was given.');
  expect(() => recordedModel('gated-fusion')).toThrow(
    'This version has no model "gated-fusion"; if it is your own, give its file with --model FILE',
  );
  expect(() => recordedModel('constructor')).toThrow('This version has no model "constructor"');
});
