import { describe, expect, it } from 'vitest';
import { synthetic } from '../data/datasets/synthetic.ts';
import { NdArray } from '../formats/bytes/array.ts';
import { checkDataset, renaming, stateOf } from './checkpoint.ts';

const ourName = renaming(
  [
    ['net.*.#.~', 'layers.*.#.~'],
    ['pair_*_\\1.~', 'pair.*.~'],
    ['between_*_*.w', 'cross.*.*.w'],
    ['inner.**', 'encoder.**'],
  ],
  { a: 'audio', v: 'vision' },
);

describe('renaming', () => {
  it.each([
    ['net.a.12.weight', 'layers.audio.12.weight'],
    ['pair_v_v.bias', 'pair.vision.bias'],
    ['between_v_a.w', 'cross.vision.audio.w'],
    ['inner.layer.0.norm.weight', 'encoder.layer.0.norm.weight'],
  ])('%s is %s', (theirs, ours) => {
    expect(ourName(theirs)).toBe(ours);
  });

  it.each([
    'net.t.1.weight',
    'net.a.x.weight',
    'net.a.1.weight.more',
    'pair_v_a.bias',
    'xinner.a',
    'netXa.1.w',
    'inner.',
  ])('%s is none', (theirs) => {
    expect(ourName(theirs)).toBeUndefined();
  });
});

describe('stateOf', () => {
  const numbers = (...values: number[]): NdArray => new NdArray([values.length], 'float32', Float32Array.from(values));
  const parameters = new Map([
    ['encoder.w', { shape: [2] }],
    ['encoder.b', { shape: [1] }],
  ]);
  const read = (tensors: Readonly<Record<string, NdArray>>): Record<string, Float32Array> =>
    stateOf(tensors, parameters, {
      file: 'x.pth',
      ourName: (name) => ourName(name.replace('Model.', '')),
      unused: (name) => name === 'version',
    });

  it('gives every parameter by our name, and leaves what nobody reads', () => {
    expect(read({ 'inner.w': numbers(1, 2), 'inner.b': numbers(3), version: numbers(2) })).toEqual({
      'encoder.w': Float32Array.of(1, 2),
      'encoder.b': Float32Array.of(3),
    });
  });

  it.each<[string, Readonly<Record<string, NdArray>>, string]>([
    ['missing', { 'inner.w': numbers(1, 2) }, 'x.pth: lacks 1 parameters of this model, among them "encoder.b".'],
    ['unknown', { 'outer.w': numbers(1, 2) }, 'x.pth: holds "outer.w", for which this model has no place'],
    ['too many', { 'inner.c': numbers(1) }, 'x.pth: holds "inner.c", for which this model has no place'],
    ['of another shape', { 'inner.w': numbers(1) }, '"inner.w" has shape [1], but the configuration makes it [2].'],
    [
      'there twice',
      { 'inner.b': numbers(1), 'Model.inner.b': numbers(1) },
      'x.pth: holds "Model.inner.b" under another name, too.',
    ],
    ['no numbers', { 'inner.b': new NdArray([1], 'object', ['1']) }, 'x.pth: "inner.b" does not hold numbers.'],
  ])('a parameter that is %s', (_, tensors, message) => {
    expect(() => read(tensors)).toThrow(message);
  });
});

describe('checkDataset', () => {
  const regression = { kind: 'regression' } as const;
  const dataset = synthetic();
  const widths = Object.fromEntries(dataset.modalities.map(({ name, width }) => [name, width]));

  it('lets pass what goes together', () => {
    expect(() => {
      checkDataset(dataset, { widths, task: regression });
    }).not.toThrow();
  });

  it('names what does not', () => {
    const refused = (given: Parameters<typeof checkDataset>[1], data = dataset): void => {
      checkDataset(data, given);
    };
    expect(() => {
      refused({ widths: { ...widths, touch: 1 }, task: regression });
    }).toThrow('has no modality "touch", which the checkpoint\'s model needs.');
    expect(() => {
      refused({ widths: { ...widths, audio: 999 }, task: regression });
    }).toThrow('features per step, but the checkpoint takes 999.');
    expect(() => {
      refused({ widths, task: { kind: 'classification', classes: 2 } });
    }).toThrow('The checkpoint is for classification, but the labels of synthetic are for regression.');
    const classes = synthetic({ task: 'classification' });
    expect(() => {
      refused({ widths, task: { kind: 'classification', classes: 99 } }, classes);
    }).toThrow('The checkpoint tells 99 classes apart, but synthetic has');
  });
});
