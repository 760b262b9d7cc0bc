/** Compiling a graph to a program whose inputs are checked: the part that Node and browsers share. */
import type * as Ort from 'onnxruntime-node';
import { inputsOf, toOnnx, type SerializeOptions } from '../onnx/serialize.ts';
import { size, type DType, type Tensor, type Type } from '../tensor/index.ts';

export type Values = Float32Array | Float64Array | BigInt64Array | Uint8Array;

export interface RuntimeOptions {
  /** Threads within an operator; default: the number of cores. The same count gives bit-identical results. */
  readonly threads?: number | undefined;
  /** The device that the program runs on: `cpu` (default), or another that the installed runtime has. */
  readonly device?: string | undefined;
  /**
   * How much the runtime itself rewrites a graph; default `none`. Graphs come simplified already (`onnx/simplify.ts`):
   * training steps ran as fast without the runtime's rewriting, and started in half the time.
   */
  readonly optimization?: 'none' | 'basic' | 'all';
  /** Path without ending of the runtime's own profile, written when the program is disposed of. Only in Node. */
  readonly profile?: string;
}

export interface CompileOptions extends RuntimeOptions, SerializeOptions {
  /** The program's name in error messages, such as "training step". Default: the names of its outputs. */
  readonly name?: string;
}

/** A compiled graph, a pure function: from values by input name to results by output name. */
export interface Program {
  readonly inputs: ReadonlyMap<string, { readonly shape: readonly number[]; readonly dtype: DType }>;
  /** Number of ONNX nodes, before the runtime's own rewriting. */
  readonly nodes: number;
  run(feeds: Readonly<Record<string, Values>>): Promise<Record<string, Values>>;
  dispose(): Promise<void>;
}

/** Writes `outputs` as ONNX and starts a session on that. */
export type Compile = (outputs: Readonly<Record<string, Tensor>>, options?: CompileOptions) => Promise<Program>;

/** An ONNX Runtime that is ready for use, that of Node or of a browser. */
export interface Engine {
  readonly Tensor: typeof Ort.Tensor;
  /** Starts a session; `title` is the model's name in error messages. */
  start(model: Uint8Array, title: string): Promise<Ort.InferenceSession>;
}

/** `Compile`, given the runtime. */
export async function compileOn(
  engine: Engine,
  outputs: Readonly<Record<string, Tensor>>,
  options: CompileOptions,
): Promise<Program> {
  const { name: title = Object.keys(outputs).join(', '), batch, device } = options;
  // The runtime refuses an output that has the name of an input.
  const renamed = Object.fromEntries(Object.entries(outputs).map(([name, y]) => [`out ${name}`, y]));
  // Operators of the runtime's own domain would run on the CPU, and their operands be copied there and back.
  const model = toOnnx(renamed, { portable: device === 'webgpu', ...options });
  const session = await engine.start(model.bytes, title);
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
        given[name] = toOrt(engine, name, type, data, batch?.size);
      }
      const results = await session.run(given).catch((error: unknown) => {
        throw new Error(`ONNX Runtime failed in program "${title}": ${oneLine(error)}`, { cause: error });
      });
      return Object.fromEntries(
        Object.entries(results).map(([name, value]) => [name.slice('out '.length), value.data as Values]),
      );
    },
    async dispose() {
      if (options.profile !== undefined) session.endProfiling();
      await session.release();
    },
  };
}

/** The first line of an error of the runtime, without the call, condition or source location that precede its words. */
export const oneLine = (error: unknown): string => {
  const [line] = (error instanceof Error ? error.message : String(error)).trim().split('\n');
  return line!
    .replace(/^failed to call Ort\w+\(\)\. ERROR_CODE: -?\d+, ERROR_MESSAGE: /, '')
    .replace(/^.* was false\. /, '')
    .replace(/^\/\S+\.(cc|h|cpp):\d+ /, '')
    .trim();
};

/**
 * A runtime's tensor of the values fed for an input. Checks dtype and count here, where the error can name the input.
 */
export function toOrt(
  { Tensor: OrtTensor }: Pick<Engine, 'Tensor'>,
  name: string,
  { shape, dtype }: Type,
  data: Values,
  batch?: number,
): Ort.Tensor {
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

/** The declared shape, with the size of a symbolic batch axis found from the number of values fed. */
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
