import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { configOf, type Entry, type ModelEntry } from '../../experiments/benchmark/entries.ts';
import { entriesNamed, settingsOf, takingPart } from './entries.ts';
import { entryNames, variantOfFile } from './variants.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'decalign-variants-'));
afterAll(() => rmSync(folder, { recursive: true }));

const entriesOf = (text: string): Promise<Entry[]> => entriesNamed(entryNames(text));
const modelOf = (entry: Entry | undefined): ModelEntry => {
  if (entry?.reference !== undefined || entry === undefined) throw new Error('This is no model.');
  return entry;
};
const nothing = { set: [], options: [] } as const;

test('settings after a variant are its own, and commas in brackets divide nothing', () => {
  const text =
    'decalign:wide=model.width=64,model.layers=2,mult,decalign:few=without=[mmd,moments],train.epochs=3,ridge';
  expect(entryNames(text)).toEqual([
    'decalign:wide=model.width=64,model.layers=2',
    'mult',
    'decalign:few=without=[mmd,moments],train.epochs=3',
    'ridge',
  ]);
  expect(entryNames('decalign:flow=model.mmd={bandwidth: [1,2], estimator: biased},mult')).toHaveLength(2);
});

describe('a variant', () => {
  test('is an entry of its own, with its settings over those of all', async () => {
    const [wide, plain] = await entriesOf('decalign:wide=model.width=64,model.layers=2,train.epochs=7,decalign');
    expect(wide!.id).toBe('decalign:wide');
    const given = { ...nothing, set: [{ pair: 'model.width=8' }, { pair: 'model.heads=2' }] };
    expect(configOf(modelOf(wide), 'x.pkl', given)).toMatchObject({
      model: { width: 64, layers: 2, heads: 2 },
      train: { epochs: 7, patience: 10 },
    });
    expect(configOf(modelOf(plain), 'x.pkl', given).model).toMatchObject({ width: 8, layers: 1 });
    // What the call says of epochs is for all.
    const options = [{ name: '--epochs 2', key: 'train.epochs', value: 2 }];
    expect(configOf(modelOf(wide), 'x.pkl', { ...given, options }).train.epochs).toBe(2);
  });

  test('takes a recipe, and leaves terms out of what the others leave out', async () => {
    const [decoupled, fewer] = await entriesOf('decalign:narrow=recipe=decoupled,decalign:fewer=without=mmd');
    expect(decoupled).toMatchObject({ id: 'decalign:narrow', recipe: 'decoupled' });
    expect(configOf(modelOf(decoupled), 'x.pkl', nothing)).toMatchObject({
      recipe: 'decoupled',
      model: { uniqueWidth: 8 },
    });
    const given = { ...nothing, set: [{ pair: 'model.without=[moments]' }, { pair: 'model.weights.homogeneity=0.2' }] };
    expect(configOf(modelOf(fewer), 'x.pkl', given).model['without']).toEqual(['moments', 'mmd']);
  });

  test('is named by --set as others are', async () => {
    const entries = await entriesOf('decalign,decalign:wide=model.width=64');
    expect(settingsOf(['decalign:wide:model.layers=2', 'decalign:model.layers=3', 'train.epochs=2'], entries)).toEqual([
      { entry: 'decalign:wide', pair: 'model.layers=2' },
      { entry: 'decalign', pair: 'model.layers=3' },
      { pair: 'train.epochs=2' },
    ]);
    expect(() => settingsOf(['decalign:wyde:model.layers=2'], entries)).toThrow('did you mean "decalign:wide"?');
  });

  test('that is named is not left out for data that its model does not take', async () => {
    const entries = await entriesOf('pmr:wide=model.width=64');
    const data = [{ source: 'people', task: 'multitarget' }] as const;
    expect(takingPart(entries, { names: ['pmr:wide=model.width=64'], data }).entries).toEqual(entries);
  });
});

describe('a configuration file', () => {
  const file = path.join(folder, 'large one.yaml');
  writeFileSync(
    file,
    'recipe: authors\ndata: { preset: mosi, standardise: none }\nmodel: { width: 32 }\ntrain: { epochs: 18 }\n',
  );

  test('is a variant by its name, over the common rule and below the call', () => {
    const { entry, left } = variantOfFile(file);
    expect(entry).toMatchObject({ id: 'decalign:large_one', model: 'decalign', recipe: 'authors' });
    const config = configOf(entry, 'x.pkl', nothing);
    expect(config).toMatchObject({ recipe: 'authors', model: { width: 32 }, train: { epochs: 18, patience: 10 } });
    // Features are read alike for all, and the caller is told.
    expect(config.data).toMatchObject({
      standardise: configOf({ id: 'm', model: 'decalign' }, 'x.pkl', nothing).data.standardise,
    });
    expect(left).toEqual(['data.preset', 'data.standardise']);
    const given = { ...nothing, set: [{ pair: 'train.epochs=2' }] };
    expect(configOf(entry, 'x.pkl', given).train.epochs).toBe(2);
  });

  test('with a fault is refused by its name', () => {
    const wrong = path.join(folder, 'wrong.yaml');
    writeFileSync(wrong, 'model: { widht: 32 }\n');
    expect(() => variantOfFile(wrong)).toThrow(`${wrong}: unknown key "model.widht"; did you mean "model.width"?`);
  });
});

test.each([
  ['decalign:wide=', '--models decalign:wide: give it settings, as in decalign:wide=model.width=64,model.layers=2.'],
  ['decalign:wide=model.width', '--models decalign:wide: write key=value, as in decalign:wide=model.width=64.'],
  ['decalign:a=data.task=regression', '--models decalign:a: data.task=regression: data and text keys are the same'],
  ['decalign@paper:a=recipe=authors', '--models decalign@paper:a: it has two recipes'],
  ['decalign:a=recipe=papr', '--models decalign@papr: unknown recipe "papr" of decalign; did you mean "paper"?'],
  ['decalgn:a=model.width=8', 'unknown model "decalgn"; did you mean "decalign"?'],
  ['ridge:a=model.width=8', '--models ridge:a: ridge is a reference and has no settings.'],
  ['decalign:a=model.width=8,decalign:a=model.width=16', '--models: two variants are called "decalign:a"; rename one.'],
])('a variant that is none is refused where it is named: %s', async (text, message) => {
  await expect(entriesOf(text)).rejects.toThrow(message);
});

test.each([
  [
    'decalign:a=model.widht=8',
    '--models decalign:a=model.widht=8: unknown key "model.widht"; did you mean "model.width"?',
  ],
  [
    'decalign:a=model.width=wide',
    '--models decalign:a=model.width=wide: model.width: expected number, received string, got "wide".',
  ],
  ['decalign:a=without=mmmd', 'decalign:a: model.without.0: "mmmd" is none of'],
  ['mult:a=without=mmd', 'mult:a: unknown key "model.without"'],
])('a setting that is none is refused where it stands: %s', async (text, message) => {
  const [entry] = await entriesOf(text);
  expect(() => configOf(modelOf(entry), 'x.pkl', nothing)).toThrow(message);
});
