import { Worker } from 'node:worker_threads';

/** Plain JavaScript, which runs from sources and from the package alike. */
const script = `
const { parentPort } = require('node:worker_threads');
const { createHash } = require('node:crypto');
parentPort.on('message', (bytes) => parentPort.postMessage(createHash('sha256').update(bytes).digest('hex')));
`;

/** Hashes shared memory on threads of its own, while its owner reads or writes. */
export class Hasher {
  readonly #workers: readonly Worker[];
  /** The last that each worker was asked for. */
  readonly #last: Promise<unknown>[];
  #turn = 0;

  constructor({ threads = 1 }: { readonly threads?: number } = {}) {
    this.#workers = Array.from({ length: threads }, () => new Worker(script, { eval: true }));
    this.#last = this.#workers.map(() => Promise.resolve());
  }

  /** The SHA-256 of bytes in shared memory, which are not to change until it is there. */
  hash(bytes: Uint8Array<SharedArrayBuffer>): Promise<string> {
    const index = this.#turn++ % this.#workers.length;
    const hash = this.#last[index]!.then(() => hashOn(this.#workers[index]!, bytes));
    this.#last[index] = hash.catch(() => undefined);
    return hash;
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}

const hashOn = (worker: Worker, bytes: Uint8Array<SharedArrayBuffer>): Promise<string> =>
  new Promise((resolve, reject) => {
    const settle = (): void => void worker.off('message', done).off('error', failed);
    const done = (hash: string): void => {
      settle();
      resolve(hash);
    };
    const failed = (error: Error): void => {
      settle();
      reject(error);
    };
    worker.on('message', done).on('error', failed).postMessage(bytes);
  });
