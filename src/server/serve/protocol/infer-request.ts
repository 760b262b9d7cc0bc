/**
 * A request of the Open Inference Protocol, version 2: its input tensors, once they are those that the model takes, and the
 * outputs that it asks for. Anything else is refused before memory is taken for it.
 */
import { isObject, shown } from '../../../deploy/checks.ts';
import { type ExportDescription, sequenceOf, type ValueDescription } from '../../../deploy/description.ts';
import type { Tensors, TensorValues } from '../../../deploy/inputs.ts';
import type { InferBody, JsonObject } from './infer-body.ts';
import { Refusal } from '../refusal.ts';
import { type Declared, fromBytes, fromJson, indexOf, product } from './tensor-data.ts';

export interface RequestedOutput {
  readonly output: ValueDescription;
  /** Whether it is answered as bytes. */
  readonly binary: boolean;
}

export interface InferRequest {
  readonly id?: string;
  readonly inputs: Tensors;
  readonly outputs: readonly RequestedOutput[];
}

/** What the protocol calls the types of numbers. */
export const datatypes = { float32: 'FP32', int64: 'INT64' } as const;

/**
 * Reads a request to a model. `most` is how many numbers the inputs may come to, those that are filled in among them. Throws a
 * Refusal (400) that names the input, and the place in it, and one (413) for too much.
 */
export function inferRequest(
  { json, binary }: InferBody,
  { inputs: taken, outputs: given }: Pick<ExportDescription, 'inputs' | 'outputs'>,
  { most }: { readonly most: number },
): InferRequest {
  const { id, inputs, outputs } = json;
  if (id !== undefined && typeof id !== 'string') throw new Refusal(400, `"id" must be a text, got ${shown(id)}.`);
  if (!Array.isArray(inputs) || inputs.length === 0) throw new Refusal(400, '"inputs" must be a list of tensors.');
  const named = byName(inputs, taken, 'input');
  const rows = rowsIn(named);
  checkAmount(rows, taken, most);
  const bytes = bytesIn(named, binary);
  const values = new Map<string, TensorValues>();
  for (const [input, tensor] of named) {
    const declared = declaredIn(tensor, input, { rows, taken });
    const part = bytes.get(input);
    const data = part ? fromBytes(part, declared) : fromJson(tensor['data'], declared);
    values.set(input.name, { shape: declared.shape, data });
  }
  return {
    ...(id !== undefined && { id }),
    inputs: Object.fromEntries(
      taken.map((input) => [input.name, values.get(input.name) ?? absent(input, { rows, taken }, values)]),
    ),
    outputs: requested(outputs, given, parameterOf(json, 'binary_data_output') === true),
  };
}

/** Tensors by what the model calls so, each once. */
function byName(
  tensors: readonly unknown[],
  known: readonly ValueDescription[],
  kind: 'input' | 'output',
): ReadonlyMap<ValueDescription, JsonObject> {
  const found = new Map<ValueDescription, JsonObject>();
  for (const [n, tensor] of tensors.entries()) {
    if (!isObject(tensor) || typeof tensor['name'] !== 'string')
      throw new Refusal(400, `"${kind}s"[${n}] must be an object with a "name".`);
    const value = known.find(({ name }) => name === tensor['name']);
    if (!value)
      throw new Refusal(
        400,
        `The model has no ${kind} ${shown(tensor['name'])}; it has ${known.map(({ name }) => shown(name)).join(', ')}.`,
      );
    if (found.has(value)) throw new Refusal(400, `The ${kind} ${shown(value.name)} is there twice.`);
    found.set(value, tensor);
  }
  return found;
}

/** The samples of a request, which all its tensors must have. */
function rowsIn(named: ReadonlyMap<ValueDescription, JsonObject>): number {
  const [[first, { shape }]] = [...named] as [[ValueDescription, JsonObject]];
  const rows: unknown = Array.isArray(shape) ? shape[0] : undefined;
  if (typeof rows === 'number' && Number.isSafeInteger(rows) && rows >= 1) return rows;
  throw new Refusal(
    400,
    `Input ${shown(first.name)} must have a "shape" that begins with a number of samples of at least 1.`,
  );
}

/** Refuses what would come to more numbers than `most`. */
export function checkAmount(rows: number, taken: readonly ValueDescription[], most: number): void {
  const each = taken.reduce((sum, { shape: [, ...axes] }) => sum + product(axes), 0);
  if (rows * each > most)
    throw new Refusal(
      413,
      `${rows} samples are ${rows * each} numbers, more than the ${most} of a request: send at most ${Math.floor(most / each)} at once.`,
    );
}

/** Refuses numbers of samples that no model takes: beyond 32 bits, or beyond the tokens that there are. Missing ones are NaN. */
export function checkNumbers(inputs: Tensors, { inputs: taken }: Pick<ExportDescription, 'inputs'>): void {
  for (const input of taken) {
    const { shape, data } = inputs[input.name]!;
    const most = largest(input, taken);
    const at =
      data instanceof Float32Array
        ? data.findIndex((value) => value === Infinity || value === -Infinity)
        : data.findIndex((value) => value > most);
    if (at < 0) continue;
    const problem = input.dtype === 'int64' ? `${data[at]}, more than ${most}` : 'a number beyond those of 32 bits';
    const [sample, ...within] = indexOf(at, shape);
    const place = within.length > 0 ? ` at [${within.join(', ')}]` : '';
    throw new Refusal(400, `Sample ${sample}: ${shown(input.name)}${place} has ${problem}.`);
  }
}

/** The bytes of each tensor that comes as such, by `binary_data_size`; all bytes must be of one. */
function bytesIn(
  named: ReadonlyMap<ValueDescription, JsonObject>,
  binary: Uint8Array,
): ReadonlyMap<ValueDescription, Uint8Array> {
  const found = new Map<ValueDescription, Uint8Array>();
  let at = 0;
  for (const [input, tensor] of named) {
    if (parameterOf(tensor, 'shared_memory_region') !== undefined)
      throw new Refusal(400, `Input ${shown(input.name)} is in shared memory, which this server does not read.`);
    const size = parameterOf(tensor, 'binary_data_size');
    if (size === undefined) continue;
    if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0 || at + size > binary.length)
      throw new Refusal(
        400,
        `Input ${shown(input.name)} must have a "binary_data_size" within the ${binary.length} bytes that follow the JSON, got ${shown(size)}.`,
      );
    if (tensor['data'] !== undefined)
      throw new Refusal(400, `Input ${shown(input.name)} has both "data" and "binary_data_size".`);
    found.set(input, binary.subarray(at, (at += size)));
  }
  if (at !== binary.length)
    throw new Refusal(
      400,
      `${binary.length} bytes follow the JSON, and the "binary_data_size" of the inputs come to ${at}.`,
    );
  return found;
}

function declaredIn(tensor: JsonObject, input: ValueDescription, { rows, taken }: Beside): Declared {
  const { datatype, shape } = tensor;
  const type = datatypes[input.dtype];
  if (datatype !== type)
    throw new Refusal(400, `Input ${shown(input.name)} must be of the datatype ${type}, got ${shown(datatype)}.`);
  const expected = [rows, ...input.shape.slice(1)];
  if (!Array.isArray(shape) || shape.length !== expected.length || expected.some((size, axis) => shape[axis] !== size))
    throw new Refusal(
      400,
      `Input ${shown(input.name)} must be of the shape [${expected.join(', ')}], got ${listed(shape)}.`,
    );
  return { input, shape: [rows, ...input.shape.slice(1).map(Number)], most: largest(input, taken) };
}

interface Beside {
  readonly rows: number;
  readonly taken: readonly ValueDescription[];
}

/** The largest whole number that an input may hold: the steps of the modality that it is the length of, or a token's id. */
function largest(input: ValueDescription, taken: readonly ValueDescription[]): number {
  if (input.shape.length > 1) return input.most ?? 2 ** 31 - 1;
  return Number(sequenceOf(input, taken)!.shape[1]);
}

/** An input that a request leaves out: no sample has the modality. Its length must be left out as well, and cannot be else. */
function absent(
  input: ValueDescription,
  { rows, taken }: Beside,
  values: ReadonlyMap<string, TensorValues>,
): TensorValues {
  const shape = [rows, ...input.shape.slice(1).map(Number)];
  const of = input.shape.length === 1 ? sequenceOf(input, taken)! : undefined;
  if (of && values.has(of.name))
    throw new Refusal(400, `Input ${shown(input.name)} is missing: the steps of ${shown(of.name)}.`);
  const length = taken.find((other) => other.shape.length === 1 && sequenceOf(other, taken) === input);
  if (length && values.has(length.name))
    throw new Refusal(400, `Input ${shown(input.name)} is missing, and ${shown(length.name)} is there.`);
  const count = product(shape);
  return { shape, data: input.dtype === 'float32' ? new Float32Array(count).fill(NaN) : new BigInt64Array(count) };
}

/** The outputs that are asked for, in that order; all of them where none is. */
function requested(asked: unknown, given: readonly ValueDescription[], binary: boolean): readonly RequestedOutput[] {
  if (asked === undefined) return given.map((output) => ({ output, binary }));
  if (!Array.isArray(asked)) throw new Refusal(400, `"outputs" must be a list, got ${shown(asked)}.`);
  return [...byName(asked, given, 'output')].map(([output, tensor]) => {
    const refused = ['classification', 'shared_memory_region'].find((name) => parameterOf(tensor, name) !== undefined);
    if (refused !== undefined)
      throw new Refusal(400, `Output ${shown(output.name)} asks for ${shown(refused)}, which this server does not do.`);
    return { output, binary: (parameterOf(tensor, 'binary_data') ?? binary) === true };
  });
}

/** A parameter of a request or tensor; those that are not known are passed over, as clients send more of them than a server knows. */
function parameterOf({ parameters }: JsonObject, name: string): unknown {
  if (parameters === undefined) return undefined;
  if (!isObject(parameters)) throw new Refusal(400, `"parameters" must be an object, got ${shown(parameters)}.`);
  return Object.hasOwn(parameters, name) ? parameters[name] : undefined;
}

const listed = (shape: unknown): string =>
  Array.isArray(shape) ? `[${shape.slice(0, 6).map(shown).join(', ')}]` : shown(shape);
