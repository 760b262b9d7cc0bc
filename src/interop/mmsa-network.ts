/**
 * MMSA's models as MMSA runs them: a text encoder first where there is one, and padding that counts where MMSA masks
 * none.
 */
import { cenetHead, enhance } from '../models/cenet.ts';
import type { Model, ModelInputs } from '../models/index.ts';
import { asPrediction, outputsOf } from '../models/task.ts';
import { bert, type BertConfig, type Scope, type Sequence, type Tokens } from '../nn/index.ts';
import { constant, type Tensor } from '../tensor/index.ts';
import type { Network } from '../train/index.ts';
import type { MmsaModelName } from './mmsa-names.ts';

/** Where the lengths of audio and vision come from: their own, those of the text, or none, so that padding counts. */
export type LengthsFrom = 'own' | 'text' | 'none';

interface MmsaNetwork {
  readonly name: MmsaModelName;
  readonly model: Model;
  /** The values of the model's configuration keys. */
  readonly config: unknown;
  readonly encoder: BertConfig | undefined;
  readonly lengths: LengthsFrom;
}

type ModalitySequences = Readonly<Record<'text' | 'audio' | 'vision', Sequence>>;

export const mmsaNetwork = (one: MmsaNetwork): Network => ({
  name: one.name,
  build(scope, inputs) {
    const { text, audio, vision } = inputs.features;
    if (!text || !audio || !vision) throw new Error("MMSA's models need text, audio and vision.");
    const given: ModalitySequences = { text, audio, vision };
    if (one.name === 'cenet') return buildCenet(scope, inputs, given, one);
    const { name, model, config, lengths } = one;
    const encodedText = one.encoder ? bert(scope.at('bert'), tokensOf(text, one.encoder), one.encoder).last : text;
    // MISA's transformer and head take vision before audio.
    const order = name === 'misa' ? (['text', 'vision', 'audio'] as const) : (['text', 'audio', 'vision'] as const);
    const features = order.map((m): [string, Sequence] => {
      if (lengths === 'none') return [m, { value: m === 'text' ? encodedText.value : given[m].value }];
      if (m === 'text') return [m, encodedText];
      return [m, lengths === 'text' && encodedText.mask ? withMaskOf(encodedText.mask, given[m]) : given[m]];
    });
    return model.build(scope, { ...inputs, features: Object.fromEntries(features) }, config);
  },
});

function buildCenet(
  scope: Scope,
  { task }: ModelInputs,
  { text, audio, vision }: ModalitySequences,
  { encoder }: MmsaNetwork,
) {
  if (!encoder) throw new Error("MMSA's CENet is inside BERT, and cannot be built without one.");
  const { last } = bert(scope.at('bert'), tokensOf(text, encoder), encoder, {
    between: (layer, hidden) => {
      const others = { vision: { value: vision.value }, audio: { value: audio.value } };
      return layer === 1 ? enhance(scope.at('enhancement'), hidden, others) : hidden;
    },
  });
  const first = last.value.slice(1, 0, 1).reshape([text.value.shape[0]!, encoder.width]);
  const prediction = asPrediction(cenetHead(scope.at('head'), first, outputsOf(task), 0), task);
  return { prediction, losses: {}, diagnostics: {}, representations: { encoded: first } };
}

/** Token ids and segments, `[N, T]` each, of the modality text `[N, T, 2]`. */
function tokensOf({ value, mask }: Sequence, encoder: BertConfig): Tokens {
  const [batch, steps] = value.shape as [number, number];
  const [ids, segments] = value.split(2, [1, 1]).map((part) => part.reshape([batch, steps]).cast('int64'));
  return { ids: ids!, ...(encoder.segments > 1 && { segments: segments! }), ...(mask && { mask }) };
}

/**
 * The sequence `[N, U, D]` with the mask `[N, T]` of another sequence: step u is masked as step u there, and beyond T.
 */
function withMaskOf(mask: Tensor, { value }: Sequence): Sequence {
  const [from, to] = [mask.shape[1]!, value.shape[1]!];
  if (from === to) return { value, mask };
  const same = Float32Array.from({ length: from * to }, (_, i) => Number(Math.floor(i / to) === i % to));
  return { value, mask: mask.matmul(constant(same, [from, to])) };
}
