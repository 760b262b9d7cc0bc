import { concat, constant, withGradient, type Tensor } from '../tensor/index.ts';
import { dropoutMask } from './dropout.ts';
import { constantly, xavier, byFanIn } from './initializers.ts';
import type { Scope } from './scope.ts';
import type { Sequence } from './sequence.ts';

/** What queries attend to: keys and values `[N·Tk, D]`, before a layer's projection. */
export interface Memory {
  readonly keys: Tensor;
  readonly values: Tensor;
  /** `[N, Tk]`, 1 for a true step and 0 for padding. */
  readonly mask?: Tensor;
}

interface Layout {
  /** N. */
  readonly batch: number;
  readonly heads: number;
}

export interface AttentionOptions extends Layout {
  /** Dropout rate of the attention weights. */
  readonly dropout: number;
  /** Each step sees itself and earlier ones only; needs queries and keys of one length. */
  readonly causal?: boolean;
  /** Added to the scores, `[Tq, Tk]` or `[N, Tq, Tk]`, to hide keys from queries, say. */
  readonly bias?: Tensor;
  /** Is given the weights `[heads, N, Tq, Tk]`, without dropout and with those of padded keys at 0. */
  readonly watch?: ((weights: Tensor) => void) | undefined;
}

/** The keys and values of a memory after one layer's projection. */
export interface ProjectedMemory {
  /** The queries' part of the layer's projection: `[D, D]` and `[D]`. */
  readonly queries: Projection;
  /** `[heads, N, D/heads, Tk]` each. */
  readonly k: Tensor;
  readonly v: Tensor;
  readonly mask?: Tensor;
}

export interface Projection {
  readonly weight: Tensor;
  readonly bias: Tensor;
}

/**
 * Multi-head attention (Vaswani et al., 2017): softmax(Q Kᵀ / √(D/heads)) V. The query `[N·Tq, D]` holds the steps of N
 * sequences after one another, as does the result `[N·Tq, D]`. It attends to a memory that `projectMemory` has projected
 * for this layer, or to itself; the mask of itself `[N, Tq]` is 1 at its true steps.
 */
export function attention(
  scope: Scope,
  query: Tensor,
  memory: ProjectedMemory | Pick<Memory, 'mask'>,
  { batch, heads, dropout: rate, causal = false, bias, watch }: AttentionOptions,
): Tensor {
  const [rows, width] = query.shape as [number, number];
  const hidden = causal ? future(rows / batch, query) : bias;
  const mixed = attend(scope, operands(scope, query, memory, { batch, heads }), { rate, hidden, watch });

  const out = scope.at('out_proj');
  return mixed
    .transpose([0, 2, 1, 3])
    .reshape([width, rows])
    .matmul(out.param('weight', [width, width], byFanIn(width)), { transposeA: true, transposeB: true })
    .add(out.param('bias', [width], constantly(0)));
}

function operands(
  scope: Scope,
  query: Tensor,
  memory: ProjectedMemory | Pick<Memory, 'mask'>,
  layout: Layout,
): Operands {
  const { mask } = memory;
  if (!('k' in memory) && !mask) {
    const [q, k, v] = project(query, declare(scope, query, layout), layout);
    return { q: q!, k: k!, v: v! };
  }
  const { queries, k, v } =
    'k' in memory ? memory : projectMemory([scope], { keys: query, values: query, ...memory }, layout)[0]!;
  const [q] = project(query, queries, layout);
  return { q: q!, k, v, ...(mask && { mask }) };
}

/**
 * Projects a memory `[N·Tk, D]` to the keys and values of each layer that attends to it, whose scopes are given, by one
 * product for all layers. Keys and values may be differently dropped-out copies of one sequence; padded keys are never
 * seen.
 */
export function projectMemory(
  scopes: readonly Scope[],
  { keys, values, mask }: Memory,
  layout: Layout,
): readonly ProjectedMemory[] {
  const width = keys.shape[1]!;
  const filled = mask ? withPaddingAmongSteps(keys, mask) : keys;
  const shared = keys === values;
  const layers = scopes.map((scope) => split(declare(scope, keys, layout), shared ? [1, 2] : [1, 1, 1], width));
  const [ofKeys, ofValues] = [filled, ...(shared ? [] : [values])].map((x, i) =>
    project(x, joined(layers.map((parts) => parts[i + 1]!)), layout),
  );
  return layers.map(([queries], i) => ({
    queries: queries!,
    ...(ofValues ? { k: ofKeys![i]!, v: ofValues[i]! } : { k: ofKeys![2 * i]!, v: ofKeys![2 * i + 1]! }),
    ...(mask && { mask }),
  }));
}

/** One matrix for queries, keys and values `[3D, D]`, as in PyTorch. */
function declare(scope: Scope, x: Tensor, { heads }: Layout): Projection {
  const width = x.shape[1]!;
  if (width % heads !== 0) throw new RangeError(`Attention of width ${width} cannot be split into ${heads} heads.`);
  return {
    weight: scope.param('in_proj_weight', [3 * width, width], xavier(width, 3 * width)),
    bias: scope.param('in_proj_bias', [3 * width], constantly(0)),
  };
}

function split({ weight, bias }: Projection, widths: readonly number[], width: number): Projection[] {
  const sizes = widths.map((n) => n * width);
  const biases = bias.split(0, sizes);
  return weight.split(0, sizes).map((part, i) => ({ weight: part, bias: biases[i]! }));
}

const joined = (parts: readonly Projection[]): Projection => ({
  weight: concat(
    parts.map(({ weight }) => weight),
    0,
  ),
  bias: concat(
    parts.map(({ bias }) => bias),
    0,
  ),
});

/**
 * Projects `x` `[N·T, D]` by every D rows of the weight: `[heads, N, D/heads, T]` each. Features come before time
 * throughout: a product with a transposed factor costs no more, and what is then left to transpose, heads and sequences,
 * moves in long runs.
 */
export function project(x: Tensor, { weight, bias }: Projection, { batch, heads }: Layout): readonly Tensor[] {
  const [rows, width] = weight.shape as [number, number];
  const count = rows / width;
  return weight
    .matmul(x, { transposeB: true })
    .add(bias.reshape([rows, 1]))
    .reshape([count * heads, width / heads, batch, x.shape[0]! / batch])
    .transpose([0, 2, 1, 3])
    .split(0, Array<number>(count).fill(heads));
}

/**
 * Keys `[N·Tk, D]` whose padding is the mean of the true ones. A score is linear in the key, so no score of padding then
 * is above all true ones: it can be left in the softmax and taken out of the weights afterwards. Put far below the
 * others instead, it would become a denormal number, on which every op after it takes ten times as long.
 */
export function withPaddingAmongSteps(keys: Tensor, mask: Tensor): Tensor {
  const [batch, steps] = mask.shape as [number, number];
  const width = keys.shape[1]!;
  const real = mask.reshape([batch, steps, 1]);
  const x = keys.reshape([batch, steps, width]);
  const mean = x.mul(mask.div(mask.sum([1], true).max(1)).reshape(real.shape)).sum([1], true);
  const filled = x.mul(real).add(mean.sub(mean.mul(real)));
  // No gradient reaches padding, so none flows into the mean.
  return withGradient(filled.reshape(keys.shape), [keys], (dy) => [dy]);
}

interface Operands extends Pick<ProjectedMemory, 'k' | 'v' | 'mask'> {
  readonly q: Tensor;
}

/** The least mass of true keys that results are divided by. Where no key is true, the result is zero. */
const massFloor = 1e-30;

/**
 * softmax(Qᵀ K / √(D/heads)) Vᵀ for `[heads, N, D/heads, T]`, over the keys that `mask` shows.
 *
 * With W the weights and Y the result, the softmax's gradient W ∘ (dW − Σ_j W ∘ dW) needs no sum over the keys, since
 * Σ_j W ∘ dW = Σ_d Y ∘ dY, dropout included (Dao et al., FlashAttention, 2022, appendix B). Padding stays in the
 * softmax: taken out of the keys and values, and the rows divided by the rest of their mass, it has no part in the
 * result, and nothing of the size of W is computed for it.
 */
export function attend(
  scope: Scope,
  { q, k, v, mask }: Operands,
  {
    hidden,
    rate,
    watch,
  }: { readonly hidden: Tensor | undefined; readonly rate: number } & Pick<AttentionOptions, 'watch'>,
): Tensor {
  const [heads, batch, size, steps] = q.shape as [number, number, number, number];
  const scale = 1 / Math.sqrt(size);
  const scores = q.matmul(k, { transposeA: true, scale });
  const weights = (hidden ? scores.add(hidden) : scores).softmax();
  const real = mask?.reshape([1, batch, 1, mask.shape[1]!]);
  const mass = real?.matmul(weights, { transposeB: true }).max(massFloor);
  const seen = (x: Tensor): Tensor => (real ? x.mul(real) : x);
  const divided = (x: Tensor): Tensor => (mass ? x.div(mass) : x);
  watch?.(real && mass ? weights.mul(real).div(mass.reshape([heads, batch, steps, 1])) : weights);

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

/** `[T, T]`, added to scores to hide from each step those after it: −1e9 there, else 0. */
function future(steps: number, like: Tensor): Tensor {
  const data = Array.from({ length: steps * steps }, (_, i) => (i % steps > Math.floor(i / steps) ? -1e9 : 0));
  return constant(data, [steps, steps], like.dtype);
}

/** The mask of a sequence as attention takes it: absent where every step is true. */
export const visible = ({ mask }: Sequence): { mask?: Tensor } => (mask ? { mask } : {});
