import { createRequire } from 'node:module';
import type * as Ort from 'onnxruntime-node';
import { toOnnx, inputsOf, type SerializeOptions } from '../onnx/serialize.ts';
import { size, type DType, type Tensor } from '../tensor/index.ts';

// The runtime is CommonJS and loads a native library: it is loaded when the first program is compiled, not before.
const require = createRequire(import.meta.url);
const runtime = (): typeof Ort => require('onnxruntime-node') as typeof Ort;

export type Values = Float32Array | Float64Array | BigInt64Array | Uint8Array;

export interface RuntimeOptions {
  /** Threads within an operator; default: the number of cores. The same count gives bit-identical results. */
  readonly threads?: number;
  /** Where it runs: `cpu`, or a name that the installed runtime lists. */
  readonly device?: string;
}

/** A compiled graph: feeds by input name to results by output name. A pure function. */
export interface Program {
  readonly inputs: ReadonlyMap<string, { readonly shape: readonly number[]; readonly dtype: DType }>;
  /** ONNX nodes, before the runtime's own optimisation. */
  readonly nodes: number;
  run(feeds: Readonly<Record<string, Values>>): Promise<Record<string, Values>>;
  dispose(): Promise<void>;
}

/** Devices that the installed runtime can use, `cpu` first. */
export const devices = (): string[] => {
  const names = runtime()
    .listSupportedBackends()
    .map(({ name }) => name);
  return ['cpu', ...names.filter((name) => name !== 'cpu')];
};

function checkDevice(device: string): void {
  const known = devices();
  if (!known.includes(device))
    throw new RangeError(`Unknown device "${device}": the installed ONNX Runtime has ${known.join(', ')}.`);
}

/** Session options that every program of ours shares. */
const sessionOptions = ({ threads, device = 'cpu' }: RuntimeOptions): Ort.InferenceSession.SessionOptions => {
  if (threads !== undefined && (!Number.isInteger(threads) || threads < 1))
    throw new RangeError(`threads must be a whole number of at least 1, got ${threads}.`);
  checkDevice(device);
  return {
    executionProviders: device === 'cpu' ? ['cpu'] : [device, 'cpu'],
    ...(threads !== undefined && { intraOpNumThreads: threads }),
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
  };
};

export type CompileOptions = RuntimeOptions & SerializeOptions;

/** Writes `outputs` as ONNX, starts a session on it and returns what runs it. */
export async function compile(
  outputs: Readonly<Record<string, Tensor>>,
  options: CompileOptions = {},
): Promise<Program> {
  const symbols = inputsOf(Object.values(outputs));
  // The runtime wants output names that are no input names.
  const renamed = Object.fromEntries(Object.entries(outputs).map(([name, y]) => [`out ${name}`, y]));
  const model = toOnnx(renamed, options);
  const program = await load(model.bytes, options);
  const fed = new Set(program.inputs.keys());
  const inputs = new Map(
    [...symbols].filter(([name]) => fed.has(name)).map(([name, { shape, dtype }]) => [name, { shape, dtype }]),
  );
  return {
    inputs,
    nodes: model.nodes,
    async run(feeds) {
      const results = await program.run(feeds, inputs, options.batch?.size);
      return Object.fromEntries(Object.entries(results).map(([name, value]) => [name.slice('out '.length), value]));
    },
    dispose: program.dispose,
  };
}

async function load(
  bytes: Uint8Array,
  options: RuntimeOptions,
): Promise<{
  inputs: ReadonlyMap<string, unknown>;
  run(
    feeds: Readonly<Record<string, Values>>,
    types: Program['inputs'],
    batch?: number,
  ): Promise<Record<string, Values>>;
  dispose(): Promise<void>;
}> {
  const { InferenceSession, Tensor: OrtTensor } = runtime();
  const session = await InferenceSession.create(bytes, sessionOptions(options));
  return {
    inputs: new Map(session.inputNames.map((name) => [name, undefined])),
    async run(feeds, types, batch) {
      const given: Record<string, Ort.Tensor> = {};
      for (const name of session.inputNames) {
        const data = feeds[name];
        if (!data) throw new Error(`No value was fed for input "${name}"; fed: ${Object.keys(feeds).join(', ')}.`);
        const { shape, dtype } = types.get(name)!;
        given[name] = new OrtTensor(dtype, data as never, actualShape(name, shape, data.length, batch));
      }
      const results = await session.run(given);
      return Object.fromEntries(Object.entries(results).map(([name, value]) => [name, value.data as Values]));
    },
    dispose: () => session.release(),
  };
}

/** The declared shape, with a symbolic batch axis resolved from the number of values fed. */
function actualShape(name: string, shape: readonly number[], length: number, batch?: number): number[] {
  const fixed = size(shape.filter((d) => d !== batch));
  const rows = length / fixed;
  const actual = shape.map((d) => (d === batch ? rows : d));
  if (size(actual) !== length || !Number.isInteger(rows))
    throw new RangeError(
      `Input "${name}" has shape [${shape.map((d) => (d === batch ? 'batch' : d))}], but ${length} values were fed.`,
    );
  return actual;
}
