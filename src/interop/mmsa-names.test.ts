import { describe, expect, it } from 'vitest';
import { fixture } from '../formats/testing.ts';
import { readTorch } from '../formats/torch/read.ts';
import { mmsaNaming, withoutWrapper, type MmsaModelName } from './mmsa-names.ts';

it.each<[MmsaModelName, string, string]>([
  ['misa', 'vrnn2.weight_hh_l0_reverse', 'recurrent.vision.1.weight_hh_l0_reverse'],
  ['misa', 'private_a.private_a_3.bias', 'private.audio.bias'],
  ['misa', 'project_t.project_t_layer_norm.weight', 'project.text.norm.weight'],
  ['misa', 'bertmodel.model.encoder.layer.11.output.dense.bias', 'bert.encoder.layer.11.output.dense.bias'],
  ['self-mm', 'post_video_layer_3.weight', 'own.vision.2.weight'],
  ['self-mm', 'post_fusion_layer_1.weight', 'fusion.0.weight'],
  ['mfm', 'mfn_encoder.lstm_v.bias_hh', 'fusion.lstm.vision.bias_hh_l0'],
  ['mfm', 'decoder_a.lstm.weight_ih', 'decoder.audio.weight_ih'],
  ['mfm', 'za_to_fa_fc2.weight', 'factors.audio.1.weight'],
  ['mfm', 'zy_to_fy_fc2.weight', 'factor.1.weight'],
  ['mult', 'trans_a_with_l.layers.3.layer_norms.1.bias', 'cross.audio.text.layers.3.feed_forward_norm.bias'],
  ['mult', 'trans_v_mem.layers.0.self_attn.in_proj_weight', 'self.vision.layers.0.attention.in_proj_weight'],
  ['cenet', 'bert.encoder.CE.ha.Wk.weight', 'enhancement.audio.key.weight'],
  ['cenet', 'bert.encoder.CE.visual_transform.2.bias', 'enhancement.vision.embed.1.bias'],
  ['cenet', 'classifier.out_proj.bias', 'head.out_proj.bias'],
])('of %s, %s is %s', (model, theirs, ours) => {
  expect(mmsaNaming(model).ourName(theirs)).toBe(ours);
});

it.each<[MmsaModelName, string]>([
  ['misa', 'project_t.project_v.weight'],
  ['misa', 'text_model.model.embeddings.word_embeddings.weight'],
  ['self-mm', 'post_fusion_layer_4.weight'],
  ['mfm', 'za_to_fv_fc2.weight'],
  ['mult', 'trans_l_with_a.layers.0.layer_norms.2.weight'],
  ['cenet', 'classifier.weight'],
])('of %s, "%s" is no name', (model, theirs) => {
  const { ourName, unused } = mmsaNaming(model);
  expect(ourName(theirs)).toBeUndefined();
  expect(unused(theirs)).toBe(false);
});

it.each(['a.b', 'Model.a.b', 'module.Model.a.b', 'Model.module.a.b', 'module.a.b'])('%s is a.b', (name) => {
  expect(withoutWrapper(name)).toBe('a.b');
});

describe('every parameter of a checkpoint', () => {
  it.each<[MmsaModelName, string]>([
    ['misa', 'misa'],
    ['self-mm', 'self-mm'],
    ['mfm', 'mfm'],
    ['mult', 'mult'],
    ['mult', 'mult-bert'],
    ['cenet', 'cenet'],
  ])('of %s has a name of its own, or is known not to matter: %s.pth', (model, name) => {
    const { ourName, unused } = mmsaNaming(model);
    const theirs = Object.keys(readTorch(fixture(`interop/mmsa/${name}.pth`), { file: name })).map(withoutWrapper);
    const ours = theirs.filter((one) => !unused(one)).map(ourName);
    expect(ours).not.toContain(undefined);
    expect(new Set(ours).size).toBe(ours.length);
  });
});
