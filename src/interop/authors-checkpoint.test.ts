import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { NdArray } from '../formats/bytes/array.ts';
import { fixture } from '../formats/testing.ts';
import { readTorch } from '../formats/torch/read.ts';
import { authorsState, readAuthorsCheckpoint } from './authors-checkpoint.ts';
import { openAuthorsModel } from './authors-model.ts';

const path = (name: string): string => new URL(`../../test/fixtures/decalign/${name}`, import.meta.url).pathname;
const file = 'x.pth';
const { parameters } = openAuthorsModel(path('regression.pth'), path('regression.config.json'));
const tensors = readTorch(fixture('decalign/regression.pth'), { file });

describe('a checkpoint of the authors', () => {
  it('gives every parameter by our name', () => {
    const state = readAuthorsCheckpoint(fixture('decalign/regression.pth'), parameters, { file });
    expect(Object.keys(state).sort()).toEqual([...parameters.keys()].sort());
    expect(state['head.weight']).toEqual(tensors['out_layer.weight']!.data);
  });

  it('must hold each parameter', () => {
    const rest = Object.fromEntries(Object.entries(tensors).filter(([name]) => name !== 'out_layer.bias'));
    expect(() => authorsState(rest, parameters, { file })).toThrow(
      'x.pth: lacks 1 parameters of this model, among them "head.bias".',
    );
  });

  it.each(['out_layer.scale', 'trans_l.layers.7.fc1.bias'])('must hold nothing else, such as %s', (name) => {
    const more = { ...tensors, [name]: tensors['out_layer.bias']! };
    expect(() => authorsState(more, parameters, { file })).toThrow(`x.pth: holds "${name}", for which this model has`);
  });

  it('must have the shapes of its configuration', () => {
    const wrong = { ...tensors, 'out_layer.bias': new NdArray([2], 'float32', Float32Array.of(0, 0)) };
    expect(() => authorsState(wrong, parameters, { file })).toThrow(
      'x.pth: "out_layer.bias" has shape [2], but the configuration makes it [1].',
    );
    expect(() => openAuthorsModel(path('classification.pth'), path('regression.config.json'))).toThrow(
      /classification\.pth: "proj_l\.weight" has shape \[16,32,1\], but the configuration makes it \[16,24,1\]\.$/,
    );
  });

  it('executes nothing', () => {
    const pickle = Uint8Array.from("cos\nsystem\n(S'true'\ntR.", (c) => c.charCodeAt(0));
    expect(() => readAuthorsCheckpoint(zipSync({ 'x/data.pkl': pickle }), parameters, { file })).toThrow(
      'the pickle names the forbidden global',
    );
  });
});
