/** Opens models, listens, and ends once all that was asked is answered. */
import type { ServerOptions } from 'node:http';
import { listen } from '../http/listen.ts';
import { serverApp } from './app.ts';
import { openMetrics } from './metrics.ts';
import { openServed, type ServedModel } from './model.ts';
import { openReader } from './threads/reading-thread.ts';
import { openRoom } from './room.ts';
import type { OpenOptions } from '../../runs/open-model.ts';

export interface ServeOptions {
  /** The export or run of each model, and what it is called. */
  readonly models: readonly { readonly name: string; readonly location: string }[];
  readonly host: string;
  readonly port: number;
  /** Samples that a model takes together at most. */
  readonly maxBatch: number;
  /** Requests that wait for a model at most. */
  readonly maxQueue: number;
  /** Seconds from the arrival of a request to its answer. */
  readonly timeout: number;
  /** Bytes of a body at most. */
  readonly maxBody: number;
  /** Threads within an operator, of each model. Default: as many as the machine has cores. */
  readonly threads?: number | undefined;
  /** Of runs of a model of one's own. */
  readonly own?: OpenOptions | undefined;
  /** What requests must carry. Default: anybody may ask. */
  readonly token?: string | undefined;
  /** Names that the server answers for, besides those of this machine; `*`: any. */
  readonly hosts?: readonly string[];
  /** Origins of pages that may ask; `*`: all. */
  readonly origins?: readonly string[];
  /** Takes a line for each request. */
  readonly log: (line: string) => void;
  /** Is told of an error that is no fault of a request. */
  readonly onError: (error: Error) => void;
  /** Ends the opening of models. */
  readonly signal: AbortSignal;
}

export interface Serving {
  /** `http://HOST:PORT`. */
  readonly url: string;
  readonly models: readonly ServedModel[];
  /** Takes no more requests, answers those under way, and closes the models; a second after `timeout` it cuts off who still reads. */
  readonly drain: () => Promise<void>;
}

/** Bodies and tensors under way may come to so many times the largest body. */
const roomForBodies = 32;

/** Throws an Error of one line where a model cannot be opened, or the address cannot be had; an abort throws its reason. */
export async function serve(options: ServeOptions): Promise<Serving> {
  const { host, port, maxBatch, maxQueue, timeout, maxBody, threads, own, signal, ...asked } = options;
  const models: ServedModel[] = [];
  const metrics = openMetrics(() => new Map(models.map(({ name, queue }) => [name, queue.depth])), { process: true });
  const reader = openReader();
  const close = async (): Promise<void> => {
    await Promise.all([...models, reader].map((each) => each.close()));
  };
  try {
    for (const named of options.models) {
      signal.throwIfAborted();
      const onRun = (rows: number, ms: number): void => metrics.run(named.name, rows, ms);
      models.push(await openServed(named, { maxBatch, maxQueue, threads, own, onRun }));
    }
    signal.throwIfAborted();
    let isDraining = false;
    const app = serverApp({
      ...asked,
      ...{ models, metrics, timeout, maxBody, reader, room: openRoom(roomForBodies * maxBody) },
      isReady: () => !isDraining,
      onWait: (name, ms) => metrics.waited(name, ms),
    });
    const { url, drain, cut } = await listen(app.fetch, { host, port, server: limitsOf(timeout) });
    return {
      ...{ url, models },
      async drain() {
        isDraining = true;
        // Every request is answered by then; who has not read its answer would hold the end up without end.
        const late = setTimeout(cut, (timeout + 1) * 1000);
        await drain();
        clearTimeout(late);
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * Who sends nothing, or headers without end, is cut off; of bodies the server itself keeps the time. An idle connection is kept for
 * longer than load balancers do, which are the ones to close it: else a request may meet a connection that is just being closed.
 */
const limitsOf = (timeout: number): ServerOptions => ({
  headersTimeout: Math.min(timeout, 20) * 1000,
  requestTimeout: (timeout + 5) * 1000,
  connectionsCheckingInterval: 1000,
  keepAliveTimeout: 75_000,
});
