/** The side of the thread that reads large bodies; see reading-thread.ts. */
import { parentPort } from 'node:worker_threads';
import type { SampleInputs } from '../../../deploy/inputs.ts';
import type { InferRequest } from '../protocol/infer-request.ts';
import { bufferOf } from './own-thread.ts';
import { type Asking, inferIn, inputsIn, samplesIn } from '../reading.ts';
import { Refusal, type RefusalStatus } from '../refusal.ts';

export interface ReadingAsked extends Asking {
  readonly id: number;
  readonly body: Uint8Array;
  readonly kind: 'infer' | 'predict';
  /** What the header says, of a request to infer. */
  readonly jsonLength: string | undefined;
}

export type ReadingReplied =
  | { readonly id: number; readonly infer: InferRequest }
  | { readonly id: number; readonly predict: SampleInputs }
  | { readonly id: number; readonly refused: { readonly status: RefusalStatus; readonly message: string } }
  | { readonly id: number; readonly failed: string };

const port = parentPort!;

function replyTo({ id, body, kind, jsonLength, ...asking }: ReadingAsked): ReadingReplied {
  try {
    if (kind === 'infer') return { id, infer: inferIn(body, jsonLength, asking) };
    return { id, predict: inputsIn(samplesIn(body, asking), asking) };
  } catch (error) {
    if (error instanceof Refusal) return { id, refused: { status: error.status, message: error.message } };
    return { id, failed: error instanceof Error ? error.message : String(error) };
  }
}

port.on('message', (asked: ReadingAsked) => {
  const reply = replyTo(asked);
  const read = 'infer' in reply ? reply.infer : 'predict' in reply ? reply.predict : undefined;
  port.postMessage(
    reply,
    Object.values(read?.inputs ?? {}).flatMap(({ data }) => bufferOf(data)),
  );
});
