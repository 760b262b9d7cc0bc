import { createRequire } from 'node:module';
import type * as Ort from 'onnxruntime-node';
import { toOnnx, inputsOf, type SerializeOptions } from '../onnx/serialize.ts';
import { size, type DType, type Tensor, type Type } from '../tensor/index.ts';

// The runtime is CommonJS and loads a native library: it is loaded when the first program is compiled, not before.
const require = createRequire(import.meta.url);
const runtime = (): typeof Ort => require('onnxruntime-node') as typeof Ort;

export type Values = Float32Array | Float64Array | BigInt64Array | Uint8Array;

export interface RuntimeOptions {
  /** Threads within an operator; default: the number of cores. The same count gives bit-identical results. */
  readonly threads?: number;
  /** Where it runs: `cpu` (default), or another name that the installed runtime lists. */
  readonly device?: string;
  /**
   * How much the runtime rewrites a graph by itself; default `none`. Graphs are simplified before: training steps ran
   * as fast without, and started in half the time.
   */
  readonly optimization?: 'none' | 'basic' | 'all';
}

/** A compiled graph: feeds by input name to results by output name. A pure function. */
export interface Program {
  readonly inputs: ReadonlyMap<string, { readonly shape: readonly number[]; readonly dtype: DType }>;
  /** ONNX nodes, before the runtime's own optimisation. */
  readonly nodes: number;
  run(feeds: Readonly<Record<string, Values>>): Promise<Record<string, Values>>;
  dispose(): Promise<void>;
}

/** Devices that the installed runtime knows, `cpu` first; the others also need their hardware and drivers. */
export const devices = (): string[] => {
  const names = runtime()
    .listSupportedBackends()
    .map(({ name }) => name);
  return ['cpu', ...names.filter((name) => name !== 'cpu')];
};

/** Session options that every program of ours shares. */
const sessionOptions = ({
  threads,
  device = 'cpu',
  optimization = 'none',
}: RuntimeOptions): Ort.InferenceSession.SessionOptions => {
  if (threads !== undefined && (!Number.isInteger(threads) || threads < 1))
    throw new RangeError(`threads must be a whole number of at least 1, got ${threads}.`);
  if (!devices().includes(device))
    throw new RangeError(`Unknown device "${device}": the installed ONNX Runtime has ${devices().join(', ')}.`);
  return {
    executionProviders: device === 'cpu' ? ['cpu'] : [device, 'cpu'],
    ...(threads !== undefined && { intraOpNumThreads: threads }),
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: optimization === 'none' ? 'disabled' : optimization,
    // What goes wrong is thrown, and worded here: the runtime's own log would say it twice.
    logSeverityLevel: 4,
  };
};

export interface CompileOptions extends RuntimeOptions, SerializeOptions {
  /** What errors call it, such as "training step". */
  readonly name?: string;
}

/** Writes `outputs` as ONNX, starts a session on it and returns what runs it. */
export async function compile(
  outputs: Readonly<Record<string, Tensor>>,
  options: CompileOptions = {},
): Promise<Program> {
  const { name: title = Object.keys(outputs).join(', '), batch } = options;
  // The runtime wants output names that are no input names.
  const renamed = Object.fromEntries(Object.entries(outputs).map(([name, y]) => [`out ${name}`, y]));
  const model = toOnnx(renamed, options);
  const session = await start(model.bytes, title, options);
  const symbols = inputsOf(Object.values(outputs));
  const inputs = new Map(session.inputNames.map((name) => [name, symbols.get(name)!] as const));
  return {
    inputs: new Map([...inputs].map(([name, { shape, dtype }]) => [name, { shape, dtype }])),
    nodes: model.nodes,
    async run(feeds) {
      const given: Record<string, Ort.Tensor> = {};
      for (const [name, type] of inputs) {
        const data = feeds[name];
        if (!data)
          throw new Error(`No value was fed for input "${name}"; fed: ${Object.keys(feeds).join(', ') || 'nothing'}.`);
        given[name] = toOrt(name, type, data, batch?.size);
      }
      const results = await session.run(given).catch((error: unknown) => {
        throw new Error(`ONNX Runtime failed in program "${title}": ${oneLine(error)}`, { cause: error });
      });
      return Object.fromEntries(
        Object.entries(results).map(([name, value]) => [name.slice('out '.length), value.data as Values]),
      );
    },
    dispose: () => session.release(),
  };
}

/** A session on an ONNX file of any origin, fed by name with values and their shapes. */
export interface Session {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  run(
    feeds: Readonly<Record<string, Values>>,
    shapes: Readonly<Record<string, readonly number[]>>,
  ): Promise<Record<string, Values>>;
  dispose(): Promise<void>;
}

/** Starts a session on the bytes of an ONNX file. */
export async function openSession(bytes: Uint8Array, options: RuntimeOptions = {}): Promise<Session> {
  const session = await start(bytes, 'ONNX file', options);
  return {
    inputs: session.inputNames,
    outputs: session.outputNames,
    async run(feeds, shapes) {
      const given = Object.fromEntries(
        session.inputNames.map((name) => [
          name,
          toOrt(name, { shape: shapes[name]!, dtype: dtypeOf(feeds[name]!) }, feeds[name]!),
        ]),
      );
      const results = await session.run(given);
      return Object.fromEntries(Object.entries(results).map(([name, value]) => [name, value.data as Values]));
    },
    dispose: () => session.release(),
  };
}

const dtypeOf = (values: Values): DType =>
  values instanceof Float32Array
    ? 'float32'
    : values instanceof Float64Array
      ? 'float64'
      : values instanceof BigInt64Array
        ? 'int64'
        : 'bool';

async function start(bytes: Uint8Array, title: string, options: RuntimeOptions): Promise<Ort.InferenceSession> {
  const { device = 'cpu' } = options;
  const settings = sessionOptions(options);
  const { env, InferenceSession } = runtime();
  env.logLevel = 'fatal';
  try {
    return await InferenceSession.create(bytes, settings);
  } catch (error) {
    if (device === 'cpu')
      throw new Error(`ONNX Runtime cannot start program "${title}": ${oneLine(error)}`, { cause: error });
    throw new RangeError(
      `Device "${device}" cannot be used here (${oneLine(error)}). ` +
        `The installed ONNX Runtime has ${devices().join(', ')}; "cpu" always works.`,
      { cause: error },
    );
  }
}

/** The first line of a native error, without the source location or condition before its words. */
const oneLine = (error: unknown): string => {
  const [line] = (error instanceof Error ? error.message : String(error)).trim().split('\n');
  return line!
    .replace(/^.* was false\. /, '')
    .replace(/^\/\S+\.(cc|h|cpp):\d+ /, '')
    .trim();
};

/** Fed values as the runtime takes them; the dtype is checked here, where the input still has a name. */
function toOrt(name: string, { shape, dtype }: Type, data: Values, batch?: number): Ort.Tensor {
  const { Tensor: OrtTensor } = runtime();
  const dims = actualShape(name, shape, data.length, batch);
  if (dtype === 'float32' && data instanceof Float32Array) return new OrtTensor(dtype, data, dims);
  if (dtype === 'float64' && data instanceof Float64Array) return new OrtTensor(dtype, data, dims);
  if (dtype === 'int64' && data instanceof BigInt64Array) return new OrtTensor(dtype, data, dims);
  if (dtype === 'bool' && data instanceof Uint8Array) return new OrtTensor(dtype, data, dims);
  throw new TypeError(`Input "${name}" is ${dtype} and needs a ${arrayOf[dtype]}, got a ${data.constructor.name}.`);
}

const arrayOf: Readonly<Record<DType, string>> = {
  float32: 'Float32Array',
  float64: 'Float64Array',
  int64: 'BigInt64Array',
  bool: 'Uint8Array',
};

/** The declared shape, with a symbolic batch axis resolved from the number of values fed. */
function actualShape(name: string, shape: readonly number[], length: number, batch?: number): readonly number[] {
  if (batch === undefined && size(shape) === length) return shape;
  const open = batch === undefined ? [] : shape.filter((d) => d > 0 && d % batch === 0);
  const fixed = size(shape.map((d) => (open.includes(d) ? d / batch! : d)));
  const rows = Math.round((length / fixed) ** (1 / open.length));
  const actual = shape.map((d) => (open.includes(d) ? (d / batch!) * rows : d));
  if (size(actual) === length) return actual;
  const written = shape.map((d) => (!open.includes(d) ? d : d === batch ? 'batch' : `${d / batch!}*batch`));
  throw new RangeError(
    `Input "${name}" has shape [${written}] and so ${
      open.length > 0 ? 'some whole number of rows' : `${size(shape)} values`
    }, but ${length} values were fed.`,
  );
}
