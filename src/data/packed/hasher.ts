import { Worker } from 'node:worker_threads';

/** The worker's program: plain JavaScript, which runs from sources and from the package alike. */
const script = `
const { parentPort } = require('node:worker_threads');
const { createHash } = require('node:crypto');
const { crc32 } = require('node:zlib');
const hashes = {
  crc32: (bytes) => crc32(bytes).toString(16).padStart(8, '0'),
  sha256: (bytes) => createHash('sha256').update(bytes).digest('hex'),
};
parentPort.on('message', ({ bytes, kind }) => parentPort.postMessage(kind + ':' + hashes[kind](bytes)));
`;

/** crc32 takes a third of the time of sha256, which packed datasets of version 1 have. */
type HashKind = 'crc32' | 'sha256';

/** Hashes shared memory on a thread of its own, while its owner reads or writes. */
export class Hasher {
  readonly #worker = new Worker(script, { eval: true });
  /** The hash that was asked for last: hashes are computed one after another. */
  #last: Promise<unknown> = Promise.resolve();

  /** The hash, as `crc32:89abcdef`, of bytes in shared memory, which are not to change until it is there. */
  hash(bytes: Uint8Array<SharedArrayBuffer>, kind: HashKind): Promise<string> {
    const hash = this.#last.then(() => this.#hash(bytes, kind));
    this.#last = hash.catch(() => undefined);
    return hash;
  }

  #hash(bytes: Uint8Array<SharedArrayBuffer>, kind: HashKind): Promise<string> {
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
      this.#worker.on('message', done).on('error', failed).postMessage({ bytes, kind });
    });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}
