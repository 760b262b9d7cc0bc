/** A session of ONNX Runtime on an exported file: that of Node and that of browsers are used alike. */
import type * as Ort from 'onnxruntime-node';
import type { TensorValues, Tensors } from './inputs.ts';

export interface ValueSignature {
  readonly name: string;
  readonly dtype: string;
  /** A text names an axis of any size. */
  readonly shape: readonly (string | number)[];
}

export interface Session {
  readonly inputs: readonly ValueSignature[];
  readonly outputs: readonly ValueSignature[];
  run(inputs: Tensors): Promise<Tensors>;
  close(): Promise<void>;
}

/** ONNX Runtime itself does not start. */
export class RuntimeError extends Error {
  override readonly name = 'RuntimeError';
}

/**
 * Starts a session on the content of an ONNX file. Throws what the runtime says of one that it does not take, and a RuntimeError
 * where it does not start at all.
 */
export type StartSession = (model: Uint8Array) => Promise<Session>;

/** What `onnxruntime-node` and the builds of `onnxruntime-web` have alike. */
export type Runtime = Pick<typeof Ort, 'InferenceSession' | 'Tensor'>;

/** Sessions of that runtime, from memory: the file is the one that was checked, and cannot name others for its weights. */
export const sessionsOf =
  ({ InferenceSession, Tensor }: Runtime, options: Ort.InferenceSession.SessionOptions = {}): StartSession =>
  async (model) => {
    const session = await started(InferenceSession.create(model, { logSeverityLevel: 4, ...options }));
    return {
      inputs: signatures(session.inputMetadata),
      outputs: signatures(session.outputMetadata),
      async run(inputs) {
        const given = Object.entries(inputs).map(([name, { data, shape }]) => [
          name,
          data instanceof Float32Array ? new Tensor('float32', data, shape) : new Tensor('int64', data, shape),
        ]);
        const results = await session.run(Object.fromEntries(given) as Record<string, Ort.Tensor>);
        return Object.fromEntries(
          Object.entries(results).flatMap(([name, { data, dims }]): [string, TensorValues][] =>
            data instanceof Float32Array || data instanceof BigInt64Array ? [[name, { data, shape: dims }]] : [],
          ),
        );
      },
      close: () => session.release(),
    };
  };

async function started(session: Promise<Ort.InferenceSession>): Promise<Ort.InferenceSession> {
  try {
    return await session;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (!message.startsWith('no available backend found')) throw error;
    throw new RuntimeError(`ONNX Runtime could not start here: ${message}`.replaceAll(/\s+/g, ' '), { cause: error });
  }
}

const signatures = (values: readonly Ort.InferenceSession.ValueMetadata[]): readonly ValueSignature[] =>
  values.map((value) => ({
    name: value.name,
    ...(value.isTensor ? { dtype: value.type, shape: value.shape } : { dtype: 'no tensor', shape: [] }),
  }));
