import type { Tensor } from '../tensor/index.ts';
import { attention, heed, visible, type Heeded } from './attention.ts';
import { dropout, reluDropout } from './dropout.ts';
import { layerNorm } from './layer-norm.ts';
import { linear } from './linear.ts';
import { addPositions } from './positional-embedding.ts';
import type { Scope } from './scope.ts';
import { joinInTime, withValue, type Sequence } from './sequence.ts';

export interface TransformerOptions {
  readonly heads: number;
  readonly layers: number;
  readonly dropout: {
    readonly attention: number;
    /** After the ReLU of the feed-forward part. */
    readonly relu: number;
    readonly residual: number;
    readonly embedding: number;
  };
  /** Layer norm after each residual sum (the authors') or before each part. Default 'post'. */
  readonly norm?: 'post' | 'pre';
  /** Sinusoidal positions added to the inputs, of each sequence from its own start. Default false (the authors'). */
  readonly positions?: boolean;
  /** Steps see no later ones. Only for self-attention. */
  readonly causal?: boolean;
}

/**
 * Transformer encoder, `[N, T, D]` to `[N, T, D]`. With a `context`, sequences that are joined in time, every layer
 * attends to it, always in its first form (cross-modal attention; Tsai et al., 2019); without, to itself. Inputs are
 * scaled by √D.
 */
export function transformer(
  scope: Scope,
  sequence: Sequence,
  context: readonly Sequence[] | undefined,
  options: TransformerOptions,
): Sequence {
  const { heads, layers, norm = 'post', positions = false, dropout: rates } = options;
  const [batch, , width] = sequence.value.shape as [number, number, number];
  const embed = (x: Sequence): Sequence => {
    const scaled = x.value.mul(Math.sqrt(width));
    return withValue(x, positions ? addPositions(scaled) : scaled);
  };
  // Layers see the steps of all sequences after one another, `[N·T, D]`: what they do to each step asks for no more.
  const rows = ({ value }: Sequence): Tensor => value.reshape([batch * value.shape[1]!, width]);
  const dropped = (name: string, x: Tensor): Tensor => dropout(scope, name, x, rates.embedding);
  let x = dropped('queries', rows(embed(sequence)));
  const joined = context && joinInTime(context.map(embed));
  const joinedRows = joined && rows(joined);
  const scopes = Array.from({ length: layers }, (_, i) => scope.at('layers', i));
  const memories =
    joinedRows &&
    heed(
      scopes.map((scope) => scope.at('attention')),
      { keys: dropped('keys', joinedRows), values: dropped('values', joinedRows), ...visible(joined) },
      { batch, heads },
    );
  scopes.forEach((scope, i) => {
    x = layer(scope, x, memories?.[i] ?? visible(sequence), { ...options, batch });
  });
  return withValue(sequence, (norm === 'pre' ? layerNorm(scope.at('norm'), x) : x).reshape(sequence.value.shape));
}

/** One layer on `[N·T, D]`, which heeds the given memory; without keys, itself. */
function layer(
  scope: Scope,
  x: Tensor,
  memory: Heeded | Pick<Heeded, 'mask'>,
  options: TransformerOptions & { readonly batch: number },
): Tensor {
  const { batch, heads, norm = 'post', causal = false, dropout: rates } = options;
  const pre = norm === 'pre';
  const width = x.shape[1]!;
  const attentionNorm = (x: Tensor): Tensor => layerNorm(scope.at('attention_norm'), x);
  const feedForwardNorm = (x: Tensor): Tensor => layerNorm(scope.at('feed_forward_norm'), x);

  const query = pre ? attentionNorm(x) : x;
  const heeded = attention(scope.at('attention'), query, memory, {
    batch,
    heads,
    dropout: rates.attention,
    causal: causal && !('k' in memory),
  });
  const summed = x.add(dropout(scope, 'attended', heeded, rates.residual));
  const middle = pre ? summed : attentionNorm(summed);

  const hidden = linear(scope.at('feed_forward', 0), pre ? feedForwardNorm(middle) : middle, 4 * width);
  const fed = linear(scope.at('feed_forward', 1), reluDropout(scope, 'hidden', hidden, rates.relu), width);
  const sum = middle.add(dropout(scope, 'fed', fed, rates.residual));
  return pre ? sum : feedForwardNorm(sum);
}
