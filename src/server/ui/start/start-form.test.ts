/** The form of a model: what it asks for, and what it refuses in the words of the command line. */
import { describe, expect, test } from 'vitest';
import { models, type ModelName } from '../../../models/index.ts';
import { startErrors, startForm } from './start-form.ts';

describe('the form', () => {
  test.each(Object.keys(models) as ModelName[])('of %s has every key once, and its defaults are taken', (model) => {
    const { keys } = startForm({ model }, []);
    const names = keys.map(({ key }) => key);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toContain('train.epochs');
    expect(keys.filter(({ help }) => help === '').map(({ key }) => key)).toEqual([]);
    // Its own defaults are values that it takes.
    const values = Object.fromEntries(keys.flatMap(({ key, usual }) => (usual === undefined ? [] : [[key, usual]])));
    expect(startErrors({ model, data: 'synthetic', values })).toBeUndefined();
  });

  test('has the kinds of fields that the schema tells', () => {
    const keys = new Map(startForm({ model: 'decalign' }, []).keys.map((each) => [each.key, each]));
    expect(keys.get('train.epochs')).toMatchObject({ type: 'integer', usual: '30' });
    expect(keys.get('train.learningRate')).toMatchObject({ type: 'number' });
    expect(keys.get('train.onNonfinite')).toMatchObject({ type: 'choice', choices: ['stop', 'skip', 'lower-lr'] });
    expect(keys.get('model.positions')).toMatchObject({ type: 'switch', usual: 'false' });
    expect(keys.get('data.group')).toMatchObject({ type: 'text' });
    expect(keys.get('model.without')).toMatchObject({ type: 'json' });
  });

  test('shows the defaults of a recipe and of data that is made', () => {
    const usualOf = (asked: Parameters<typeof startForm>[0], key: string): string | undefined =>
      startForm(asked, []).keys.find((each) => each.key === key)!.usual;
    const model = 'decalign';
    expect(usualOf({ model, data: 'digits' }, 'data.standardise')).toBe('none');
    expect(usualOf({ model }, 'data.standardise')).toBe('all');
    expect(usualOf({ model, recipe: 'paper' }, 'model.head')).toBe('linear');
    expect(usualOf({ model }, 'model.head')).toBe('hidden');
  });

  test('has the keys of a dataset that is made for that one alone', () => {
    const of = (data: string): number =>
      startForm({ model: 'mult', data }, []).keys.filter(({ key }) => key.startsWith('data.synthetic.')).length;
    expect([of('digits'), of('mosi.pkl')]).toEqual([0, 0]);
    expect(of('synthetic')).toBeGreaterThan(3);
  });

  test('names data by the last part of its path, and no place of the machine', () => {
    const form = startForm({ model: 'mult' }, ['/home/me/mosi.pkl']);
    expect(form.data.map(({ name }) => name)).toEqual(['synthetic', 'digits', 'mosi.pkl']);
    expect(JSON.stringify(form)).not.toContain('/home');
    expect(form.keys.map(({ key }) => key)).not.toContain('text.bert.path');
  });

  test('of a model that there is not is refused', () => {
    expect(() => startForm({ model: 'decaling' }, [])).toThrow('unknown model "decaling"; did you mean "decalign"?');
  });
});

describe('a request', () => {
  const request = { model: 'decalign', data: 'synthetic', values: {} };
  const errorsOf = (values: Readonly<Record<string, string>>): unknown => startErrors({ ...request, values })?.errors;

  test('is refused key by key, in words that say nothing of the command line', () => {
    const refused = (key: string, text: string): unknown => errorsOf({ [key]: text });
    for (const [key, text, message] of [
      ['train.epochs', 'abc', 'must be a number, not "abc".'],
      ['train.epochs', '1.5', 'must be a whole number, not 1.5.'],
      ['train.learningRate', '-3', 'must be more than 0, not -3.'],
      ['train.onNonfinite', 'stopp', '"stopp" is none of stop, skip, lower-lr; did you mean "stop"?'],
    ] as const)
      expect(refused(key, text)).toEqual([{ key, message }]);
    expect(errorsOf({ 'train.epochs': '-1', 'train.batchSize': '16', 'model.depth': '3' })).toEqual([
      { key: 'train.epochs', message: 'must be more than 0, not -1.' },
      { message: expect.stringMatching(/^--set model\.depth=3: unknown key "model\.depth"/) as string },
    ]);
  });

  test.each([
    ['a/b', 'cannot hold slashes: it is that of one folder.'],
    ['..\\b', 'cannot hold slashes: it is that of one folder.'],
    ['.hidden', 'cannot begin with a dot.'],
    ['..', 'cannot begin with a dot.'],
    ['two\nlines', 'cannot hold line breaks or other control characters.'],
    [' ', 'cannot be of spaces alone.'],
    ['ä'.repeat(101), 'is too long: 202 bytes, of 200 at most.'],
  ])('may not call the run %j', (name, message) => {
    expect(startErrors({ ...request, name })?.errors).toEqual([{ key: 'name', message }]);
  });

  test.each(['mult 6 epochs äöü 模型', 'a+b=(c)', '-dash', 'v1.2'])(
    'may call it %s, as the command line may',
    (name) => {
      expect(startErrors({ ...request, name })).toBeUndefined();
    },
  );

  test('is told of all that is wrong with it, of name and seed too', () => {
    expect(startErrors({ ...request, name: '.a', seed: '1.5', values: { 'train.epochs': 'x' } })).toEqual({
      error: 'seed: must be a whole number of 0 or more, not "1.5".',
      errors: [
        { key: 'seed', message: 'must be a whole number of 0 or more, not "1.5".' },
        { key: 'name', message: 'cannot begin with a dot.' },
        { key: 'train.epochs', message: 'must be a number, not "x".' },
      ],
    });
  });

  test('is refused as a whole where values do not go together', () => {
    expect(errorsOf({ 'model.without': '[heterogeneity]', 'model.weights.heterogeneity': '0.1' })).toEqual([
      { message: expect.stringContaining('model.without leaves out heterogeneity, and') as string },
    ]);
  });

  test('may not name places of the machine', () => {
    for (const [key, text] of [
      ['text.bert.cache', '/tmp'],
      ['text.bert', '{cache: /tmp}'],
      ['text', '{bert: {path: /tmp}}'],
      ['model', '{width: 8}'],
    ] as const)
      expect(errorsOf({ [key]: text })).toEqual([{ message: `"${key}" is not set from a page: use decalign train.` }]);
  });

  test('of a model or a recipe that there is not is refused', () => {
    expect(startErrors({ ...request, model: 'none' })?.error).toMatch(/unknown model "none"/);
    expect(startErrors({ ...request, recipe: 'none' })?.error).toMatch(/unknown recipe "none"/);
  });
});
