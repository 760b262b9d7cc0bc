import type { RunConfig } from '../../config/index.ts';
import { bert, masked, type BertConfig, type BertOptions, type Scope, type Sequence } from '../../nn/index.ts';
import type { Network } from '../../train/index.ts';

/** The scope of the encoder's parameters: their names begin with it. */
export const encoderScope = 'bert';

/**
 * A network that takes text as tokens: the encoder runs first, and the model takes its last hidden states as features.
 */
export const withEncoder = (network: Network, encoder: BertConfig, options: RunConfig['text']['bert']): Network => ({
  ...network,
  build(scope, inputs) {
    const { text } = inputs.features;
    if (!text) throw new Error('An encoder of text needs the modality "text".');
    const states = encode(scope.at(encoderScope), text, encoder, optionsOf(options));
    const encoded = { ...states, modality: 'text' };
    scope.watcher?.encoded(encoded.modality, encoded.value);
    return network.build(scope, { ...inputs, features: { ...inputs.features, text: encoded } });
  },
});

const optionsOf = ({ freeze, learningRate, weightDecay }: RunConfig['text']['bert']): BertOptions => ({
  freeze,
  group: { learningRate, weightDecay },
});

/**
 * The encoder's last hidden states `[N, T, D]` for tokens `[N, T, 2]`: id and segment of each, as float32. Padding
 * gives 0.
 */
export function encode(scope: Scope, tokens: Sequence, encoder: BertConfig, options: BertOptions = {}): Sequence {
  const [batch, steps] = tokens.value.shape as [number, number];
  const [ids, segments] = tokens.value.split(2, [1, 1]).map((part) => part.reshape([batch, steps]).cast('int64'));
  const oneText = encoder.segments === 1 ? {} : { segments: segments! };
  const { mask } = tokens;
  return masked(bert(scope, { ids: ids!, ...oneText, ...(mask && { mask }) }, encoder, options).last);
}
