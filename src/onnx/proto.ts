/** The parts of an ONNX model as Protocol Buffers messages. */
import type { DType, Type } from '../tensor/index.ts';
import { Message } from './message.ts';

export const elementType: Readonly<Record<DType, number>> = { float32: 1, float64: 11, int64: 7, bool: 9 };
const toView: Readonly<Record<DType, (data: ArrayLike<number>) => ArrayBufferView>> = {
  float32: (data) => Float32Array.from(data),
  float64: (data) => Float64Array.from(data),
  int64: (data) => BigInt64Array.from(Array.from(data, BigInt)),
  bool: (data) => Uint8Array.from(data),
};

/** A node before it is written, while its results may still be renamed. */
export interface Draft {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly results: string[];
  readonly attributes: readonly Message[];
  readonly domain: string | undefined;
}

/** Lets the node that makes `name` make an output of the graph under its own name, so that none is copied there. */
export function renamed(drafts: readonly Draft[], name: string, output: string | undefined): string {
  const maker = drafts.find(({ results }) => results.includes(name));
  if (output === undefined || !maker || drafts.some(({ inputs }) => inputs.includes(name))) return name;
  maker.results[maker.results.indexOf(name)] = output;
  return output;
}

export function nodeProto({ op, inputs, results, attributes, domain }: Draft): Message {
  const node = new Message();
  for (const name of inputs) node.text(1, name);
  for (const name of results) node.text(2, name);
  node.text(4, op);
  for (const attribute of attributes) node.add(5, attribute);
  if (domain) node.text(7, domain);
  return node;
}

export function tensorProto(name: string, { shape, dtype }: Type, data: ArrayLike<number>): Message {
  const { buffer, byteOffset, byteLength } = toView[dtype](data);
  return new Message()
    .ints(1, shape)
    .int(2, elementType[dtype])
    .text(8, name)
    .bytes(9, new Uint8Array(buffer, byteOffset, byteLength));
}
