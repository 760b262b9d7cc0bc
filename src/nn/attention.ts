import { constant, type Tensor } from '../tensor/index.ts';
import { dropout } from './dropout.ts';
import { constantly, xavier, byFanIn } from './initializers.ts';
import type { Scope } from './scope.ts';
import type { Sequence } from './sequence.ts';

export interface AttentionOptions {
  readonly heads: number;
  /** Of the attention weights. */
  readonly dropout: number;
  /** Each step sees itself and earlier ones only; needs queries and keys of one length. */
  readonly causal?: boolean;
}

/** Added to the score of a step that must not be seen: far below any score, yet finite. */
const hidden = -1e9;

/**
 * Multi-head attention (Vaswani et al., 2017): softmax(Q Kᵀ / √(D/heads)) V, `[N, Tq, D]` and `[N, Tk, D]` to `[N, Tq, D]`.
 * Keys and values may be differently dropped-out copies of one sequence; padded keys are never seen.
 * One projection matrix `[3D, D]` for queries, keys and values, as in PyTorch.
 */
export function attention(
  scope: Scope,
  query: Tensor,
  { keys, values, mask }: { keys: Tensor; values: Tensor; mask?: Tensor },
  { heads, dropout: rate, causal = false }: AttentionOptions,
): Tensor {
  const [batch, steps, width] = query.shape as [number, number, number];
  if (width % heads !== 0) throw new RangeError(`Attention of width ${width} cannot be split into ${heads} heads.`);
  const size = width / heads;
  const weight = scope.param('in_proj_weight', [3 * width, width], xavier(width, 3 * width));
  const bias = scope.param('in_proj_bias', [3 * width], constantly(0));
  const split = (x: Tensor): Tensor => x.reshape([batch, x.shape[1]!, heads, size]).transpose([0, 2, 1, 3]);

  const [q, k, v] = project([query, keys, values], weight, bias).map(split);
  let scores = q!.mul(1 / Math.sqrt(size)).matmul(k!, { transposeB: true });
  if (mask) scores = scores.add(mask.sub(1).mul(-hidden).reshape([batch, 1, 1, mask.shape[1]!]));
  if (causal) scores = scores.add(future(steps, query));
  const weights = dropout(scope, 'weights', scores.softmax(), rate);

  const mixed = weights.matmul(v!).transpose([0, 2, 1, 3]).reshape([batch, steps, width]);
  const out = scope.at('out_proj');
  return mixed
    .matmul(out.param('weight', [width, width], byFanIn(width)), { transposeB: true })
    .add(out.param('bias', [width], constantly(0)));
}

/** Queries, keys and values; inputs that are one and the same tensor share one product. */
function project(inputs: readonly [Tensor, Tensor, Tensor], weight: Tensor, bias: Tensor): Tensor[] {
  const width = weight.shape[1]!;
  const outputs: Tensor[] = [];
  for (let first = 0; first < 3;) {
    const x = inputs[first]!;
    let last = first + 1;
    while (last < 3 && inputs[last] === x) last++;
    const rows = weight.slice(0, first * width, last * width);
    const y = x.matmul(rows, { transposeB: true }).add(bias.slice(0, first * width, last * width));
    for (let i = first; i < last; i++) outputs.push(y.slice(2, (i - first) * width, (i - first + 1) * width));
    first = last;
  }
  return outputs;
}

/** `[T, T]`: what hides from each step the ones after it. */
function future(steps: number, like: Tensor): Tensor {
  const data = Array.from({ length: steps * steps }, (_, i) => (i % steps > Math.floor(i / steps) ? hidden : 0));
  return constant(data, [steps, steps], like.dtype);
}

/** The mask as attention wants it. */
export const visible = ({ mask }: Sequence): { mask?: Tensor } => (mask ? { mask } : {});
