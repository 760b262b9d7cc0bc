import type { FileHandle } from 'node:fs/promises';
import { longestWrite } from './descriptor.ts';

/** Takes bytes one piece after another. Once `write` is done, the next may be given, and the memory of the last reused. */
export interface Sink {
  /** Bytes written so far. */
  readonly position: number;
  write(bytes: Uint8Array): Promise<void>;
}

const bufferLength = 2 ** 16;
/**
 * Written bytes that the system may hold in memory. It is told to send them to the disk while more are made, so that
 * there is less to wait for at the end.
 */
const syncLength = 2 ** 26;

/** A file that is being written. */
export class FileOutput implements Sink {
  readonly #handle: FileHandle;
  readonly #signal: AbortSignal | undefined;
  /** Small pieces, which are written together. */
  readonly #buffer = Buffer.alloc(bufferLength);
  #held = 0;
  #position = 0;
  #unsynced = 0;
  #syncing: Promise<void> | undefined;

  constructor(handle: FileHandle, signal?: AbortSignal) {
    this.#handle = handle;
    this.#signal = signal;
  }

  get position(): number {
    return this.#position;
  }

  /** The descriptor of the open file, for a library that writes to it and reads from it by itself. */
  get descriptor(): number {
    return this.#handle.fd;
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#held + bytes.length > bufferLength) await this.flush();
    if (bytes.length > bufferLength) await this.#writeAt(bytes, this.#position);
    else {
      this.#buffer.set(bytes, this.#held);
      this.#held += bytes.length;
    }
    this.#position += bytes.length;
  }

  /** Writes over bytes that were written before. */
  async replace(bytes: Uint8Array, position: number): Promise<void> {
    await this.flush();
    await this.#writeAt(bytes, position);
  }

  async flush(): Promise<void> {
    if (this.#held === 0) return;
    const held = this.#held;
    this.#held = 0;
    await this.#writeAt(this.#buffer.subarray(0, held), this.#position - held);
  }

  /** Waits until all of it is on the disk. */
  async finish(): Promise<void> {
    await this.flush();
    await this.#syncing;
    await this.#handle.sync();
  }

  /** Has the system send to the disk what it holds, once that is much. */
  #syncSometimes(length: number): void {
    this.#unsynced += length;
    if (this.#unsynced < syncLength || this.#syncing !== undefined) return;
    this.#unsynced = 0;
    this.#syncing = this.#handle.datasync().then(() => {
      this.#syncing = undefined;
    });
    // `finish` waits for it and throws its error; until then the error must not end the process.
    this.#syncing.catch(() => undefined);
  }

  async #writeAt(bytes: Uint8Array, position: number): Promise<void> {
    this.#signal?.throwIfAborted();
    for (let done = 0; done < bytes.length;) {
      const count = Math.min(bytes.length - done, longestWrite);
      done += (await this.#handle.write(bytes, done, count, position + done)).bytesWritten;
    }
    this.#syncSometimes(bytes.length);
  }
}
