import { Worker } from 'node:worker_threads';

/** Plain JavaScript, which runs from sources and from the package alike. */
const script = `
const { parentPort } = require('node:worker_threads');
const { createHash } = require('node:crypto');
parentPort.on('message', (bytes) => parentPort.postMessage(createHash('sha256').update(bytes).digest('hex')));
`;

/** Hashes shared memory on a thread of its own, while its owner reads or writes; one after another. */
export class Hasher {
  readonly #worker = new Worker(script, { eval: true });
  #last: Promise<unknown> = Promise.resolve();

  /** The SHA-256 of bytes in shared memory, which are not to change until it is there. */
  hash(bytes: Uint8Array<SharedArrayBuffer>): Promise<string> {
    const turn = this.#last.then(() => this.#hash(bytes));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #hash(bytes: Uint8Array<SharedArrayBuffer>): Promise<string> {
    return new Promise((resolve, reject) => {
      const settle = (): void => void this.#worker.off('message', done).off('error', failed);
      const done = (hash: string): void => {
        settle();
        resolve(hash);
      };
      const failed = (error: Error): void => {
        settle();
        reject(error);
      };
      this.#worker.on('message', done).on('error', failed).postMessage(bytes);
    });
  }
}
