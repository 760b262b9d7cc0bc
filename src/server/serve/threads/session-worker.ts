/** The side of a session's thread where ONNX Runtime is; see session-thread.ts. */
import { parentPort } from 'node:worker_threads';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Tensors } from '../../../deploy/inputs.ts';
import { sessionsOf, type Session } from '../../../deploy/session.ts';

/** What is sent first. */
export interface Start {
  /** The content of an ONNX file. */
  readonly model: Uint8Array;
  readonly threads: number | undefined;
}

/** What comes first: what the file takes and gives, or why the runtime does not read it. */
export type Started = { readonly signature: Pick<Session, 'inputs' | 'outputs'> } | { readonly refused: string };

export interface Asked {
  readonly id: number;
  readonly inputs: Tensors;
}

export type Replied =
  { readonly id: number; readonly outputs: Tensors } | { readonly id: number; readonly failed: string };

const port = parentPort!;
const post = (message: Started | Replied): void => port.postMessage(message);
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

async function start({ model, threads }: Start): Promise<void> {
  const options = {
    ...(threads !== undefined && { intraOpNumThreads: threads }),
    // By default idle threads look for work long after a run, and keep a core from the thread that hears requests.
    extra: { session: { intra_op: { spin_duration_us: '200' } } },
  };
  const session = await sessionsOf({ InferenceSession, Tensor }, options)(model);
  port.on('message', ({ id, inputs }: Asked) => {
    session.run(inputs).then(
      (outputs) => post({ id, outputs }),
      (error: unknown) => post({ id, failed: messageOf(error) }),
    );
  });
  const { inputs, outputs } = session;
  post({ signature: { inputs, outputs } });
}

port.once('message', (asked: Start) => {
  start(asked).catch((error: unknown) => post({ refused: messageOf(error) }));
});
