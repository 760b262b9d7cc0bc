/** The names of parameters in MMSA's checkpoints, and ours. */
import { renaming, type NamePattern } from './checkpoint.ts';

/** The models of MMSA whose checkpoints are read. */
export const mmsaModels = ['misa', 'self-mm', 'mfm', 'mult', 'cenet'] as const;
export type MmsaModelName = (typeof mmsaModels)[number];

/** All names by which MMSA's models call a modality, and ours. */
const modalities: Readonly<Record<string, string>> = {
  ...{ t: 'text', l: 'text', text: 'text' },
  ...{ a: 'audio', audio: 'audio', acoustic: 'audio' },
  ...{ v: 'vision', video: 'vision', visual: 'vision' },
};

/** The patterns of a transformer's layers. */
const layer = (theirs: string, ours: string): readonly NamePattern[] => [
  [`${theirs}.layers.#.self_attn.in_proj_~`, `${ours}.layers.#.attention.in_proj_~`],
  [`${theirs}.layers.#.self_attn.out_proj.~`, `${ours}.layers.#.attention.out_proj.~`],
  [`${theirs}.layers.#.layer_norms.0.~`, `${ours}.layers.#.attention_norm.~`],
  [`${theirs}.layers.#.layer_norms.1.~`, `${ours}.layers.#.feed_forward_norm.~`],
  [`${theirs}.layers.#.fc1.~`, `${ours}.layers.#.feed_forward.0.~`],
  [`${theirs}.layers.#.fc2.~`, `${ours}.layers.#.feed_forward.1.~`],
  [`${theirs}.layer_norm.~`, `${ours}.norm.~`],
];

/** The patterns of a text encoder whose names begin with `place`, and its tensors that no prediction reads. */
const encoderAt = (
  place: string,
): { readonly patterns: readonly NamePattern[]; readonly unused: readonly string[] } => ({
  patterns: [[`${place}.**`, 'bert.**']],
  unused: ['pooler.dense.~', 'embeddings.position_ids', 'embeddings.token_type_ids'].map((name) => `${place}.${name}`),
});

interface Names {
  readonly patterns: readonly NamePattern[];
  /** The patterns of tensors that MMSA saves and no prediction reads. */
  readonly unused: readonly string[];
}

const table: Readonly<Record<MmsaModelName, Names>> = {
  misa: {
    patterns: [
      ['*rnn1.~', 'recurrent.*.0.~'],
      ['*rnn2.~', 'recurrent.*.1.~'],
      ['*layer_norm.~', 'recurrent.*.norm.~'],
      ['project_*.project_\\1.~', 'project.*.~'],
      ['project_*.project_\\1_layer_norm.~', 'project.*.norm.~'],
      ['private_*.private_\\1_1.~', 'private.*.~'],
      ['private_a.private_a_3.~', 'private.audio.~'],
      ['shared.shared_1.~', 'shared.~'],
      ['recon_*.recon_\\1_1.~', 'reconstruct.*.~'],
      ['transformer_encoder.layers.0.self_attn.in_proj_~', 'transformer.attention.in_proj_~'],
      ['transformer_encoder.layers.0.self_attn.out_proj.~', 'transformer.attention.out_proj.~'],
      ['transformer_encoder.layers.0.norm1.~', 'transformer.attention_norm.~'],
      ['transformer_encoder.layers.0.linear1.~', 'transformer.feed_forward.0.~'],
      ['transformer_encoder.layers.0.linear2.~', 'transformer.feed_forward.1.~'],
      ['transformer_encoder.layers.0.norm2.~', 'transformer.feed_forward_norm.~'],
      ['fusion.fusion_layer_1.~', 'head.0.~'],
      ['fusion.fusion_layer_3.~', 'head.1.~'],
      ...encoderAt('bertmodel.model').patterns,
    ],
    // Two discriminators of the training, and the layer norm of an LSTM over text, which BERT replaces.
    unused: ['discriminator.**', 'sp_discriminator.**', 'tlayer_norm.~', ...encoderAt('bertmodel.model').unused],
  },
  'self-mm': {
    patterns: [
      ['*_model.rnn.~', 'encoder.*.~'],
      ['*_model.linear_1.~', 'encoder.*.linear.~'],
      ...[1, 2, 3].flatMap((n): NamePattern[] => [
        [`post_fusion_layer_${n}.~`, `fusion.${n - 1}.~`],
        [`post_*_layer_${n}.~`, `own.*.${n - 1}.~`],
      ]),
      ...encoderAt('text_model.model').patterns,
    ],
    unused: encoderAt('text_model.model').unused,
  },
  mfm: {
    patterns: [
      ['encoder_*.lstm.~', 'encoder.*.~_l0'],
      ['encoder_*.fc1.~', 'encoder.*.linear.~'],
      ['decoder_*.lstm.~', 'decoder.*.~'],
      ['decoder_*.fc1.~', 'decoder.*.linear.~'],
      ['mfn_encoder.lstm_*.~', 'fusion.lstm.*.~_l0'],
      ['last_to_zy_fc1.~', 'latent.~'],
      ...[1, 2].flatMap((n): NamePattern[] => [
        [`mfn_encoder.att1_fc${n}.~`, `fusion.attention.${n - 1}.~`],
        [`mfn_encoder.att2_fc${n}.~`, `fusion.candidate.${n - 1}.~`],
        [`mfn_encoder.gamma1_fc${n}.~`, `fusion.retain.${n - 1}.~`],
        [`mfn_encoder.gamma2_fc${n}.~`, `fusion.update.${n - 1}.~`],
        [`zy_to_fy_fc${n}.~`, `factor.${n - 1}.~`],
        [`z*_to_f\\1_fc${n}.~`, `factors.*.${n - 1}.~`],
        [`fy_to_y_fc${n}.~`, `head.${n - 1}.~`],
      ]),
    ],
    // The head of the memory fusion network, which MFM does not use.
    unused: ['mfn_encoder.out_fc#.~'],
  },
  mult: {
    patterns: [
      ['proj_*.weight', 'projection.*.weight'],
      ...layer('trans_*_with_*', 'cross.*.*'),
      ...layer('trans_*_mem', 'self.*'),
      ['proj1.~', 'fusion.0.~'],
      ['proj2.~', 'fusion.1.~'],
      ['out_layer.~', 'head.~'],
      ...encoderAt('text_model.model').patterns,
    ],
    unused: ['trans_*_with_*.version', 'trans_*_mem.version', ...encoderAt('text_model.model').unused],
  },
  cenet: {
    patterns: [
      ['bert.encoder.CE.*_transform.0.~', 'enhancement.*.embed.0.~'],
      ['bert.encoder.CE.*_transform.2.~', 'enhancement.*.embed.1.~'],
      ['bert.encoder.CE.h*.Wq.~', 'enhancement.*.query.~'],
      ['bert.encoder.CE.h*.Wk.~', 'enhancement.*.key.~'],
      ['bert.encoder.CE.h*.Wv.~', 'enhancement.*.value.~'],
      ['bert.encoder.CE.cat_connect.~', 'enhancement.output.~'],
      ['classifier.dense.~', 'head.dense.~'],
      ['classifier.out_proj.~', 'head.out_proj.~'],
      ...encoderAt('bert').patterns,
    ],
    // Embeddings of part-of-speech and sentiment marks, which MMSA's data does not have.
    unused: [
      ...['pos_tag', 'senti', 'polarity'].map((mark) => `bert.embeddings.${mark}_embeddings.weight`),
      ...encoderAt('bert').unused,
    ],
  },
};

export interface MmsaNaming {
  readonly ourName: (theirs: string) => string | undefined;
  readonly unused: (theirs: string) => boolean;
}

/** The naming of a model's parameters, for names from which `withoutWrapper` has taken the prefix. */
export function mmsaNaming(model: MmsaModelName): MmsaNaming {
  const { patterns, unused } = table[model];
  const unusedName = renaming(
    unused.map((name) => [name, '']),
    modalities,
  );
  return { ourName: renaming(patterns, modalities), unused: (theirs) => unusedName(theirs) !== undefined };
}

/**
 * A name without the prefixes of the modules around the model: MMSA's `Model.`, and `module.` of PyTorch's
 * DataParallel.
 */
export const withoutWrapper = (name: string): string => name.replace(/^(module\.)?(Model\.)?(module\.)?/, '');
