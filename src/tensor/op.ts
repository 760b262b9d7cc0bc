import type { Shape } from './shape.ts';
import { Tensor, type DType, type Node, type Type } from './tensor.ts';

/** What an ONNX attribute may hold here: an integer, integers, a float, text, or the body of a loop. */
export type Attribute = number | readonly number[] | string | { readonly float: number } | { readonly body: Body };

/** A graph inside a node (the body of a loop): what it is fed, by position, and what it returns. */
export interface Body {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  /** Body inputs that stand for values outside the loop: the placeholder and the outer name. */
  readonly captured: readonly (readonly [Tensor, string])[];
}

/** What an op may write while it is lowered. */
export interface Emitter {
  /** Only operators of ONNX's standard domain: for exports that other runtimes must load. */
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

/** Everything the library knows about one primitive, in one place. */
export interface Op<A> {
  readonly name: string;
  /** Types of the outputs; also the place where arguments are checked. */
  infer(inputs: readonly Tensor[], attrs: A): readonly Type[];
  /** How it is written in ONNX: input names to output names. */
  lower(emit: Emitter, inputs: readonly string[], attrs: A, node: Node<A>): readonly string[];
  /** Gradient of each input given those of the outputs, `undefined` where none flows; null where none exists. */
  readonly grad: Gradient<A> | null;
  /** The scalar function, for elementwise ops: constants are folded with it. */
  readonly compute?: (...values: number[]) => number;
}

/** Applies an op, checking its inputs; all its outputs. */
export function applyAll<A>(op: Op<A>, inputs: readonly Tensor[], attrs: A): readonly Tensor[] {
  const outputs: Tensor[] = [];
  const node: Node<A> = { op, inputs, attrs, outputs };
  for (const { shape, dtype } of op.infer(inputs, attrs)) outputs.push(new Tensor(shape, dtype, node as Node));
  return outputs;
}

/** Applies an op of one output (or of which only the first matters to the caller). */
export const apply = <A>(op: Op<A>, inputs: readonly Tensor[], attrs: A): Tensor => applyAll(op, inputs, attrs)[0]!;
