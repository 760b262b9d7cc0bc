import type { Op } from './op.ts';
import type { Shape } from './shape.ts';

export type DType = 'float32' | 'float64' | 'int64' | 'bool';

export interface Type {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** A value that will exist when the program runs: its type, and the node that makes it. */
export class Tensor implements Type {
  constructor(
    readonly shape: Shape,
    readonly dtype: DType,
    readonly node: Node,
  ) {}

  toString(): string {
    return `Tensor(${this.node.op.name}, [${this.shape.join(',')}], ${this.dtype})`;
  }
}

/** One application of an op. A graph is whatever can be reached from its outputs: there is no graph object. */
export interface Node<A = unknown> {
  readonly op: Op<A>;
  readonly inputs: readonly Tensor[];
  readonly attrs: A;
  readonly outputs: readonly Tensor[];
}
