import { describe, expect, test } from 'vitest';
import { descriptionIn, descriptionOf, type ExportDescription } from './description.ts';

const value = (name: string, dtype: 'float32' | 'int64', shape: ExportDescription['inputs'][number]['shape']) => ({
  ...{ name, dtype, shape, meaning: 'numbers' },
});
const sound: ExportDescription = {
  ...{ format: 'decalign export 3', decalign: '0.1.0', bytes: 1000, sha256: '0f'.repeat(32), opset: 18 },
  ...{ model: 'decalign', dataset: 'people', task: { kind: 'regression', range: [-3, 3] }, largest_difference: 1e-7 },
  inputs: [
    value('text', 'float32', ['batch', 12, 24]),
    value('text_lengths', 'int64', ['batch']),
    value('record', 'float32', ['batch', 1, 2]),
  ],
  outputs: [value('prediction', 'float32', ['batch'])],
  rows: { text: { padding: 'end' }, record: { columns: ['age', { column: 'smokes', boolean: [['no', 'yes']] }] } },
  validation: { mae: 0.5 },
};

/** What is said, changed: a value that JSON can hold at a path. */
function changed(path: readonly (string | number)[], to: unknown): unknown {
  const copy = structuredClone(sound) as unknown;
  const holder = path.slice(0, -1).reduce((each, name) => (each as Record<string, unknown>)[name], copy);
  (holder as Record<string, unknown>)[path.at(-1)!] = to;
  return copy;
}

test('what an export says is read as it is', () => {
  expect(descriptionIn(JSON.stringify(sound), 'model.json')).toEqual(sound);
});

test('a metric that is not defined is left out', () => {
  expect(descriptionOf(changed(['validation', 'corr'], null), 'model.json')).toEqual(sound);
});

test('an export of format 2, which said nothing of rows, is one without them', () => {
  const before = { ...sound, format: 'decalign export 2', rows: undefined };
  expect(descriptionOf(before, 'model.json')).toEqual({ ...sound, rows: {} });
});

const shapes = /^model\.json: "inputs" must be 1 to 64 of float32 \[batch, T, D\] or int64 \[batch, T\], \[batch\]$/;
const rows = /"rows" must say of each modality where it is/;
const task = /"task" must be a regression with its range, or a classification, multilabel or multitarget with/;
const hash = /does not say length \("bytes"\) and hash/;
const lacks = /lacks "decalign", "model", "dataset", "opset" or "largest_difference"/;
const together = /must have different names and the same number of samples/;

describe('a description', () => {
  test.each<[string, unknown, RegExp]>([
    ['that is a list', [1, 2], /is no description of a model/],
    ['that is nothing', null, /is no description of a model/],
    ['of another format', changed(['format'], 'decalign 1'), /is no description of a model/],
    [
      'of before there was a hash',
      changed(['format'], 'decalign export 1'),
      /is of format 1, written by decalign "0\.1\.0", and this version reads formats 2 and 3: export the model again/,
    ],
    [
      'of a later format',
      { ...sound, format: 'decalign export 4', decalign: '9.8.7' },
      /is of format 4, written by decalign "9\.8\.7", and this version reads formats 2 and 3: install the version/,
    ],
    ['without a hash', changed(['sha256'], undefined), hash],
    ['with a hash that is none', changed(['sha256'], ['a']), hash],
    ['with an absurd length', changed(['bytes'], 1e300), hash],
    ['without a model', changed(['model'], undefined), lacks],
    ['with words for a difference', changed(['largest_difference'], 'small'), lacks],
    ['without inputs', changed(['inputs'], undefined), shapes],
    ['with no inputs', changed(['inputs'], []), shapes],
    ['with inputs of no kind', changed(['inputs'], [null, 3]), shapes],
    ['with inputs beyond count', changed(['inputs'], Array(65).fill(sound.inputs[0])), shapes],
    ['of 1e12 time steps', changed(['inputs', 0, 'shape', 1], 1e12), shapes],
    ['of half a time step', changed(['inputs', 0, 'shape', 1], 0.5), shapes],
    ['of no time steps', changed(['inputs', 0, 'shape', 1], 0), shapes],
    ['of time steps in words', changed(['inputs', 0, 'shape', 1], '12'), shapes],
    ['of features without time', changed(['inputs', 0, 'shape'], ['batch', 12]), shapes],
    ['of another type', changed(['inputs', 0, 'dtype'], 'float64'), shapes],
    ['of an input without a name', changed(['inputs', 0, 'name'], 3), shapes],
    ['of an input twice', changed(['inputs', 2, 'name'], 'text'), together],
    ['of different numbers of samples', changed(['inputs', 0, 'shape', 0], 2), together],
    [
      'of a length of nothing',
      changed(['inputs', 0, 'name'], 'words'),
      /"text_lengths" is the length of no other input/,
    ],
    ['of numbers beyond reason', changed(['inputs', 0, 'shape'], ['batch', 65536, 65536]), /takes more than 67108864/],
    [
      'of absurdly many samples at once',
      changed(['inputs'], [value('text', 'float32', [65536, 1000, 24])]),
      /takes more than 67108864 numbers at once, which is beyond reason/,
    ],
    ['without a task', changed(['task'], null), task],
    ['of a regression to nowhere', changed(['task'], { kind: 'regression' }), task],
    ['of no classes', changed(['task'], { kind: 'classification', classes: [] }), task],
    ['of classes in numbers', changed(['task'], { kind: 'classification', classes: [1, 2] }), task],
    [
      'of targets without ranges',
      changed(['task'], { kind: 'multitarget', names: ['a', 'b'], ranges: [[0, 1]] }),
      task,
    ],
    [
      'of labels without thresholds',
      changed(['task'], { kind: 'multilabel', names: ['a', 'b'] }),
      /"thresholds" must be a probability for each of the 2 labels/,
    ],
    [
      'of thresholds that are none',
      { ...sound, task: { kind: 'multilabel', names: ['a'] }, thresholds: ['0.5'] },
      /"thresholds" must be/,
    ],
    ['of outputs without shapes', changed(['outputs', 0, 'shape'], []), /"outputs" must be values with their shapes/],
    ['of rows that are none', changed(['rows'], []), rows],
    ['of padding elsewhere', changed(['rows', 'text', 'padding'], 'middle'), rows],
    ['of no columns', changed(['rows', 'record', 'columns'], []), rows],
    ['of columns that are none', changed(['rows', 'record', 'columns'], [{ column: 'c', category: 3 }]), rows],
    ['of a pair of three', changed(['rows', 'record', 'columns'], [{ column: 'c', boolean: [['a', 'b', 'c']] }]), rows],
    [
      'of parts of a date that are none',
      changed(['rows', 'record', 'columns'], [{ column: 'c', date: ['age'], order: 'ymd' }]),
      rows,
    ],
    [
      'of an order that is none',
      changed(['rows', 'record', 'columns'], [{ column: 'c', date: ['day'], order: 'dym' }]),
      rows,
    ],
    [
      'of more columns than numbers',
      changed(['rows', 'text', 'columns'], ['a', 'b']),
      /"text" is of \[batch, 12, 24\], and its columns are 2 numbers/,
    ],
  ])('%s is refused', (_, said, says) => {
    expect(() => descriptionOf(said, 'model.json')).toThrow(says);
  });

  test.each(['', '{"format"', '['.repeat(1e6)])('that is no JSON is refused in one line', (text) => {
    expect(() => descriptionIn(text, 'a\nb/model.json')).toThrow(/^a b\/model\.json: is not JSON$/);
  });
});
