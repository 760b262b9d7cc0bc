/**
 * Requests for one model, run together. A model that is idle runs a request at once; when it is free again it takes what has
 * queued meanwhile, in the order of arrival. A request is split only where it is larger than a batch by itself.
 */
import type { Tensors } from '../../deploy/inputs.ts';
import { Refusal } from './refusal.ts';
import { joined, rowsOf, slice } from './rows.ts';

/** Runs a model; what it is given is its own. */
export type Run = (inputs: Tensors) => Promise<Tensors>;

export interface QueueOptions {
  /** Rows that run together at most. */
  readonly maxBatch: number;
  /** Requests that wait at most. */
  readonly maxQueue: number;
  /** Told of every run: its rows, and how long it took in milliseconds. */
  readonly onRun?: (rows: number, ms: number) => void;
}

export interface Answer {
  readonly outputs: Tensors;
  /** Milliseconds from arrival until the model took the request. */
  readonly waited: number;
  /** Rows that ran together, those of other requests among them. */
  readonly batch: number;
}

export interface Queue {
  /**
   * The outputs for inputs, which are the queue's from then on. A request whose signal is aborted leaves, and rejects with the
   * signal's reason. Rejects with a Refusal (503) where too many wait.
   */
  run(inputs: Tensors, signal: AbortSignal): Promise<Answer>;
  /** Requests that wait. */
  readonly depth: number;
}

interface Waiting {
  readonly inputs: Tensors;
  readonly rows: number;
  readonly signal: AbortSignal;
  readonly since: number;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (reason: Error) => void;
}

export function openQueue(run: Run, { maxBatch, maxQueue, onRun }: QueueOptions): Queue {
  // In the order of arrival; whoever leaves is deleted wherever it stands.
  const waiting = new Set<Waiting>();
  let isRunning = false;
  let rowMs = 0;

  /** The requests of the next batch, which leave the queue. */
  function next(): readonly Waiting[] {
    const taken: Waiting[] = [];
    let rows = 0;
    for (const request of waiting) {
      if (taken.length > 0 && rows + request.rows > maxBatch) break;
      taken.push(request);
      rows += request.rows;
      waiting.delete(request);
    }
    return taken;
  }

  async function runRows(inputs: Tensors): Promise<Tensors> {
    const rows = rowsOf(inputs);
    const start = performance.now();
    const outputs = await run(inputs);
    const ms = performance.now() - start;
    rowMs = rowMs === 0 ? ms / rows : 0.9 * rowMs + (0.1 * ms) / rows;
    onRun?.(rows, ms);
    return outputs;
  }

  /** Runs one request, in pieces where it is larger than a batch. */
  async function runAlone({ inputs, rows, signal }: Waiting): Promise<Tensors> {
    if (rows <= maxBatch) return runRows(inputs);
    const pieces: Tensors[] = [];
    for (let start = 0; start < rows && !signal.aborted; start += maxBatch)
      pieces.push(await runRows(slice(inputs, start, Math.min(rows, start + maxBatch))));
    return joined(pieces);
  }

  async function runTogether(taken: readonly Waiting[]): Promise<void> {
    const started = performance.now();
    const answer = (request: Waiting, outputs: Tensors, batch: number): void =>
      request.resolve({ outputs, waited: started - request.since, batch });
    try {
      const batch = taken.reduce((sum, { rows }) => sum + rows, 0);
      if (taken.length === 1) {
        answer(taken[0]!, await runAlone(taken[0]!), Math.min(batch, maxBatch));
        return;
      }
      const outputs = await runRows(joined(taken.map(({ inputs }) => inputs)));
      let at = 0;
      for (const request of taken) answer(request, slice(outputs, at, (at += request.rows)), batch);
    } catch (error) {
      if (taken.length === 1) taken[0]!.reject(asError(error));
      // What is wrong with one request is no matter of the others.
      else for (const request of taken) if (!request.signal.aborted) await runTogether([request]);
    }
  }

  async function work(): Promise<void> {
    if (isRunning) return;
    isRunning = true;
    while (waiting.size > 0) await runTogether(next());
    isRunning = false;
  }

  /** Seconds, at least 1, after which those that wait now will have been answered. */
  const retryAfter = (): number => {
    const rows = [...waiting].reduce((sum, request) => sum + request.rows, 0);
    return Math.max(1, Math.ceil((rows * rowMs) / 1000));
  };

  return {
    get depth() {
      return waiting.size;
    },
    run(inputs, signal) {
      return new Promise((resolve, reject) => {
        signal.throwIfAborted();
        if (waiting.size >= maxQueue)
          throw new Refusal(503, `The model is busy: ${waiting.size} requests wait for it already.`, {
            'Retry-After': String(retryAfter()),
          });
        const leave = (): void => {
          waiting.delete(request);
          reject(asError(signal.reason));
        };
        const request: Waiting = {
          ...{ inputs, rows: rowsOf(inputs), signal, since: performance.now() },
          resolve(answer) {
            signal.removeEventListener('abort', leave);
            resolve(answer);
          },
          reject(reason) {
            signal.removeEventListener('abort', leave);
            reject(reason);
          },
        };
        signal.addEventListener('abort', leave, { once: true });
        waiting.add(request);
        void work();
      });
    },
  };
}

const asError = (reason: unknown): Error => (reason instanceof Error ? reason : new Error(String(reason)));
