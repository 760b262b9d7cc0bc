import { input, sameShape, type DType, type Shape, type Tensor } from '../tensor/index.ts';
import type { Initializer } from './initializers.ts';
import type { Sequence } from './sequence.ts';

/** How the optimiser treats a group of parameters otherwise than the rest. */
export interface ParameterGroup {
  /** Learning rate as a multiple of that of the rest. Default 1. */
  readonly learningRate?: number;
  /** Weight decay in place of that of the rest. */
  readonly weightDecay?: number;
  /** Whether they are never changed; no gradient is computed for them then. Default false. */
  readonly frozen?: boolean;
}

export interface Parameter {
  readonly value: Tensor;
  readonly init: Initializer;
  readonly group: ParameterGroup;
}

/** What training carries from step to step without a gradient: running means, prototypes, labels it made itself. */
export interface RunningState {
  readonly value: Tensor;
  /** The value of every entry before the first step. */
  readonly initial: number;
  /** The value in the next step. */
  next: Tensor;
  /**
   * Whether each of its entries is of one sample of the training split: of a batch that is divided, the part that has the sample
   * alone changes it. Other states become the mean of what the parts make of them.
   */
  readonly perSample: boolean;
}

/** A place where dropout acts: its mask is made on the host and fed, already scaled by 1 / (1 − rate). */
export interface DropoutSite {
  readonly mask: Tensor;
  readonly rate: number;
}

interface Declared {
  readonly parameters: Map<string, Parameter>;
  readonly dropouts: Map<string, DropoutSite>;
  readonly states: Map<string, RunningState>;
}

/** The weights of one layer of attention between the steps of modalities. */
export interface SeenAttention {
  /** The scope of the layer, which tells it from all others. */
  readonly path: string;
  /** Which layer of its transformer it is, from 0. */
  readonly layer: number;
  readonly queries: Sequence;
  /** What is attended to, one sequence after another in time. */
  readonly keys: readonly Sequence[];
  /** `[heads, N, Tq, ΣTk]`, without dropout; rows sum to 1 over the true keys. */
  readonly weights: Tensor;
}

/** Sees values inside a network that are no part of its result, for explanations. */
export interface Watcher {
  attention(seen: SeenAttention): void;
  /** Features `[N, T, D]` that an encoder makes of a modality's tokens, which the model takes in their place. */
  encoded(modality: string, features: Tensor): void;
}

export interface ScopeOptions {
  /** Whether dropout acts. Default false. */
  readonly training?: boolean;
  /** Type of the parameters; float64 for gradient checks. Default float32. */
  readonly dtype?: DType;
  readonly group?: ParameterGroup;
  /** Sees every parameter before it is declared, and may throw. */
  readonly check?: ParameterCheck | undefined;
  readonly watcher?: Watcher | undefined;
}

type ParameterCheck = (name: string, shape: Shape) => void;

/** Where a layer declares its parameters. Names are paths joined by dots, as in a PyTorch state dict. */
export class Scope {
  readonly training: boolean;
  readonly dtype: DType;
  readonly group: ParameterGroup;
  readonly check: ParameterCheck | undefined;
  readonly watcher: Watcher | undefined;

  constructor(
    options: ScopeOptions = {},
    private readonly declared: Declared = { parameters: new Map(), dropouts: new Map(), states: new Map() },
    private readonly path: readonly string[] = [],
    private readonly reuse = false,
  ) {
    this.training = options.training ?? false;
    this.dtype = options.dtype ?? 'float32';
    this.group = options.group ?? {};
    this.check = options.check;
    this.watcher = options.watcher;
  }

  get parameters(): ReadonlyMap<string, Parameter> {
    return this.declared.parameters;
  }

  get dropouts(): ReadonlyMap<string, DropoutSite> {
    return this.declared.dropouts;
  }

  get states(): ReadonlyMap<string, RunningState> {
    return this.declared.states;
  }

  /** The scope of a part: `scope.at('encoder', 0)` declares under `encoder.0`. */
  at(...names: readonly (string | number)[]): Scope {
    return new Scope(this, this.declared, [...this.path, ...names.map(String)], this.reuse);
  }

  /** The same scope, allowed to hand out parameters that are already declared: weight sharing, said out loud. */
  shared(): Scope {
    return new Scope(this, this.declared, this.path, true);
  }

  /** The same scope, whose parameters the optimiser treats otherwise: a pretrained encoder's, say. */
  grouped(group: ParameterGroup): Scope {
    const { training, dtype, check, watcher } = this;
    const options = { training, dtype, check, watcher, group: { ...this.group, ...group } };
    return new Scope(options, this.declared, this.path, this.reuse);
  }

  /** The same scope, whose parameters are checked as they are declared: against those of a file, say. */
  checked(check: ParameterCheck): Scope {
    const { training, dtype, group, watcher } = this;
    return new Scope({ training, dtype, group, check, watcher }, this.declared, this.path, this.reuse);
  }

  /** The path of the scope's names, such as `encoder.0`. */
  get name(): string {
    return this.path.join('.');
  }

  param(name: string, shape: Shape, init: Initializer): Tensor {
    const path = [...this.path, name].join('.');
    const existing = this.declared.parameters.get(path);
    if (!existing) {
      this.check?.(path, shape);
      const value = input(path, shape, this.dtype);
      this.declared.parameters.set(path, { value, init, group: this.group });
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

  /**
   * A value that training carries from step to step, under a name of its own: `setState` says what it becomes. Only
   * losses may depend on it: a prediction has none.
   */
  state(name: string, shape: Shape, initial = 0, { perSample = false } = {}): Tensor {
    const path = ['state', ...this.path, name].join('.');
    if (this.declared.states.has(path)) throw new Error(`State "${path}" is declared twice.`);
    const value = input(path, shape, this.dtype);
    this.declared.states.set(path, { value, initial, perSample, next: value });
    return value;
  }

  setState(name: string, next: Tensor): void {
    const path = ['state', ...this.path, name].join('.');
    const state = this.declared.states.get(path);
    if (!state) throw new Error(`State "${path}" is not declared.`);
    if (!sameShape(state.value.shape, next.shape))
      throw new Error(`State "${path}" has shape [${state.value.shape}] and cannot become [${next.shape}].`);
    state.next = next;
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
