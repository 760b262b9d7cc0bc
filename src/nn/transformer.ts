import { concat, constant, type Tensor } from '../tensor/index.ts';
import {
  attention,
  projectMemory,
  visible,
  type AttentionOptions,
  type Memory,
  type ProjectedMemory,
} from './attention.ts';
import { dropout, reluDropout } from './dropout.ts';
import { layerNorm } from './layer-norm.ts';
import { linear } from './linear.ts';
import { addPositions, type PositionLayout } from './positional-embedding.ts';
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
  readonly positions?: boolean | PositionLayout;
  /** Steps see no later ones. Only for self-attention. */
  readonly causal?: boolean;
  /** How queries attend to a context. Default: to all of it, as it is. */
  readonly context?: {
    /** With norm 'pre': each layer normalises the context by the norm of its queries (Tsai et al., 2019). */
    readonly normalised?: boolean;
    /** Step t sees steps up to t + |T − T'|, of true lengths T and T' (Tsai et al.'s code). */
    readonly causal?: boolean;
  };
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
  const { heads, layers, norm = 'post', positions = false, dropout: rates, context: attending = {} } = options;
  const [batch, , width] = sequence.value.shape as [number, number, number];
  const layout = positions === true ? 'interleaved' : positions;
  const embed = (x: Sequence): Sequence => {
    const scaled = x.value.mul(Math.sqrt(width));
    return withValue(x, layout ? addPositions(scaled, layout) : scaled);
  };
  // Layers work on the steps of all sequences after one another, `[N·T, D]`: all but attention acts on each step alone.
  const rows = ({ value }: Sequence): Tensor => value.reshape([batch * value.shape[1]!, width]);
  const dropped = (name: string, x: Tensor): Tensor => dropout(scope, name, x, rates.embedding);
  let x = dropped('queries', rows(embed(sequence)));
  const joined = context && joinInTime(context.map(embed));
  const joinedRows = joined && rows(joined);
  const scopes = Array.from({ length: layers }, (_, i) => scope.at('layers', i));
  const memory = joinedRows && {
    ...{ keys: dropped('keys', joinedRows), values: dropped('values', joinedRows) },
    ...visible(joined),
  };
  // Unless each layer normalises the context by a norm of its own, one product makes the keys and values of all layers.
  const normalised = norm === 'pre' && attending.normalised;
  const attentions = scopes.map((scope) => scope.at('attention'));
  const projected = memory && !normalised ? projectMemory(attentions, memory, { batch, heads }) : undefined;
  const bias = context && attending.causal ? laterSteps(sequence, context) : undefined;
  scopes.forEach((scope, i) => {
    const watch = watching(scope, i, sequence, context ?? [sequence]);
    x = layer(scope, x, projected?.[i] ?? memory ?? visible(sequence), {
      ...{ ...options, batch, watch },
      ...(bias && { bias }),
    });
  });
  return withValue(sequence, (norm === 'pre' ? layerNorm(scope.at('norm'), x) : x).reshape(sequence.value.shape));
}

/** Tells a watcher of the weights between steps of modalities; undefined where nobody watches, or there are none. */
function watching(
  { watcher, name: path }: Scope,
  layer: number,
  queries: Sequence,
  keys: readonly Sequence[],
): AttentionOptions['watch'] {
  if (!watcher || [queries, ...keys].some(({ modality }) => modality === undefined)) return undefined;
  return (weights) => watcher.attention({ path, layer, queries, keys, weights });
}

/**
 * Added to scores to hide from step t of a sequence the steps of each context after t + |T − T'|, T and T' being their
 * true lengths: `[N, Tq, ΣTk]`, or `[1, Tq, ΣTk]` where all steps are true.
 */
function laterSteps(sequence: Sequence, context: readonly Sequence[]): Tensor {
  const { dtype } = sequence.value;
  const masks = [sequence, ...context].flatMap(({ mask }) => mask ?? []);
  const whole = masks[0]?.sum([1], true).mul(0) ?? constant([0], [1, 1], dtype);
  const length = ({ value, mask }: Sequence): Tensor => mask?.sum([1], true) ?? whole.add(value.shape[1]!);
  const parts = context.map((part) => {
    const [queries, keys] = [sequence.value.shape[1]!, part.value.shape[1]!];
    const ahead = Array.from({ length: queries * keys }, (_, i) => (i % keys) - Math.floor(i / keys));
    const reach = length(part).sub(length(sequence)).abs();
    const later = constant(ahead, [1, queries, keys], dtype).greater(reach.reshape([reach.shape[0]!, 1, 1]));
    return later.cast(dtype).mul(-1e9);
  });
  return concat(parts, 2);
}

/** One layer on `[N·T, D]`, which attends to the given memory, or, where that has no keys, to itself. */
function layer(
  scope: Scope,
  x: Tensor,
  memory: ProjectedMemory | Memory | Pick<Memory, 'mask'>,
  options: TransformerOptions & { readonly batch: number; readonly bias?: Tensor } & Pick<AttentionOptions, 'watch'>,
): Tensor {
  const { batch, heads, norm = 'post', causal = false, dropout: rates, bias, watch } = options;
  const pre = norm === 'pre';
  const width = x.shape[1]!;
  // One norm serves the queries and a memory that the layer normalises.
  const attentionNorm = (x: Tensor): Tensor => layerNorm(scope.shared().at('attention_norm'), x);
  const feedForwardNorm = (x: Tensor): Tensor => layerNorm(scope.at('feed_forward_norm'), x);

  const query = pre ? attentionNorm(x) : x;
  const projected =
    'keys' in memory ? projectNormalised(scope.at('attention'), memory, attentionNorm, { batch, heads }) : memory;
  const attended = attention(scope.at('attention'), query, projected, {
    batch,
    heads,
    dropout: rates.attention,
    causal: causal && !('k' in projected),
    watch,
    ...(bias && { bias }),
  });
  const summed = x.add(dropout(scope, 'attended', attended, rates.residual));
  const middle = pre ? summed : attentionNorm(summed);

  const hidden = linear(scope.at('feed_forward', 0), pre ? feedForwardNorm(middle) : middle, 4 * width);
  const fed = linear(scope.at('feed_forward', 1), reluDropout(scope, 'hidden', hidden, rates.relu), width);
  const sum = middle.add(dropout(scope, 'fed', fed, rates.residual));
  return pre ? sum : feedForwardNorm(sum);
}

function projectNormalised(
  scope: Scope,
  memory: Memory,
  norm: (x: Tensor) => Tensor,
  layout: Pick<AttentionOptions, 'batch' | 'heads'>,
): ProjectedMemory {
  const keys = norm(memory.keys);
  const values = memory.values === memory.keys ? keys : norm(memory.values);
  return projectMemory([scope], { ...memory, keys, values }, layout)[0]!;
}
