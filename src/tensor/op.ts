import type { Shape } from './shape.ts';
import { Tensor, type DType, type Node, type Type } from './tensor.ts';

/** The value of an ONNX attribute: an integer, integers, a float, text, or the body of a loop. */
export type Attribute = number | readonly number[] | string | { readonly float: number } | { readonly body: Body };

/** A graph inside a node, the body of a loop; its inputs and outputs are matched by position. */
export interface Body {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  /** Body inputs that stand for values outside the loop: the placeholder and the outer name. */
  readonly captured: readonly (readonly [Tensor, string])[];
}

/** The writer that an op is lowered with: each method writes nodes or constants and returns their names. */
export interface Emitter {
  /** Whether only operators of ONNX's standard domain may be written, so that other runtimes can load the file. */
  readonly portable: boolean;
  node(
    onnxOp: string,
    inputs: readonly string[],
    attrs?: Readonly<Record<string, Attribute>>,
    options?: { readonly outputs?: number; readonly domain?: string },
  ): string[];
  ints(values: readonly number[]): string;
  /** The target of a reshape, in which a symbolic batch axis is left for the runtime to infer. */
  shape(shape: Shape): string;
  /** A shape with every axis spelt out (as Expand needs it); a symbolic batch axis is read from an input. */
  dims(shape: Shape): string;
  scalar(value: number, dtype: DType): string;
}

export type Gradient<A> = (dys: readonly (Tensor | undefined)[], node: Node<A>) => readonly (Tensor | undefined)[];

/** Everything that the library knows about one operator, in one place. */
export interface Op<A> {
  readonly name: string;
  /** Types of the outputs; also the place where arguments are checked. */
  infer(inputs: readonly Tensor[], attrs: A): readonly Type[];
  /** Writes it in ONNX, given the names of its inputs; returns those of its outputs. */
  lower(emit: Emitter, inputs: readonly string[], attrs: A, node: Node<A>): readonly string[];
  /**
   * The gradient of each input given those of the outputs, `undefined` where none flows; null where the op has none.
   */
  readonly grad: Gradient<A> | null;
  /** The scalar function of an elementwise op, with which constants are folded. */
  readonly compute?: (...values: number[]) => number;
}

let watcher: ((node: Node) => void) | undefined;

/** What `build` returns; `watch` is told of every node as it is made. */
export function watchNodes<T>(watch: (node: Node) => void, build: () => T): T {
  watcher = watch;
  try {
    return build();
  } finally {
    watcher = undefined;
  }
}

/** Applies an op after checking its inputs, and returns all its outputs. */
export function applyAll<A>(op: Op<A>, inputs: readonly Tensor[], attrs: A): readonly Tensor[] {
  const outputs: Tensor[] = [];
  const node: Node<A> = { op, inputs, attrs, outputs };
  for (const { shape, dtype } of op.infer(inputs, attrs)) outputs.push(new Tensor(shape, dtype, node as Node));
  watcher?.(node as Node);
  return outputs;
}

/** Applies an op and returns its first output, often the only one. */
export const apply = <A>(op: Op<A>, inputs: readonly Tensor[], attrs: A): Tensor => applyAll(op, inputs, attrs)[0]!;
