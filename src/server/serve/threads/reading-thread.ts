/**
 * Large bodies are read in a thread of their own: to parse megabytes takes seconds at worst, in which the server would hear
 * nobody. Small ones are not worth the way.
 */
import type { Worker } from 'node:worker_threads';
import type { SampleInputs } from '../../../deploy/inputs.ts';
import type { InferRequest } from '../protocol/infer-request.ts';
import { bufferOf, ownThread } from './own-thread.ts';
import { type Asking, inferIn, inputsIn, samplesIn } from '../reading.ts';
import type { ReadingAsked, ReadingReplied } from './reading-worker.ts';
import { Refusal } from '../refusal.ts';

export interface Reader {
  /** Reads a request of the protocol; `jsonLength` is what the header says. Rejects with a Refusal, or the signal's reason. */
  infer(
    body: Uint8Array,
    asking: Asking & { readonly jsonLength: string | undefined },
    signal: AbortSignal,
  ): Promise<InferRequest>;
  /** The tensors of the samples of a body. Rejects with a Refusal, or the signal's reason. */
  predict(body: Uint8Array, asking: Asking, signal: AbortSignal): Promise<SampleInputs>;
  close(): Promise<void>;
}

/** Bytes from which a body is read in the thread. */
export const largeBody = 2 ** 18;

interface Waiting {
  readonly resolve: (reply: ReadingReplied) => void;
  readonly reject: (error: unknown) => void;
}

/** The thread starts with the first large body. */
export function openReader(): Reader {
  let thread: Worker | undefined;
  let asked = 0;
  const waiting = new Map<number, Waiting>();

  function started(): Worker {
    const own = ownThread('reading-worker');
    const fail = (error: Error): void => {
      if (thread === own) thread = undefined;
      for (const { reject } of waiting.values()) reject(error);
      waiting.clear();
    };
    own.on('message', (reply: ReadingReplied) => waiting.get(reply.id)?.resolve(reply));
    own.on('error', fail);
    own.on('exit', () => fail(new Error('The thread that reads bodies has ended.')));
    return own;
  }

  async function inThread(asking: Omit<ReadingAsked, 'id'>, signal: AbortSignal): Promise<ReadingReplied> {
    signal.throwIfAborted();
    thread ??= started();
    const own = thread;
    const id = asked++;
    const leaving = new AbortController();
    try {
      const reply = await new Promise<ReadingReplied>((resolve, reject) => {
        signal.addEventListener('abort', () => reject(asError(signal.reason)), { once: true, signal: leaving.signal });
        waiting.set(id, { resolve, reject });
        own.postMessage({ ...asking, id } satisfies ReadingAsked, bufferOf(asking.body));
      });
      if ('refused' in reply) throw new Refusal(reply.refused.status, reply.refused.message);
      if ('failed' in reply) throw new Error(reply.failed);
      return reply;
    } finally {
      waiting.delete(id);
      leaving.abort();
    }
  }

  return {
    async infer(body, { jsonLength, ...asking }, signal) {
      if (Math.min(body.length, Number(jsonLength ?? Infinity)) < largeBody) return inferIn(body, jsonLength, asking);
      const reply = await inThread({ ...asking, kind: 'infer', body, jsonLength }, signal);
      if ('infer' in reply) return reply.infer;
      throw new TypeError('The thread that reads bodies answered something else.');
    },
    async predict(body, asking, signal) {
      if (body.length < largeBody) return inputsIn(samplesIn(body, asking), asking);
      const reply = await inThread({ ...asking, kind: 'predict', body, jsonLength: undefined }, signal);
      if ('predict' in reply) return reply.predict;
      throw new TypeError('The thread that reads bodies answered something else.');
    },
    async close() {
      await thread?.terminate();
    },
  };
}

const asError = (reason: unknown): Error => (reason instanceof Error ? reason : new Error(String(reason)));
