import { expect, test } from 'vitest';
import { fixture } from '../formats/testing.ts';
import { readTorch } from '../formats/torch/read.ts';
import { ourName } from './authors-names.ts';

test.each([
  ['proj_l.weight', 'projection.text.weight'],
  ['encoder_uni_a.weight', 'unique.audio.weight'],
  ['encoder_com.weight', 'common.weight'],
  ['trans_v.layers.11.self_attn.in_proj_bias', 'transformer.vision.layers.11.attention.in_proj_bias'],
  ['trans_l.layers.0.fc2.weight', 'transformer.text.layers.0.feed_forward.1.weight'],
  ['pde_a.net.3.bias', 'latent.audio.1.bias'],
  ['out_layer.bias', 'head.bias'],
])('%s is %s', (theirs, ours) => {
  expect(ourName(theirs)).toBe(ours);
});

test.each([
  'proj_x.weight',
  'proj_l.bias',
  'xproj_l.weight',
  'trans_l.layers.a.fc1.bias',
  'text_model.model.pooler',
  '',
])('"%s" is no name of theirs', (name) => {
  expect(ourName(name)).toBeUndefined();
});

test('every parameter of their checkpoints has a name of its own', () => {
  const names = Object.keys(readTorch(fixture('decalign/regression.pth'), { file: 'x.pth' })).map(ourName);
  expect(names).not.toContain(undefined);
  expect(new Set(names).size).toBe(names.length);
});
