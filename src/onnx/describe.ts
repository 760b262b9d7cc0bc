/** Reads what an ONNX file says of itself, without its weights: its producer, inputs, outputs, operators and metadata. */
import protobuf from 'protobufjs/minimal.js';

/** An input or output; a text in `shape` names an axis of any size. */
export interface OnnxValue {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly (number | string)[];
}

export interface OnnxDescription {
  readonly producer: string;
  /** The version of the operators of each domain; the standard one is `ai.onnx`. */
  readonly opset: Readonly<Record<string, number>>;
  readonly nodes: number;
  /** Inputs that are to be given; weights are none. */
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** The element types of ONNX, by number. */
const elementTypes = (
  'undefined float32 uint8 int8 uint16 int16 int32 int64 text bool float16 float64 uint32 uint64 complex64 complex128 ' +
  'bfloat16'
).split(' ');

type Visit = (field: number, reader: protobuf.Reader) => boolean;

/** Calls `visit` with each field of a message, which reads it and returns true; others are skipped. */
function eachField(bytes: Uint8Array, visit: Visit): void {
  const reader = protobuf.Reader.create(bytes);
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (!visit(tag >>> 3, reader)) reader.skipType(tag & 7);
  }
}

/** The texts of a message by the numbers of their fields. */
function textsIn(bytes: Uint8Array, fields: readonly number[]): readonly string[] {
  const found = new Map<number, string>();
  eachField(bytes, (field, reader) => fields.includes(field) && found.set(field, reader.string()).size > 0);
  return fields.map((field) => found.get(field) ?? '');
}

/** Throws a RangeError for bytes that are no ONNX model. */
export function describeOnnx(bytes: Uint8Array): OnnxDescription {
  let producer = '';
  const graphs: Uint8Array[] = [];
  const opset: Record<string, number> = {};
  const metadata: Record<string, string> = {};
  try {
    eachField(bytes, (field, reader) => {
      if (field === 2) producer = reader.string();
      else if (field === 7) graphs.push(reader.bytes());
      else if (field === 8) Object.assign(opset, operatorsIn(reader.bytes()));
      else if (field === 14) {
        const [key, value] = textsIn(reader.bytes(), [1, 2]) as [string, string];
        metadata[key] = value;
      } else return false;
      return true;
    });
    const [graph] = graphs;
    if (graph === undefined) throw new RangeError('it holds no graph');
    return { producer, opset, ...graphIn(graph), metadata };
  } catch (error) {
    throw new RangeError(`is no ONNX model (${(error as Error).message})`, { cause: error });
  }
}

function operatorsIn(bytes: Uint8Array): Readonly<Record<string, number>> {
  let [domain, version] = ['', 0];
  eachField(bytes, (field, reader) => {
    if (field === 1) domain = reader.string();
    else if (field === 2) version = Number(reader.int64());
    else return false;
    return true;
  });
  return { [domain || 'ai.onnx']: version };
}

function graphIn(bytes: Uint8Array): Pick<OnnxDescription, 'nodes' | 'inputs' | 'outputs'> {
  let nodes = 0;
  const weights = new Set<string>();
  const [inputs, outputs]: [OnnxValue[], OnnxValue[]] = [[], []];
  eachField(bytes, (field, reader) => {
    if (field === 1) nodes += 1;
    if (field === 5) weights.add(textsIn(reader.bytes(), [8])[0]!);
    else if (field === 11) inputs.push(valueIn(reader.bytes()));
    else if (field === 12) outputs.push(valueIn(reader.bytes()));
    else return false;
    return true;
  });
  return { nodes, inputs: inputs.filter(({ name }) => !weights.has(name)), outputs };
}

/** A `ValueInfoProto`: name (1) and type (2), of which a tensor (1) has an element type (1) and a shape (2) of axes (1). */
function valueIn(bytes: Uint8Array): OnnxValue {
  let [name, type] = ['', 0];
  const shape: (number | string)[] = [];
  const inside =
    (wanted: number, visit: (inner: Uint8Array) => void): Visit =>
    (field, reader) => {
      if (field !== wanted) return false;
      visit(reader.bytes());
      return true;
    };
  const axis = (inner: Uint8Array): void =>
    eachField(inner, (field, reader) => {
      if (field === 1) shape.push(Number(reader.int64()));
      else if (field === 2) shape.push(reader.string());
      else return false;
      return true;
    });
  const tensor = (inner: Uint8Array): void =>
    eachField(inner, (field, reader) => {
      if (field === 1) type = reader.int32();
      else return inside(2, (axes) => eachField(axes, inside(1, axis)))(field, reader);
      return true;
    });
  eachField(bytes, (field, reader) => {
    if (field === 1) name = reader.string();
    else return inside(2, (inner) => eachField(inner, inside(1, tensor)))(field, reader);
    return true;
  });
  return { name, dtype: elementTypes[type] ?? `type ${type}`, shape };
}
