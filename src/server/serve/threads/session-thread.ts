/**
 * A session of ONNX Runtime in a thread of its own. The runtime's Node binding computes on the thread that calls it: on the
 * server's, nobody would be heard meanwhile.
 */
import type { Worker } from 'node:worker_threads';
import type { Tensors } from '../../../deploy/inputs.ts';
import type { Session, StartSession } from '../../../deploy/session.ts';
import { bufferOf, ownThread } from './own-thread.ts';
import type { Asked, Replied, Start, Started } from './session-worker.ts';

interface Waiting {
  readonly resolve: (outputs: Tensors) => void;
  readonly reject: (error: Error) => void;
}

/** Starts sessions of so many threads within an operator. The inputs of a run are the session's from then on. */
export const sessionsInThreads =
  ({ threads }: { readonly threads: number | undefined }): StartSession =>
  (model) =>
    new Promise((resolve, reject) => {
      const thread = ownThread('session-worker');
      const waiting = new Map<number, Waiting>();
      let asked = 0;
      let failure: Error | undefined;
      const fail = (error: Error): void => {
        failure ??= error;
        reject(error);
        for (const { reject: rejectRun } of waiting.values()) rejectRun(error);
        waiting.clear();
      };
      const run: Session['run'] = (inputs) =>
        new Promise((resolveRun, rejectRun) => {
          if (failure) throw failure;
          const id = asked++;
          waiting.set(id, { resolve: resolveRun, reject: rejectRun });
          thread.postMessage({ id, inputs } satisfies Asked, buffersOf(inputs));
        });
      thread.on('error', fail);
      thread.on('exit', () => fail(new Error('The thread of the model has ended.')));
      thread.on('message', (message: Started | Replied) => {
        if ('refused' in message) {
          reject(new Error(message.refused));
          void thread.terminate();
        } else if ('signature' in message) resolve({ ...message.signature, run, close: () => ended(thread) });
        else {
          const one = waiting.get(message.id);
          waiting.delete(message.id);
          if ('outputs' in message) one?.resolve(message.outputs);
          else one?.reject(new Error(message.failed));
        }
      });
      thread.postMessage({ model, threads } satisfies Start, bufferOf(model));
    });

async function ended(thread: Worker): Promise<void> {
  await thread.terminate();
}

const buffersOf = (tensors: Tensors): ArrayBuffer[] => Object.values(tensors).flatMap(({ data }) => bufferOf(data));
