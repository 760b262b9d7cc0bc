import type { Tensor } from '../tensor/index.ts';
import { attention, visible } from './attention.ts';
import { dropout } from './dropout.ts';
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
  const { layers, norm = 'post', positions = false, dropout: rates } = options;
  const embed = (x: Sequence): Sequence => {
    const scaled = x.value.mul(Math.sqrt(x.value.shape[2]!));
    return withValue(x, positions ? addPositions(scaled) : scaled);
  };
  const dropped = (name: string, x: Sequence): Tensor => dropout(scope, name, x.value, rates.embedding);
  let x = dropped('queries', embed(sequence));
  const joined = context && joinInTime(context.map(embed));
  const memory = joined && { keys: dropped('keys', joined), values: dropped('values', joined), ...visible(joined) };
  for (let i = 0; i < layers; i++) x = layer(scope.at('layers', i), withValue(sequence, x), memory, options);
  return withValue(sequence, norm === 'pre' ? layerNorm(scope.at('norm'), x) : x);
}

type Memory = Parameters<typeof attention>[2];

function layer(scope: Scope, sequence: Sequence, memory: Memory | undefined, options: TransformerOptions): Tensor {
  const { heads, norm = 'post', causal = false, dropout: rates } = options;
  const pre = norm === 'pre';
  const attentionNorm = (x: Tensor): Tensor => layerNorm(scope.at('attention_norm'), x);
  const feedForwardNorm = (x: Tensor): Tensor => layerNorm(scope.at('feed_forward_norm'), x);

  const x = sequence.value;
  const query = pre ? attentionNorm(x) : x;
  const own = { keys: query, values: query, ...visible(sequence) };
  const heeded = attention(scope.at('attention'), query, memory ?? own, {
    heads,
    dropout: rates.attention,
    causal: causal && !memory,
  });
  const summed = x.add(dropout(scope, 'attended', heeded, rates.residual));
  const middle = pre ? summed : attentionNorm(summed);

  const hidden = linear(scope.at('feed_forward', 0), pre ? feedForwardNorm(middle) : middle, 4 * x.shape[2]!).relu();
  const fed = linear(scope.at('feed_forward', 1), dropout(scope, 'hidden', hidden, rates.relu), x.shape[2]!);
  const sum = middle.add(dropout(scope, 'fed', fed, rates.residual));
  return pre ? sum : feedForwardNorm(sum);
}
