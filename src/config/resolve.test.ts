import { describe, expect, test } from 'vitest';
import { ConfigError } from './error.ts';
import { overridesOf, recordedConfig, resolveConfig, type ConfigSources } from './resolve.ts';

const file = (text: string): ConfigSources => ({ file: { name: 'mine.yaml', text } });

function refusal(sources: ConfigSources): ConfigError {
  try {
    resolveConfig(sources);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

test('defaults, recipe, file, values, --set and options, each over the ones before', () => {
  const defaults = resolveConfig({});
  expect(defaults).toMatchObject({ recipe: 'decoupled', model: { name: 'decalign' }, data: { standardise: 'all' } });
  const authors = resolveConfig({ recipe: 'authors' });
  expect(authors.model).toMatchObject({ masking: 'none', width: 64 });

  const sources: ConfigSources = {
    ...file(
      '{ recipe: authors, model: { width: 11, heads: 1 }, train: { epochs: 11, clip: 11, patience: 11, batchSize: 11 } }',
    ),
    values: { train: { epochs: 12, clip: 12, patience: 12 } },
    set: ['train.epochs=13', 'train.clip=13'],
    options: [{ name: '--epochs 14', key: 'train.epochs', value: 14 }],
  };
  const resolved = resolveConfig(sources);
  expect(resolved.recipe).toBe('authors');
  expect(resolved.model).toMatchObject({ masking: 'none', width: 11, heads: 1, layers: 5 });
  expect(resolved.train).toMatchObject({ decay: 'l2', batchSize: 11, patience: 12, clip: 13, epochs: 14 });
  expect(resolveConfig({ ...sources, recipe: 'paper' }).recipe).toBe('paper');
});

test('numbers as YAML 1.2 has them, null, lists and nested keys', () => {
  const set = [
    'train.learningRate=6e-5',
    'train.clip=null',
    'model.without=[mmd, contrastive]',
    'model.mixture.prototypes={text: 3}',
  ];
  const { train, model } = resolveConfig({ set });
  expect(train).toMatchObject({ learningRate: 6e-5, clip: null });
  expect(model).toMatchObject({ without: ['mmd', 'contrastive'], mixture: { prototypes: { text: 3 } } });
});

test('everything that was asked for is kept as it was given', () => {
  const given = { ...file('train: { epochs: 3 }'), set: ['model.width=64'], recipe: 'authors' };
  const options = [{ name: '--epochs 4', key: 'train.epochs', value: 4 }];
  expect(overridesOf({ ...given, options })).toEqual({
    recipe: 'authors',
    file: { name: 'mine.yaml', values: { train: { epochs: 3 } } },
    set: ['model.width=64', 'train.epochs=4'],
  });
});

describe('an error is one line that says where the fault stands and what was meant', () => {
  test.each<[ConfigSources, string]>([
    [{ set: ['model.widht=8'] }, '--set model.widht=8: unknown key "model.widht"; did you mean "model.width"?'],
    [{ set: ['trian.epochs=8'] }, '--set trian.epochs=8: unknown key "trian"; did you mean "train"?'],
    [{ set: ['train.schedule.knd=cosine'] }, 'did you mean "train.schedule.kind"?'],
    [{ set: ['__proto__.x=1'] }, 'unknown key "__proto__"; known here: '],
    [{ set: ['model.__proto__.x=1'] }, 'unknown key "model.__proto__"; known here: '],
    [{ set: ['model.constructor=1'] }, 'unknown key "model.constructor"; known here: '],
    [
      { model: 'cubemlp', set: ['model.name=mult'] },
      '--set model.name=mult: model.name is "mult" here, and --model says "cubemlp"; give one of the two.',
    ],
    [{ recipe: 'paper', set: ['recipe=authors'] }, 'recipe is "authors" here, and --recipe says "paper"'],
    [
      {
        set: ['model.without=[moments]'],
        options: [{ name: '--without mmd', key: 'model.without', value: ['mmd'] }],
      },
      '--set model.without=[moments] and --without mmd give model.without two lists; name all of it in one of them.',
    ],
    [{ set: ['epochs'] }, '--set epochs: write key=value, as in --set model.width=64.'],
    [{ set: ['model.without=[mmd'] }, '--set model.without=[mmd: the value is not YAML: '],
    [{ set: ['train.epochs=many'] }, 'train.epochs: expected number, received string, got "many".'],
    [{ set: ['model=decalign'] }, '--set model=decalign: model: expected object, received string, got "decalign".'],
    [{ set: ['train.decay=l3'] }, 'train.decay: "l3" is none of decoupled, l2; did you mean "l2"?'],
    [
      { options: [{ name: '--preset mosie', key: 'data.preset', value: 'mosie' }] },
      '--preset mosie: data.preset: "mosie" is none of mosi, mosei, ',
    ],
    [{ set: ['model.name=decaling'] }, '--set model.name=decaling: unknown model "decaling"; did you mean "decalign"?'],
    [
      { model: 'misa', options: [{ name: '--without transport', key: 'model.without', value: ['transport'] }] },
      '--without transport: unknown key "model.without", which decalign has but not misa; known here: ',
    ],
    [{ model: 'toString' }, '--model: unknown model "toString"; there is decalign, '],
    [{ recipe: 'author' }, '--recipe: unknown recipe "author" of decalign; did you mean "authors"?'],
    [{ recipe: 'constructor' }, 'it has decoupled, paper, authors.'],
    [
      { set: ['version=4'] },
      '--set version=4: this is a configuration of version 4, and this release understands version 3: use the release',
    ],
  ])('%j', (sources, message) => {
    const error = refusal(sources);
    expect(error.message).toContain(message);
    expect(error.message).not.toContain('\n');
    expect(error.source).toBe('call');
  });

  test.each([
    ['train: { epoch: 3 }', 'mine.yaml: unknown key "train.epoch"; did you mean "train.epochs"?'],
    ['model: { name: decalgn }', 'mine.yaml: unknown model "decalgn"; did you mean "decalign"?'],
    ['recipe: papers', 'mine.yaml: unknown recipe "papers" of decalign; did you mean "paper"?'],
    ['recipe: 3', 'mine.yaml: recipe: expected string, received number, got 3.'],
    ['version: 0', 'mine.yaml: version: 0 is none of 3.'],
    ['version: later', 'mine.yaml: version: "later" is none of 3.'],
    [
      // The version is refused before the unknown model, which the later version may know.
      'version: 4\nmodel: { name: better }',
      'mine.yaml: this is a configuration of version 4, and this release understands version 3: use the release',
    ],
    ['[1, 2]', 'mine.yaml: a configuration is a set of keys (data, model, train), not a list.'],
    ['just words', 'not "just words".'],
    ['a: [1', 'mine.yaml: not YAML or JSON: '],
    ['train: { epochs: 1 }\ntrain: { epochs: 2 }', 'mine.yaml: not YAML or JSON: '],
  ])('in a file: %j', (text, message) => {
    const error = refusal(file(text));
    expect(error.message).toContain(message);
    expect(error.message).not.toContain('\n');
    expect(error.source).toBe('file');
  });
});

describe('a term that is left out and weighed', () => {
  const without = { name: '--without heterogeneity', key: 'model.without', value: ['heterogeneity'] };
  const parts = { name: '--without moments,mmd', key: 'model.without', value: ['moments', 'mmd'] };
  const says = (term: string): string =>
    `model.without leaves out ${term}, and model.weights.${term} gives it a weight`;

  test('by one call, or by one file, is a slip', () => {
    expect(refusal({ options: [without], set: ['model.weights.heterogeneity=0.1'] }).message).toContain(
      says('heterogeneity'),
    );
    expect(refusal({ options: [parts], set: ['model.weights.homogeneity=0.1'] }).message).toContain(
      says('homogeneity'),
    );
    const written = refusal(file('model: { without: [decoupling], weights: { decoupling: 1 } }'));
    expect([written.message, written.source]).toEqual([
      `mine.yaml: ${says('decoupling')}; give one of the two.`,
      'file',
    ]);
  });

  test('by a call and a file is an ablation of what the file describes', () => {
    const { model } = resolveConfig({ ...file('model: { weights: { heterogeneity: 0.1 } }'), options: [without] });
    expect(model).toMatchObject({ without: ['heterogeneity'], weights: { heterogeneity: 0.1 } });
  });

  test('with nothing, or with a part of it alone, is none', () => {
    expect(resolveConfig({ options: [without], set: ['model.weights.heterogeneity=0'] })).toBeTruthy();
    const mmd = { ...parts, value: ['mmd'] };
    expect(resolveConfig({ options: [mmd], set: ['model.weights.homogeneity=0.1'] })).toBeTruthy();
  });
});

test('a version may be given, and what is resolved has one', () => {
  expect(resolveConfig(file('{ version: 3, train: { epochs: 3 } }'))).toEqual(
    resolveConfig(file('train: { epochs: 3 }')),
  );
  expect(resolveConfig({}).version).toBe(3);
});

test('one of version 1 means what it did: ids tell no groups, unless the call says by what', () => {
  const first = file('{ version: 1, train: { epochs: 3 } }');
  expect(resolveConfig(first)).toMatchObject({ version: 3, data: { group: 'none' }, train: { epochs: 3 } });
  expect(resolveConfig({ ...first, set: ['data.group=video'] }).data.group).toBe('video');
  expect(resolveConfig(file('{ version: 1, data: { group: speaker } }')).data.group).toBe('speaker');
  expect(resolveConfig(file('train: { epochs: 3 }')).data.group).toBeUndefined();
  const { version, data, ...rest } = resolveConfig({});
  for (const recorded of [{}, { version: 1 }])
    expect(recordedConfig({ ...rest, data, ...recorded }, 'config.json')).toMatchObject({
      ...{ ...rest, version },
      data: { ...data, group: 'none' },
    });
  for (const recorded of [2, version])
    expect(recordedConfig({ ...rest, data, version: recorded }, 'config.json')).toEqual(resolveConfig({}));
});

test('before version 3 the recipe that nobody named was that of the paper', () => {
  for (const version of [1, 2]) {
    const before = file(`{ version: ${version}, train: { epochs: 3 } }`);
    expect(resolveConfig(before)).toMatchObject({ recipe: 'paper', model: { pretraining: { steps: 0 } } });
    expect(resolveConfig({ ...before, recipe: 'authors' }).recipe).toBe('authors');
    expect(resolveConfig(file(`{ version: ${version}, recipe: decoupled }`)).recipe).toBe('decoupled');
    // Of other models the first recipe is as it was.
    expect(resolveConfig({ ...before, model: 'mult' }).recipe).toBe(resolveConfig({ model: 'mult' }).recipe);
  }
  expect(resolveConfig(file('train: { epochs: 3 }')).recipe).toBe('decoupled');
});

test('a recorded configuration is read as it stands: no recipe fills in missing keys', () => {
  const resolved = resolveConfig({ recipe: 'authors', set: ['model.width=11', 'model.heads=1'] });
  expect(recordedConfig({ ...resolved }, 'config.json')).toEqual(resolved);
  expect(resolved.model['masking']).toBe('none');
  const lacking = { ...resolved, model: { ...resolved.model, masking: undefined } };
  expect(recordedConfig(lacking, 'config.json').model['masking']).toBe('full');
});

test('a key that a record lacks stands for what was done before there was the key', () => {
  const { data, ...rest } = resolveConfig({});
  const { fractions, padding, labelScale, labelClasses, ...before } = data;
  const now = { fractions, padding, labelScale, labelClasses };
  expect(now).toEqual({ fractions: 'exact', padding: 'found', labelScale: 'auto', labelClasses: 'auto' });
  const then = { fractions: 'rounded', padding: 'end', labelScale: 'given', labelClasses: 'rounded' };
  expect(recordedConfig({ ...rest, data: before }, 'config.json').data).toMatchObject(then);
  expect(recordedConfig({ ...rest, data }, 'config.json').data).toMatchObject(now);
});

test('the authors take labels and padding as they stand', () => {
  const { data } = resolveConfig({ recipe: 'authors' });
  expect(data).toMatchObject({ labelScale: 'given', labelClasses: 'rounded', padding: 'end' });
});

test('an empty file is no configuration of its own', () => {
  expect(resolveConfig(file(''))).toEqual(resolveConfig({}));
});
