import { describe, expect, test } from 'vitest';
import { constant, full, input } from '../tensor/index.ts';
import type { ModelInputs, ModelOutput, PartNames } from './model.ts';
import { checkedOutput, checkedPlan } from './output.ts';

const inputs: ModelInputs = {
  features: { text: { value: input('text', [5, 3, 4]) }, audio: { value: input('audio', [5, 1, 2]) } },
  task: { kind: 'regression' },
};
const labelled: ModelInputs = { ...inputs, labels: input('labels', [5]) };
const classes: ModelInputs = { ...inputs, task: { kind: 'classification', classes: 3 } };
const sound: ModelOutput = {
  prediction: full([5], 0),
  losses: { task: constant([1], []) },
  diagnostics: { norm: constant([1], []) },
  representations: { fused: full([5, 7], 0) },
};
const logits = { ...sound, prediction: full([5, 3], 0) };

test('an output of the right shapes is handed on as it is', () => {
  expect(checkedOutput('late', () => sound, labelled)).toBe(sound);
  expect(checkedOutput('late', () => logits, classes)).toBe(logits);
  const unlabelled = { ...sound, losses: {} };
  expect(checkedOutput('late', () => unlabelled, inputs)).toBe(unlabelled);
});

describe('what is wrong is told by its name, with the shape it must have', () => {
  const changed = (parts: object): ModelOutput => ({ ...sound, ...parts });
  test.each<[ModelOutput, ModelInputs, string]>([
    [changed({ prediction: full([5, 1], 0) }), inputs, 'prediction: it must have the shape [N], but has [N,1].'],
    [sound, classes, 'prediction: it must have the shape [N,3], but has [N].'],
    [changed({ prediction: undefined }), inputs, 'prediction: it must be a tensor of shape [N].'],
    [changed({ losses: { task: full([5], 0) } }), inputs, 'losses.task: it must have the shape [], but has [N].'],
    [changed({ losses: { task: 3 } }), inputs, 'losses.task: it must be a tensor of shape [].'],
    [
      changed({ losses: { total: constant([1], []) } }),
      labelled,
      'losses.total: it must have another name, as total is the sum of all losses.',
    ],
    [changed({ losses: {} }), labelled, 'losses: it must have one at least where it is given labels.'],
    [
      changed({ losses: undefined }),
      inputs,
      'losses: it must be an object of tensors by name, {} where there are none.',
    ],
    [changed({ diagnostics: undefined }), inputs, 'diagnostics: it must be an object of tensors by name'],
    [
      changed({ diagnostics: { norm: full([1], 0) } }),
      inputs,
      'diagnostics.norm: it must have the shape [], but has [1].',
    ],
    [
      changed({ representations: { fused: full([5, 2, 7], 0) } }),
      inputs,
      'representations.fused: it must have the shape [N,2], but has [N,2,7].',
    ],
    [
      changed({ wholeBatch: { reads: {} } }),
      labelled,
      'wholeBatch: it must be { reads, build }, tensors by name and a function of them.',
    ],
    [
      changed({ wholeBatch: { reads: { norm: constant([1], []) }, build: () => sound } }),
      labelled,
      'wholeBatch.reads.norm: it must be a tensor [N, …], a row for each sample.',
    ],
    [
      changed({
        wholeBatch: { reads: {}, build: () => ({ ...sound, losses: { task: labelled.labels!.mean() } }) },
      }),
      labelled,
      'wholeBatch.build: it must make its losses of what it is given alone: name in reads all of the batch that they use.',
    ],
    [
      changed({ wholeBatch: { reads: {}, build: () => ({ losses: {} }) } }),
      labelled,
      'wholeBatch.build: it must return { losses, diagnostics }.',
    ],
    [
      changed({ wholeBatch: { reads: {}, build: () => ({ ...sound, losses: { odd: constant([1], []) } }) } }),
      labelled,
      'wholeBatch.build: losses.odd: it must be called as one of the losses is.',
    ],
  ])('%#', (output, given, problem) => {
    expect(() => checkedOutput('late', () => output, given)).toThrow(problem);
  });
});

describe('names', () => {
  const groups = ['losses', 'diagnostics', 'representations'] as const;
  const tensors = { losses: constant([1], []), diagnostics: constant([1], []), representations: full([5, 7], 0) };
  const named = (group: (typeof groups)[number], name: string) => () =>
    checkedOutput('late', () => ({ ...sound, [group]: { [name]: tensors[group] } }), labelled);

  test.each(groups)('of %s may be words of any language, with what a modality is called', (group) => {
    for (const name of ['task', 'own.text', 'private.audio (16 kHz)', 'L_CT', '損失', 'x/y'])
      expect(named(group, name)).not.toThrow();
  });

  test.each(groups)('of %s are none that every object has, nor such as break a line', (group) => {
    for (const name of ['constructor', 'toString', 'hasOwnProperty', '__proto__', '', ' ', 'a  b', 'a\nb', 'a ', '0'])
      expect(named(group, name), name).toThrow(
        `The model "late" gives no sound ${group}.${JSON.stringify(name)}: it must have another name, which begins with a letter`,
      );
  });

  test('written as __proto__ in a literal leave no tensor out silently', () => {
    const losses = { __proto__: constant([1], []), task: constant([1], []) } as unknown as ModelOutput['losses'];
    expect(() => checkedOutput('late', () => ({ ...sound, losses }), labelled)).toThrow(
      'losses: it must be an object of tensors by name',
    );
  });
});

describe('what is no output at all is told with what build must return', () => {
  const parts =
    'The model "late" builds nothing sound: build must return { prediction, losses, diagnostics, representations }';
  test.each<[unknown, string]>([
    [undefined, `${parts}, not undefined.`],
    [null, `${parts}, not null.`],
    [3, `${parts}, not 3.`],
    [Promise.resolve(sound), `${parts} itself, and be no async function.`],
  ])('%#', (output, problem) => {
    expect(() => checkedOutput('late', () => output as ModelOutput, inputs)).toThrow(problem);
  });
});

test.each<[unknown, string | undefined]>([
  [{ unique: 'fused', common: 'fused' }, undefined],
  [
    { unique: 'fused', common: 'shared' },
    'The model "late" gives no sound parts("text").common: it must name a representation that build gives (fused), but names "shared".',
  ],
  [
    { common: 'fused' },
    'parts("text").unique: it must name a representation that build gives (fused), but names none.',
  ],
  [undefined, 'parts("text").unique: it must name'],
])('parts that are %j', (parts, problem) => {
  const checked = (): ModelOutput =>
    checkedOutput(
      'late',
      () => sound,
      inputs,
      () => parts as PartNames,
    );
  if (problem === undefined) expect(checked()).toBe(sound);
  else expect(checked).toThrow(problem);
});

describe('what build throws', () => {
  const building = (what: unknown) => () =>
    checkedOutput(
      'late',
      () => {
        throw what;
      },
      inputs,
    );

  test('is handed on where it is an Error', () => {
    const error = new RangeError('too wide');
    expect(building(error)).toThrow(error);
  });

  test.each<[unknown, string]>([
    ['too wide', 'The model "late" cannot be built: too wide'],
    [null, 'it throws null, which is no Error and tells no more.'],
    [undefined, 'it throws undefined, which'],
    [Object.create(null), 'it throws an object, which'],
    ['', 'it throws "", which'],
  ])('is else told as what it is: %#', (what, message) => {
    expect(building(what)).toThrow(message);
  });
});

describe('what a model plans beside its graph', () => {
  const plan = (parts: object) => () => checkedPlan({ name: 'late', ...parts }, {}, { stepsPerEpoch: 10 });

  test('is nothing where it plans nothing, and else what it says', () => {
    expect(plan({})()).toEqual({ stages: [], chosenOnValidation: {} });
    const perStep = (_: unknown, { stepsPerEpoch }: { readonly stepsPerEpoch: number }) => [
      { name: 'first', epochs: 20 / stepsPerEpoch },
    ];
    expect(plan({ stages: perStep })().stages).toEqual([{ name: 'first', epochs: 2 }]);
    const stages = [{ name: 'first', epochs: 2 }];
    expect(plan({ stages: () => stages, chosenOnValidation: () => ({ w: [0, 1] }) })()).toEqual({
      ...{ stages, chosenOnValidation: { w: [0, 1] } },
    });
  });

  test.each<[object, string]>([
    [
      { stages: () => ({ name: 'first', epochs: 2 }) },
      'stages: it must return a list of { name, epochs, ownSchedule }.',
    ],
    [{ stages: () => [{ name: 'first' }] }, 'stages: it must return'],
    [{ stages: () => [{ name: 'first', epochs: 0.5 }] }, 'stages: it must return'],
    [{ chosenOnValidation: () => ({ w: 3 }) }, 'chosenOnValidation: it must return an object of lists of numbers'],
    [{ chosenOnValidation: () => ({ w: [] }) }, 'chosenOnValidation: it must return'],
    [{ labelClasses: () => 7 }, 'labelClasses: it must return { count, limit }, a whole number of 2 or more'],
    [{ labelClasses: () => ({ count: 1, limit: 3 }) }, 'labelClasses: it must return'],
  ])('is told where it is no plan: %#', (parts, says) => {
    expect(plan(parts)).toThrow(`The model "late" gives no sound ${says}`);
  });
});
