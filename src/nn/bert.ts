/** Encoders of text by their published names: BERT (Devlin et al., 2019) and RoBERTa (Liu et al., 2019). */
import { constant, type Tensor } from '../tensor/index.ts';
import { attend, project, withPaddingAmongSteps, type Projection } from './attention.ts';
import { dropout } from './dropout.ts';
import { gelu, geluTanh } from './gelu.ts';
import { constantly, normally, type Initializer } from './initializers.ts';
import { layerNorm } from './layer-norm.ts';
import type { ParameterGroup, Scope } from './scope.ts';
import type { Sequence } from './sequence.ts';

/** The sizes of an encoder; `src/encoders/huggingface.ts` reads them from a `config.json`. */
export interface BertConfig {
  readonly kind: 'bert' | 'roberta';
  readonly vocabulary: number;
  /** D. */
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  /** Features of the hidden layer of the feed-forward part. */
  readonly inner: number;
  readonly activation: 'gelu' | 'gelu_tanh' | 'relu';
  /** Rows of the position table. */
  readonly positions: number;
  readonly segments: number;
  /** The token that stands for padding. */
  readonly padding: number;
  /** ε of the layer norms. */
  readonly epsilon: number;
  readonly dropout: { readonly hidden: number; readonly attention: number };
  /** Deviation of the initial weights, where they are not read from a file. */
  readonly deviation: number;
}

export interface Tokens {
  /** `[N, T]` int64. */
  readonly ids: Tensor;
  /** `[N, T]`, 1 for a true token and 0 for padding. Absent where all are true. */
  readonly mask?: Tensor;
  /** `[N, T]` int64: which of two texts a token is of. Absent where there is one text. */
  readonly segments?: Tensor;
}

export interface BertOptions {
  /**
   * How many layers are kept as they are, the embeddings with them: 0 trains everything, the embeddings too. Frozen
   * layers have no dropout. Default 0.
   */
  readonly freeze?: number | 'all';
  /** Learning rate and weight decay of the layers that are trained. */
  readonly group?: ParameterGroup;
  /** Changes the hidden states `[N, T, D]` after a layer, counted from 1, or after the embeddings (0). */
  readonly between?: (layer: number, hidden: Tensor) => Tensor;
}

export interface BertStates {
  /** The hidden states of the last layer: `[N, T, D]`. Those of padding are not zero, and stand for nothing. */
  readonly last: Sequence;
  /** `[N, T, D]` of the embeddings and of every layer. */
  readonly hidden: readonly Tensor[];
}

/**
 * The encoder, its parameters named as in a state dict of Hugging Face. Post-norm layers
 *
 *   h ← norm(h + attention(h)),   h ← norm(h + W₂ gelu(W₁ h))
 *
 * over the sum of a word's, a position's and a segment's embedding.
 */
export function bert(scope: Scope, tokens: Tokens, config: BertConfig, options: BertOptions = {}): BertStates {
  const { freeze = 0, group = {}, between = unchanged } = options;
  const frozen = freeze === 'all' ? config.layers : freeze;
  if (!(frozen >= 0 && frozen <= config.layers))
    throw new RangeError(`Cannot freeze ${frozen} layers of an encoder that has ${config.layers}.`);
  const part = (layer: number): Part => {
    const kept = frozen > 0 && layer <= frozen;
    return {
      scope: scope.grouped(kept ? { frozen: true } : group),
      config: kept ? { ...config, dropout: { hidden: 0, attention: 0 } } : config,
    };
  };
  const [batch, steps] = tokens.ids.shape as [number, number];
  const { width } = config;
  const sequences = (rows: Tensor): Tensor => rows.reshape([batch, steps, width]);
  let rows = embed(part(0), tokens);
  const hidden = [between(0, sequences(rows))];
  for (let i = 1; i <= config.layers; i++) {
    rows = layer(part(i), i - 1, hidden.at(-1)!.reshape([batch * steps, width]), tokens);
    hidden.push(between(i, sequences(rows)));
  }
  return { last: { value: hidden.at(-1)!, ...(tokens.mask && { mask: tokens.mask }) }, hidden };
}

const unchanged = (_layer: number, hidden: Tensor): Tensor => hidden;

/** tanh(W h + b) of the first token's last hidden state: `[N, D]`. */
export function bertPooler(scope: Scope, { value }: Sequence, { deviation }: Pick<BertConfig, 'deviation'>): Tensor {
  const [batch, , width] = value.shape as [number, number, number];
  const first = value.slice(1, 0, 1).reshape([batch, width]);
  return affine(scope.at('pooler', 'dense'), first, width, normally(deviation)).tanh();
}

/** Where a part declares its parameters, and how it is built. */
interface Part {
  readonly scope: Scope;
  readonly config: BertConfig;
}

/** `[N·T, D]`. */
function embed({ scope, config }: Part, { ids, segments }: Tokens): Tensor {
  const { width, epsilon } = config;
  const [batch, steps] = ids.shape as [number, number];
  const at = scope.at('embeddings');
  const table = (name: string, rows: number): Tensor =>
    at.at(`${name}_embeddings`).param('weight', [rows, width], normally(config.deviation));
  const words = table('word', config.vocabulary).gather(ids);
  const kinds = table('token_type', config.segments);
  const kind = segments ? kinds.gather(segments) : kinds.slice(0, 0, 1).reshape([1, 1, width]);
  const sum = words.add(kind).add(positionsOf(table('position', config.positions), ids, config));
  const rows = layerNorm(at.at('LayerNorm'), sum.reshape([batch * steps, width]), { epsilon });
  return dropout(at, 'embedded', rows, config.dropout.hidden);
}

/** BERT counts positions from 0; RoBERTa counts the true tokens from the one after the padding's, which keeps its own. */
function positionsOf(table: Tensor, ids: Tensor, { kind, padding, positions, width }: BertConfig): Tensor {
  const steps = ids.shape[1]!;
  const first = kind === 'bert' ? 0 : padding + 1;
  if (first + steps > positions)
    throw new RangeError(`The encoder has positions for ${positions - first} tokens, and was given ${steps}.`);
  if (kind === 'bert') return table.slice(0, 0, steps).reshape([1, steps, width]);
  const isToken = ids.equal(padding).not().cast(table.dtype);
  const upTo = Array.from({ length: steps * steps }, (_, i) => Number(Math.floor(i / steps) <= i % steps));
  const count = isToken.matmul(constant(upTo, [steps, steps], table.dtype));
  return table.gather(count.mul(isToken).add(padding).cast('int64'));
}

/** One layer on `[N·T, D]`. */
function layer({ scope, config }: Part, index: number, x: Tensor, { ids, mask }: Tokens): Tensor {
  const { epsilon, width } = config;
  const at = scope.at('encoder', 'layer', index);
  const init = normally(config.deviation);
  const norm = (part: Scope, y: Tensor): Tensor => layerNorm(part.at('LayerNorm'), y, { epsilon });
  const dropped = (name: string, y: Tensor): Tensor => dropout(at, name, y, config.dropout.hidden);

  const attended = dropped('attended', selfAttention(at.at('attention'), x, mask, ids.shape[0]!, config));
  const middle = norm(at.at('attention', 'output'), x.add(attended));
  const inner = activations[config.activation](affine(at.at('intermediate', 'dense'), middle, config.inner, init));
  const fed = dropped('fed', affine(at.at('output', 'dense'), inner, width, init));
  return norm(at.at('output'), middle.add(fed));
}

const activations = { gelu, gelu_tanh: geluTanh, relu: (x: Tensor): Tensor => x.relu() } as const;

/** Multi-head attention of `[N·T, D]` to itself, with matrices of its own for queries, keys and values. */
function selfAttention(
  scope: Scope,
  x: Tensor,
  mask: Tensor | undefined,
  batch: number,
  { heads, deviation, dropout: { attention: rate } }: BertConfig,
): Tensor {
  const [rows, width] = x.shape as [number, number];
  const own = scope.at('self');
  const projected = (name: string, y: Tensor): Tensor =>
    project(y, matrix(own.at(name), width, width, normally(deviation)), { batch, heads })[0]!;
  const keys = mask ? withPaddingAmongSteps(x, mask) : x;
  const operands = { q: projected('query', x), k: projected('key', keys), v: projected('value', keys) };
  const mixed = attend(own, { ...operands, ...(mask && { mask }) }, { rate, hidden: undefined });
  const { weight, bias } = matrix(scope.at('output', 'dense'), width, width, normally(deviation));
  return mixed
    .transpose([0, 2, 1, 3])
    .reshape([width, rows])
    .matmul(weight, { transposeA: true, transposeB: true })
    .add(bias);
}

const matrix = (scope: Scope, from: number, to: number, init: Initializer): Projection => ({
  weight: scope.param('weight', [to, from], init),
  bias: scope.param('bias', [to], constantly(0)),
});

/** x Wᵀ + b. */
function affine(scope: Scope, x: Tensor, to: number, init: Initializer): Tensor {
  const { weight, bias } = matrix(scope, x.shape.at(-1)!, to, init);
  return x.matmul(weight, { transposeB: true }).add(bias);
}
