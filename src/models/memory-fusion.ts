/**
 * Memory fusion network (Zadeh et al., AAAI 2018): an LSTM per modality, and a memory u of what their cells did at once.
 *
 *   ĉ_t = softmax(MLP([c_{t−1}; c_t])) ∘ [c_{t−1}; c_t]             delta-memory attention over all cells
 *   u_t = σ(MLP₁([ĉ_t; u_{t−1}])) ∘ u_{t−1} + σ(MLP₂([ĉ_t; u_{t−1}])) ∘ tanh(MLP(ĉ_t))
 *
 * Each MLP has one hidden layer with ReLU and dropout.
 */
import { byFanIn, linear, lstm, reluDropout, type Scope, type Sequence } from '../nn/index.ts';
import { concat, where, type Tensor } from '../tensor/index.ts';

/** Hidden features and dropout of an MLP. */
interface Hidden {
  readonly width: number;
  readonly dropout: number;
}

export interface MemoryFusion {
  /** Hidden features of each sequence's LSTM. */
  readonly hidden: readonly number[];
  /** Numbers in the memory. */
  readonly memory: number;
  readonly attention: Hidden;
  readonly candidate: Hidden;
  /** MLP₁, the gate that keeps the memory, and MLP₂, the one that lets in. */
  readonly retain: Hidden;
  readonly update: Hidden;
}

/** The last states of all LSTMs and the memory `[N, Σ hidden + memory]`, of sequences that share steps and mask. */
export function memoryFusion(
  scopes: readonly Scope[],
  fusion: Scope,
  sequences: readonly Sequence[],
  options: MemoryFusion,
): Tensor {
  const [{ value, mask }] = sequences as [Sequence];
  const [batch, steps] = value.shape as [number, number];
  const runs = sequences.map((sequence, i) => lstm(scopes[i]!, sequence, options.hidden[i]!));
  const cells = concat(
    runs.map((run) => run.cells.value),
    2,
  );
  const before = cells.slice(1, 0, 1).mul(0);
  const pair = concat([steps > 1 ? concat([before, cells.slice(1, 0, steps - 1)], 1) : before, cells], 2);

  const mlp = (name: string, x: Tensor, out: number, { width, dropout }: Hidden): Tensor => {
    const own = fusion.at(name);
    return linear(own.at(1), reluDropout(own, 'hidden', linear(own.at(0), x, width), dropout), out);
  };
  const attended = mlp('attention', pair, pair.shape[2]!, options.attention).softmax().mul(pair);
  const candidates = mlp('candidate', attended, options.memory, options.candidate).tanh();
  const memory = remember(fusion, { attended, candidates, ...(mask && { mask }) }, options);
  return concat([...runs.map(({ last }, i) => last.reshape([batch, options.hidden[i]!])), memory], 1);
}

interface Steps {
  readonly attended: Tensor;
  readonly candidates: Tensor;
  readonly mask?: Tensor;
}

/** u at the end `[N, memory]`. The gates' products with ĉ are one for all steps; only those with u go step by step. */
function remember(scope: Scope, { attended, candidates, mask }: Steps, options: MemoryFusion): Tensor {
  const [batch, steps, width] = attended.shape as [number, number, number];
  const size = options.memory;
  const gates = [gate(scope.at('retain'), options.retain), gate(scope.at('update'), options.update)];

  function gate(own: Scope, { width: hidden, dropout }: Hidden): (t: number, u: Tensor | undefined) => Tensor {
    const weight = own.param('0.weight', [hidden, width + size], byFanIn(width + size));
    const bias = own.param('0.bias', [hidden], byFanIn(width + size));
    const [ofAttended, ofMemory] = weight.split(1, [width, size]);
    const offsets = byStep(attended.matmul(ofAttended!, { transposeB: true }).add(bias));
    const dropped =
      own.training && dropout > 0 ? byStep(own.dropoutMask('hidden', [batch, steps, hidden], dropout)) : undefined;
    const out = {
      weight: own.param('1.weight', [size, hidden], byFanIn(hidden)),
      bias: own.param('1.bias', [size], byFanIn(hidden)),
    };
    return (t, u) => {
      const offset = offsets[t]!;
      const h = (u ? offset.add(u.matmul(ofMemory!, { transposeB: true })) : offset).relu();
      const kept = dropped ? h.mul(dropped[t]!) : h;
      return kept.matmul(out.weight, { transposeB: true }).add(out.bias).sigmoid();
    };
  }

  const real = mask && byStep(mask.reshape([batch, steps, 1]).greater(0.5));
  let u: Tensor | undefined;
  for (const [t, candidate] of byStep(candidates).entries()) {
    const [retain, update] = gates.map((open) => open(t, u));
    const added = update!.mul(candidate);
    const next = u ? retain!.mul(u).add(added) : added;
    u = real ? where(real[t]!, next, u ?? 0) : next;
  }
  return u!;
}

/** `[N, T, D]` as T steps `[N, D]`. */
const byStep = (x: Tensor): readonly Tensor[] => {
  const [batch, steps, width] = x.shape as [number, number, number];
  return x.split(1, Array<number>(steps).fill(1)).map((step) => step.reshape([batch, width]));
};
