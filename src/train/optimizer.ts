/** Adam on the host: one pass over memory per parameter, after the gradients are known and their norm is. */

export type State = Readonly<Record<string, Float32Array>>;

export interface AdamOptions {
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
  readonly weightDecay?: number;
  /** 'l2': decay is part of the gradient (Kingma and Ba, 2015, as PyTorch's Adam); 'decoupled': AdamW. */
  readonly decay?: 'l2' | 'decoupled';
}

/** √Σ g² over all gradients. Sums in float64. */
export function globalNorm(gradients: State): number {
  let sum = 0;
  for (const gradient of Object.values(gradients)) for (let i = 0; i < gradient.length; i++) sum += gradient[i]! ** 2;
  return Math.sqrt(sum);
}

/** What gradients are multiplied by so that their norm is at most `limit` (PyTorch's clip_grad_norm_). */
export const clipFactor = (norm: number, limit: number | undefined): number =>
  limit === undefined ? 1 : Math.min(1, limit / (norm + 1e-6));

export class Adam {
  /** Updates done. */
  step = 0;
  /** First and second moments by parameter. A parameter that never had a gradient has none. */
  readonly mean: Record<string, Float32Array> = {};
  readonly variance: Record<string, Float32Array> = {};

  constructor(private readonly options: AdamOptions = {}) {}

  /** Changes `parameters` in place. One without a gradient is left alone, decay included. */
  update(
    parameters: State,
    gradients: State,
    { learningRate, factor = 1 }: { readonly learningRate: number; readonly factor?: number },
  ): void {
    const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0, decay = 'l2' } = this.options;
    this.step += 1;
    const rate = learningRate / (1 - beta1 ** this.step);
    const correction = 1 / Math.sqrt(1 - beta2 ** this.step);
    const l2 = decay === 'l2' ? weightDecay : 0;
    const shrink = decay === 'decoupled' ? 1 - learningRate * weightDecay : 1;
    for (const [name, gradient] of Object.entries(gradients)) {
      const parameter = parameters[name]!;
      const mean = (this.mean[name] ??= new Float32Array(parameter.length));
      const variance = (this.variance[name] ??= new Float32Array(parameter.length));
      for (let i = 0; i < parameter.length; i++) {
        const p = parameter[i]!;
        const g = gradient[i]! * factor + l2 * p;
        const m = beta1 * mean[i]! + (1 - beta1) * g;
        const v = beta2 * variance[i]! + (1 - beta2) * g * g;
        mean[i] = m;
        variance[i] = v;
        parameter[i] = shrink * p - (rate * m) / (Math.sqrt(v) * correction + epsilon);
      }
    }
  }
}
