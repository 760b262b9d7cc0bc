import type * as Ort from 'onnxruntime-node';
import type { DType } from '../tensor/index.ts';
import { compileOn, oneLine, toOrt, type Compile, type RuntimeOptions, type Values } from './compile.ts';
import { checkDevice, unusable } from './devices.ts';
import { runtime } from './library.ts';

export { checkDevice, devices } from './devices.ts';
export type { Program, RuntimeOptions, Values } from './compile.ts';

/** The version of ONNX Runtime that is installed. */
export const runtimeVersion = (): string => runtime().env.versions.node ?? 'unknown';

/**
 * Microseconds that an idle thread of a session looks for work before it sleeps: longer than operators are apart. By
 * default threads would look on long after a run, and keep a core from masks, updates or another session.
 */
const spinning = 200;

/** Options of a session, those that all our programs share among them. */
const sessionOptions = ({
  threads,
  device = 'cpu',
  optimization = 'none',
  profile,
}: RuntimeOptions): Ort.InferenceSession.SessionOptions => {
  if (threads !== undefined && (!Number.isInteger(threads) || threads < 1))
    throw new RangeError(`threads must be a whole number of at least 1, got ${threads}.`);
  return {
    executionProviders: device === 'cpu' ? ['cpu'] : [device, 'cpu'],
    ...(threads !== undefined && { intraOpNumThreads: threads }),
    interOpNumThreads: 1,
    executionMode: 'sequential',
    // The runtime's plan of all memory, made after the first run, costs half as much memory again and saves no time.
    enableMemPattern: false,
    ...(profile !== undefined && { enableProfiling: true, profileFilePrefix: profile }),
    extra: { session: { intra_op: { spin_duration_us: String(spinning) } } },
    graphOptimizationLevel: optimization === 'none' ? 'disabled' : optimization,
    // Errors are thrown, in our words: the runtime's own log would tell them a second time.
    logSeverityLevel: 4,
  };
};

/** `Compile` in Node. */
export const compile: Compile = async (outputs, options = {}) =>
  compileOn({ Tensor: runtime().Tensor, start: (model, title) => start(model, title, options) }, outputs, options);

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

/**
 * Starts a session on the bytes of an ONNX file. The runtime rewrites it as it sees fit unless told otherwise: the
 * weights of such a file are fixed, and it has not been simplified for this runtime.
 */
export async function openSession(bytes: Uint8Array, options: RuntimeOptions = {}): Promise<Session> {
  const session = await start(bytes, 'ONNX file', { optimization: 'all', ...options });
  return {
    inputs: session.inputNames,
    outputs: session.outputNames,
    async run(feeds, shapes) {
      const given = Object.fromEntries(
        session.inputNames.map((name) => [
          name,
          toOrt(runtime(), name, { shape: shapes[name]!, dtype: dtypeOf(feeds[name]!) }, feeds[name]!),
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
  await checkDevice(device);
  const { env, InferenceSession } = runtime();
  env.logLevel = 'fatal';
  try {
    return await InferenceSession.create(bytes, settings);
  } catch (error) {
    if (device === 'cpu')
      throw new Error(`ONNX Runtime cannot start program "${title}": ${oneLine(error)}`, { cause: error });
    throw unusable(device, oneLine(error).replace(/\.$/, ''), { cause: error });
  }
}
