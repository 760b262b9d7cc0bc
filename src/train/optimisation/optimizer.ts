/** Adam on the host: one pass over memory per parameter, once all gradients and their norm are known. */
import type { ParameterGroup } from '../../nn/index.ts';
import { adam, allocate, sumOfSquares, type AdamStep } from '../../kernels/index.ts';
import type { StateDict } from '../state-dict.ts';

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
  /** Factor on all gradients. Default 1. */
  readonly factor?: number;
  /** By the name of a parameter, the group that it is in; others are treated alike. */
  readonly groups?: Readonly<Record<string, ParameterGroup>>;
}

/** The state that Adam keeps between two steps. */
export interface AdamState {
  /** Steps done, those left out (`skip`) among them. */
  readonly step: number;
  /** First and second moments by parameter. A parameter that never had a gradient has none. */
  readonly mean: StateDict;
  readonly variance: StateDict;
}

/** √Σ g² over all gradients, summed in float64. */
export function globalNorm(gradients: StateDict): number {
  let sum = 0;
  for (const gradient of Object.values(gradients)) sum += sumOfSquares(gradient);
  return Math.sqrt(sum);
}

/** The factor on gradients that makes their norm at most `limit` (PyTorch's clip_grad_norm_). */
export const clipFactor = (norm: number, limit: number | undefined): number =>
  limit === undefined ? 1 : Math.min(1, limit / (norm + 1e-6));

/**
 * The moments of a parameter whose gradient stays 0 decay until they are denormal, and there rounding keeps them for
 * ever, at twenty times the cost of other numbers. So every 64th step makes 0 of moments below 2^-100 = 8e-31. That is
 * too little to move a parameter or to be seen beside ε, and they cannot become denormal in 64 steps.
 */
const flush = { every: 64, least: 2 ** -100 } as const;

/** The optimiser of Kingma and Ba (2015), in float32 as in PyTorch. */
export class Adam implements AdamState {
  step: number;
  readonly mean: Record<string, Float32Array> = {};
  readonly variance: Record<string, Float32Array> = {};

  /** Starts from a copy of the state `from`. */
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

  /** Changes `parameters` in place. A parameter without a gradient is left as it is, and does not decay either. */
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

  /** Counts a step in which nothing is updated. */
  skip(): void {
    this.step += 1;
  }

  /** Makes moments of 0 for parameters that have none yet, in memory where the kernels compute fastest. */
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
