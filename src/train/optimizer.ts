/** Adam on the host: one pass over memory per parameter, after the gradients are known and their norm is. */
import type { ParameterGroup } from '../nn/index.ts';
import { adam, allocate, sumOfSquares, type AdamStep } from '../kernels/index.ts';
import type { StateDict } from './state-dict.ts';

export interface AdamOptions {
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
  readonly weightDecay?: number;
  /** 'l2': decay is part of the gradient (Kingma and Ba, 2015, as PyTorch's Adam); 'decoupled': AdamW. */
  readonly decay?: 'l2' | 'decoupled';
}

export interface AdamUpdate {
  readonly learningRate: number;
  /** What gradients are multiplied by. Default 1. */
  readonly factor?: number;
  /** By parameter: those that are treated otherwise than the rest. */
  readonly groups?: Readonly<Record<string, ParameterGroup>>;
}

/** What Adam remembers between two steps. */
export interface AdamState {
  /** Updates done, those left out among them. */
  readonly step: number;
  /** First and second moments by parameter. A parameter that never had a gradient has none. */
  readonly mean: StateDict;
  readonly variance: StateDict;
}

/** √Σ g² over all gradients. Sums in float64. */
export function globalNorm(gradients: StateDict): number {
  let sum = 0;
  for (const gradient of Object.values(gradients)) sum += sumOfSquares(gradient);
  return Math.sqrt(sum);
}

/** What gradients are multiplied by so that their norm is at most `limit` (PyTorch's clip_grad_norm_). */
export const clipFactor = (norm: number, limit: number | undefined): number =>
  limit === undefined ? 1 : Math.min(1, limit / (norm + 1e-6));

/**
 * The moments of a parameter whose gradient stays 0 decay until they are denormal, and there rounding keeps them for
 * ever, at twenty times the cost of other numbers. So every 64th step makes 0 of moments below 2^-100 = 8e-31. That is
 * too little to move a parameter or to be seen beside ε, and they cannot become denormal in 64 steps.
 */
const flush = { every: 64, least: 2 ** -100 } as const;

/** Computes in float32, as PyTorch does. */
export class Adam implements AdamState {
  step: number;
  readonly mean: Record<string, Float32Array> = {};
  readonly variance: Record<string, Float32Array> = {};

  /** Goes on from a copy of `from`. */
  constructor(
    private readonly options: AdamOptions = {},
    from: AdamState = { step: 0, mean: {}, variance: {} },
  ) {
    this.step = from.step;
    this.remember(from.mean);
    for (const [name, mean] of Object.entries(from.mean)) {
      this.mean[name]!.set(mean);
      this.variance[name]!.set(from.variance[name]!);
    }
  }

  /** Changes `parameters` in place. One without a gradient is left alone, decay included. */
  update(parameters: StateDict, gradients: StateDict, { learningRate, factor = 1, groups = {} }: AdamUpdate): void {
    const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0, decay = 'l2' } = this.options;
    for (const [name, { length }] of Object.entries(gradients))
      if (length !== parameters[name]?.length)
        throw new RangeError(
          `Cannot update "${name}": its gradient has ${length} values, the parameter ${parameters[name]?.length ?? 0}.`,
        );
    this.remember(gradients);
    this.step += 1;
    const stepOf = (rate: number, decayed: number): AdamStep => ({
      factor,
      l2: decay === 'l2' ? decayed : 0,
      beta1,
      beta2,
      correction: 1 / Math.sqrt(1 - beta2 ** this.step),
      epsilon,
      rate: rate / (1 - beta1 ** this.step),
      shrink: decay === 'decoupled' ? 1 - rate * decayed : 1,
      least: this.step % flush.every === 0 ? flush.least : 0,
    });
    const usual = stepOf(learningRate, weightDecay);
    for (const [name, gradient] of Object.entries(gradients)) {
      const { learningRate: times = 1, weightDecay: own = weightDecay } = groups[name] ?? {};
      const step = times === 1 && own === weightDecay ? usual : stepOf(learningRate * times, own);
      adam(parameters[name]!, gradient, this.mean[name]!, this.variance[name]!, step);
    }
  }

  /** Counts a step that is left out. */
  skip(): void {
    this.step += 1;
  }

  /** Moments of 0 for what has none yet, where the kernels compute fastest. */
  private remember(state: StateDict): void {
    const names = Object.keys(state).filter((name) => this.mean[name] === undefined);
    if (names.length === 0) return;
    const moments = allocate(names.flatMap((name) => [state[name]!.length, state[name]!.length]));
    names.forEach((name, i) => {
      this.mean[name] = moments[2 * i]!;
      this.variance[name] = moments[2 * i + 1]!;
    });
  }
}
