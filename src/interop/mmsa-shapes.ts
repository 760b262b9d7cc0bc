/** The sizes of MMSA's models, read from the shapes of the tensors in a checkpoint. */
import { NdArray } from '../formats/bytes/array.ts';
import type { Tensors } from './checkpoint.ts';
import type { MmsaModelName } from './mmsa-names.ts';

/** The size of an axis of a tensor, by MMSA's name of the tensor; throws a FormatError where there is none. */
export type SizeOf = (name: string, axis: number) => number;

type Axis = readonly [name: string, axis: number];

interface ModelShapes {
  /** The axes whose sizes are the features per time step; for text behind an encoder, those that the encoder gives. */
  readonly widths: Readonly<Record<'text' | 'audio' | 'vision', Axis>>;
  /** The axis whose size is the number of outputs: 1 for regression, else the number of classes. */
  readonly outputs: Axis;
  /** The model's configuration keys, from the sizes of its tensors. */
  readonly values: (size: SizeOf, names: readonly string[]) => Readonly<Record<string, unknown>>;
}

export const mmsaShapes: Readonly<Record<MmsaModelName, ModelShapes>> = {
  misa: {
    widths: {
      text: ['project_t.project_t.weight', 1],
      audio: ['arnn1.weight_ih_l0', 1],
      vision: ['vrnn1.weight_ih_l0', 1],
    },
    outputs: ['fusion.fusion_layer_3.weight', 0],
    values: (size) => ({
      width: size('project_t.project_t.weight', 0),
      feedForward: size('transformer_encoder.layers.0.linear1.weight', 0),
      heads: 2,
    }),
  },
  'self-mm': {
    widths: {
      text: ['post_text_layer_1.weight', 1],
      audio: ['audio_model.rnn.weight_ih_l0', 1],
      vision: ['video_model.rnn.weight_ih_l0', 1],
    },
    outputs: ['post_fusion_layer_3.weight', 0],
    values: (size) => {
      const each = (theirs: string, axis: number) => ({
        audio: size(`audio_${theirs}`, axis),
        vision: size(`video_${theirs}`, axis),
      });
      return {
        text: 'first',
        hidden: each('model.rnn.weight_hh_l0', 1),
        encoded: each('model.linear_1.weight', 0),
        features: {
          text: size('post_text_layer_1.weight', 0),
          audio: size('post_audio_layer_1.weight', 0),
          vision: size('post_video_layer_1.weight', 0),
        },
        fusion: size('post_fusion_layer_1.weight', 0),
      };
    },
  },
  mfm: {
    widths: {
      text: ['encoder_l.lstm.weight_ih', 1],
      audio: ['encoder_a.lstm.weight_ih', 1],
      vision: ['encoder_v.lstm.weight_ih', 1],
    },
    outputs: ['fy_to_y_fc2.weight', 0],
    values: (size) => {
      const each = (name: (letter: string) => string, axis: number) => ({
        text: size(name('l'), axis),
        audio: size(name('a'), axis),
        vision: size(name('v'), axis),
      });
      const hiddenLayer = (name: string) => ({ width: size(`mfn_encoder.${name}_fc1.weight`, 0) });
      return {
        hidden: each((m) => `mfn_encoder.lstm_${m}.weight_hh`, 1),
        memory: size('mfn_encoder.gamma1_fc2.weight', 0),
        attention: hiddenLayer('att1'),
        candidate: hiddenLayer('att2'),
        retain: hiddenLayer('gamma1'),
        update: hiddenLayer('gamma2'),
        latent: each((m) => `encoder_${m}.fc1.weight`, 0),
        labelLatent: size('last_to_zy_fc1.weight', 0),
        factor: each((m) => `z${m}_to_f${m}_fc1.weight`, 0),
        labelFactor: size('zy_to_fy_fc1.weight', 0),
      };
    },
  },
  mult: {
    widths: { text: ['proj_l.weight', 1], audio: ['proj_a.weight', 1], vision: ['proj_v.weight', 1] },
    outputs: ['out_layer.weight', 0],
    values: (size, names) => {
      const width = size('proj_l.weight', 0);
      const count = (of: string): number =>
        new Set(names.flatMap((name) => (name.startsWith(`${of}.layers.`) ? [name.split('.')[2]] : []))).size;
      const heads = publishedHeads[width];
      return {
        width,
        ...(heads !== undefined && { heads }),
        layers: count('trans_l_with_a'),
        selfLayers: count('trans_l_mem'),
        kernel: { text: size('proj_l.weight', 2), audio: size('proj_a.weight', 2), vision: size('proj_v.weight', 2) },
        positions: false,
      };
    },
  },
  cenet: {
    widths: {
      text: ['bert.embeddings.word_embeddings.weight', 1],
      audio: ['bert.encoder.CE.acoustic_transform.0.weight', 1],
      vision: ['bert.encoder.CE.visual_transform.0.weight', 1],
    },
    outputs: ['classifier.out_proj.weight', 0],
    values: () => ({}),
  },
};

/** The number of attention heads of MulT in MMSA's configurations, by the model's width; no tensor's shape tells it. */
export const publishedHeads: Readonly<Record<number, number>> = { 50: 10, 30: 6 };

/**
 * The tensors of MulT with an identity in place of each projection whose input is as wide as the model: MMSA does not
 * apply such a projection, though its checkpoint holds one.
 */
export function withIdentityProjections(tensors: Tensors): Tensors {
  const names = ['proj_l.weight', 'proj_a.weight', 'proj_v.weight'];
  return {
    ...tensors,
    ...Object.fromEntries(
      names.flatMap((name) => {
        const [out, features] = tensors[name]?.shape ?? [];
        if (out === undefined || out !== features) return [];
        const identity = Float32Array.from({ length: out * out }, (_, i) => Number(i % (out + 1) === 0));
        return [[name, new NdArray([out, out, 1], 'float32', identity)]];
      }),
    ),
  };
}
