import { input, sameShape, type DType, type Shape, type Tensor } from '../tensor/index.ts';
import type { Initializer } from './initializers.ts';

export interface Parameter {
  readonly value: Tensor;
  readonly init: Initializer;
}

/** A place where dropout acts: its mask is made on the host and fed, already scaled by 1 / (1 − rate). */
export interface DropoutSite {
  readonly mask: Tensor;
  readonly rate: number;
}

interface Declared {
  readonly parameters: Map<string, Parameter>;
  readonly dropouts: Map<string, DropoutSite>;
}

export interface ScopeOptions {
  /** Whether dropout acts. Default false. */
  readonly training?: boolean;
  /** Of the parameters; float64 for gradient checks. Default float32. */
  readonly dtype?: DType;
}

/** Where a layer declares its parameters. Names are paths joined by dots, as in a PyTorch state dict. */
export class Scope {
  readonly training: boolean;
  readonly dtype: DType;

  constructor(
    options: ScopeOptions = {},
    private readonly declared: Declared = { parameters: new Map(), dropouts: new Map() },
    private readonly path: readonly string[] = [],
    private readonly reuse = false,
  ) {
    this.training = options.training ?? false;
    this.dtype = options.dtype ?? 'float32';
  }

  get parameters(): ReadonlyMap<string, Parameter> {
    return this.declared.parameters;
  }

  get dropouts(): ReadonlyMap<string, DropoutSite> {
    return this.declared.dropouts;
  }

  /** The scope of a part: `scope.at('encoder', 0)` declares under `encoder.0`. */
  at(...names: readonly (string | number)[]): Scope {
    return new Scope(this, this.declared, [...this.path, ...names.map(String)], this.reuse);
  }

  /** The same scope, allowed to hand out parameters that are already declared: weight sharing, said out loud. */
  shared(): Scope {
    return new Scope(this, this.declared, this.path, true);
  }

  param(name: string, shape: Shape, init: Initializer): Tensor {
    const path = [...this.path, name].join('.');
    const existing = this.declared.parameters.get(path);
    if (!existing) {
      const value = input(path, shape, this.dtype);
      this.declared.parameters.set(path, { value, init });
      return value;
    }
    if (!this.reuse)
      throw new Error(`Parameter "${path}" is declared twice. To share it on purpose, declare it in scope.shared().`);
    if (!sameShape(existing.value.shape, shape))
      throw new Error(
        `Parameter "${path}" is shared with shape [${shape}], but was declared with [${existing.value.shape}].`,
      );
    return existing.value;
  }

  /** The mask of a dropout site `[...shape]`; each site has a name of its own, which keys its random numbers. */
  dropoutMask(name: string, shape: Shape, rate: number): Tensor {
    const site = ['dropout', ...this.path, name].join('.');
    if (this.declared.dropouts.has(site)) throw new Error(`Dropout "${site}" is declared twice.`);
    const mask = input(site, shape, this.dtype);
    this.declared.dropouts.set(site, { mask, rate });
    return mask;
  }
}
