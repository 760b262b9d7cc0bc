import { constant, withGradient, type Tensor } from '../tensor/index.ts';
import { dropoutMask } from './dropout.ts';
import { constantly, xavier, byFanIn } from './initializers.ts';
import type { Scope } from './scope.ts';
import type { Sequence } from './sequence.ts';

/** What is attended to. */
export interface Memory {
  readonly keys: Tensor;
  readonly values: Tensor;
  /** `[N, Tk]`, 1 for a true step and 0 for padding. */
  readonly mask?: Tensor;
}

export interface AttentionOptions {
  /** N. */
  readonly batch: number;
  readonly heads: number;
  /** Of the attention weights. */
  readonly dropout: number;
  /** Each step sees itself and earlier ones only; needs queries and keys of one length. */
  readonly causal?: boolean;
}

/**
 * Multi-head attention (Vaswani et al., 2017): softmax(Q Kᵀ / √(D/heads)) V. The query `[N·Tq, D]` and the memory
 * `[N·Tk, D]` hold the steps of N sequences after one another, as does the result `[N·Tq, D]`. Keys and values may be
 * differently dropped-out copies of one sequence; padded keys are never seen.
 * One projection matrix `[3D, D]` for queries, keys and values, as in PyTorch.
 */
export function attention(
  scope: Scope,
  query: Tensor,
  { keys, values, mask }: Memory,
  { batch, heads, dropout: rate, causal = false }: AttentionOptions,
): Tensor {
  const [rows, width] = query.shape as [number, number];
  if (width % heads !== 0) throw new RangeError(`Attention of width ${width} cannot be split into ${heads} heads.`);
  const weight = scope.param('in_proj_weight', [3 * width, width], xavier(width, 3 * width));
  const bias = scope.param('in_proj_bias', [3 * width], constantly(0));
  // Products are shared where queries, keys and values are one tensor.
  const filled = mask ? withPaddingAmongSteps(keys, mask) : keys;
  const [q, k, v] = project([query, filled, values === keys ? filled : values], weight, bias, { batch, heads });
  const mixed = attend(scope, [q!, k!, v!], { rate, causal, ...(mask && { mask }) });

  const out = scope.at('out_proj');
  return mixed
    .transpose([0, 2, 1, 3])
    .reshape([width, rows])
    .matmul(out.param('weight', [width, width], byFanIn(width)), { transposeA: true, transposeB: true })
    .add(out.param('bias', [width], constantly(0)));
}

/**
 * Queries, keys and values of every head, `[heads, N, D/heads, T]` each. Inputs that are one and the same tensor share
 * one product. Features come before time throughout: the product turns the rows for nothing, and heads and sequences
 * then change places in long runs.
 */
function project(
  inputs: readonly [Tensor, Tensor, Tensor],
  weight: Tensor,
  bias: Tensor,
  { batch, heads }: { batch: number; heads: number },
): Tensor[] {
  const width = weight.shape[1]!;
  const runs = inputs.reduce<{ x: Tensor; count: number }[]>((found, x) => {
    if (found.at(-1)?.x === x) found.at(-1)!.count++;
    else found.push({ x, count: 1 });
    return found;
  }, []);
  const sizes = runs.map(({ count }) => count * width);
  const [weights, biases] = [weight.split(0, sizes), bias.reshape([3 * width, 1]).split(0, sizes)];
  return runs.flatMap(({ x, count }, i) =>
    weights[i]!.matmul(x, { transposeB: true })
      .add(biases[i]!)
      .reshape([count * heads, width / heads, batch, x.shape[0]! / batch])
      .transpose([0, 2, 1, 3])
      .split(0, Array<number>(count).fill(heads)),
  );
}

/**
 * Keys `[N·Tk, D]` whose padding is the mean of the true ones. A score is linear in the key, so no score of padding then
 * is above all true ones: it can be left in the softmax and taken out of the weights afterwards. Put far below the
 * others instead, it would become a denormal number, on which every op after it takes ten times as long.
 */
function withPaddingAmongSteps(keys: Tensor, mask: Tensor): Tensor {
  const [batch, steps] = mask.shape as [number, number];
  const width = keys.shape[1]!;
  const real = mask.reshape([batch, steps, 1]);
  const x = keys.reshape([batch, steps, width]);
  const mean = x.mul(mask.div(mask.sum([1], true).max(1)).reshape(real.shape)).sum([1], true);
  const filled = x.mul(real).add(mean.sub(mean.mul(real)));
  // No gradient reaches padding, so none flows into the mean.
  return withGradient(filled.reshape(keys.shape), [keys], (dy) => [dy]);
}

interface Attending {
  readonly mask?: Tensor;
  readonly causal: boolean;
  readonly rate: number;
}

/** Below it, no key is seen: the result is zero. */
const massFloor = 1e-30;

/**
 * softmax(Qᵀ K / √(D/heads)) Vᵀ for `[heads, N, D/heads, T]`, over the keys that `mask` shows.
 *
 * With W the weights and Y the result, the softmax's gradient W ∘ (dW − Σ_j W ∘ dW) needs no sum over the keys, since
 * Σ_j W ∘ dW = Σ_d Y ∘ dY, dropout included (Dao et al., FlashAttention, 2022, appendix B). Padding stays in the
 * softmax: taken out of the keys and values, and the rows divided by the rest of their mass, it has no part in the
 * result, and nothing of the size of W is computed for it.
 */
function attend(scope: Scope, [q, k, v]: readonly [Tensor, Tensor, Tensor], { mask, causal, rate }: Attending): Tensor {
  const [heads, batch, size, steps] = q.shape as [number, number, number, number];
  const scale = 1 / Math.sqrt(size);
  const scores = q.matmul(k, { transposeA: true, scale });
  const weights = (causal ? scores.add(future(steps, q)) : scores).softmax();
  const real = mask?.reshape([1, batch, 1, mask.shape[1]!]);
  const mass = real?.matmul(weights, { transposeB: true }).max(massFloor);
  const seen = (x: Tensor): Tensor => (real ? x.mul(real) : x);
  const divided = (x: Tensor): Tensor => (mass ? x.div(mass) : x);

  const dropped = dropoutMask(scope, 'weights', weights, rate);
  const kept = dropped ? weights.mul(dropped) : weights;
  const values = seen(v);
  const mixed = divided(values.matmul(kept, { transposeB: true }));
  return withGradient(mixed, [q, k, v], (dmixed) => {
    const dy = divided(dmixed);
    const dkept = dy.matmul(values, { transposeA: true });
    const dweights = dropped ? dkept.mul(dropped) : dkept;
    const average = mixed.mul(dy).sum([2]).reshape([heads, batch, steps, 1]);
    const dscores = weights.mul(dweights.sub(average));
    return [
      seen(k).matmul(dscores, { transposeB: true, scale }),
      seen(q.matmul(dscores, { scale })),
      seen(dy.matmul(kept)),
    ];
  });
}

/** `[T, T]`: what hides from each step the ones after it. */
function future(steps: number, like: Tensor): Tensor {
  const data = Array.from({ length: steps * steps }, (_, i) => (i % steps > Math.floor(i / steps) ? -1e9 : 0));
  return constant(data, [steps, steps], like.dtype);
}

/** The mask as attention wants it. */
export const visible = ({ mask }: Sequence): { mask?: Tensor } => (mask ? { mask } : {});
