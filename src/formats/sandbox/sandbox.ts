/** A library's parser in a thread of its own: whatever it makes of a file, a request ends, in time and with one line. */

import { MessageChannel, type MessagePort, Worker, receiveMessageOnPort } from 'node:worker_threads';
import { FormatError } from '../../files/error.ts';
import type { Reply, Request, SandboxData, Service } from './worker.ts';

export interface SandboxOptions {
  /** Seconds until a reply. */
  readonly seconds?: number;
  /** MiB of JavaScript objects. */
  readonly heap?: number;
  /** MiB of WebAssembly memory. */
  readonly wasm?: number;
  /** Closes it. */
  readonly signal?: AbortSignal | undefined;
}

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: FormatError) => void;
}

// The parser's module is loaded from here, so that a library which prints while it loads is silent too.
const entry = `
  for (const name of ['log', 'info', 'warn', 'error', 'debug']) console[name] = () => {};
  const { loader, parser } = require('node:worker_threads').workerData;
  Promise.resolve(loader && import(loader).then(({ register }) => register())).then(() => import(parser));
`;

// The package that is published is JavaScript; Node 20 needs help to run the TypeScript that it is made from.
const fromSource = import.meta.url.endsWith('.ts');
const loader = fromSource ? import.meta.resolve('tsx/esm/api') : undefined;

/** One thread for one file. It ends with `close`, with the first request that fails to end, or with the process. */
export class Sandbox<S extends Service> {
  readonly file: string;
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #replies = new Int32Array(new SharedArrayBuffer(4));
  readonly #waiting = new Map<number, Waiting>();
  readonly #seconds: number;
  #timer: NodeJS.Timeout | undefined;
  #requests = 0;
  #ended: FormatError | undefined;

  /** `parser` is a module of the source that calls `serve`; `file` is for errors. */
  constructor(parser: URL, file: string, { seconds = 60, heap = 512, wasm = 1024, signal }: SandboxOptions = {}) {
    this.file = file;
    this.#seconds = seconds;
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    const data: SandboxData = {
      parser: fromSource ? parser.href : parser.href.replace(/\.ts$/, '.js'),
      loader,
      port: port2,
      replies: this.#replies,
      wasmBytes: wasm * 2 ** 20,
    };
    this.#worker = new Worker(entry, {
      eval: true,
      execArgv: [],
      workerData: data,
      transferList: [port2],
      resourceLimits: { maxOldGenerationSizeMb: heap },
    });
    this.#worker.on('error', (error: Error & { readonly code?: string }) => {
      this.#end(
        error.code === 'ERR_WORKER_OUT_OF_MEMORY'
          ? `needs more than ${heap} MiB of memory to be understood; the file is damaged, or split it.`
          : broken(error.message.slice(0, 200)),
      );
    });
    this.#worker.on('exit', () => this.#end(broken('its reader stopped')));
    this.#worker.unref();
    port1.on('message', (reply: Reply) => this.#settle(reply));
    port1.unref();
    if (signal?.aborted) void this.close();
    signal?.addEventListener('abort', () => void this.close(), { once: true });
  }

  /** Whether it answers no more: every further request gets the error of the last. */
  get ended(): boolean {
    return this.#ended !== undefined;
  }

  /** Has the parser call its function `name` with `args`, and returns the result. */
  call<K extends keyof S & string>(name: K, ...args: Parameters<S[K]>): Promise<Awaited<ReturnType<S[K]>>> {
    return new Promise((resolve, reject) => {
      if (this.#ended) {
        reject(this.#ended);
        return;
      }
      const id = this.#post(name, args);
      this.#waiting.set(id, { resolve: resolve as (result: unknown) => void, reject });
      this.#watch();
    });
  }

  /** As `call`, at once: nothing else goes on until the reply is there. */
  callNow<K extends keyof S & string>(name: K, ...args: Parameters<S[K]>): Awaited<ReturnType<S[K]>> {
    if (this.#ended) throw this.#ended;
    const id = this.#post(name, args);
    const until = performance.now() + this.#seconds * 1000;
    for (;;) {
      const seen = Atomics.load(this.#replies, 0);
      const next = receiveMessageOnPort(this.#port) as { readonly message: Reply } | undefined;
      if (next === undefined) {
        if (Atomics.wait(this.#replies, 0, seen, Math.max(0, until - performance.now())) === 'timed-out')
          throw this.#end(this.#tooSlow());
      } else if (next.message.id === id) {
        if ('result' in next.message) return next.message.result as Awaited<ReturnType<S[K]>>;
        throw this.#error(next.message);
      } else this.#settle(next.message);
    }
  }

  /** An error of the file, where this side finds what is wrong with it. */
  fault(problem: string): FormatError {
    return new FormatError(this.file, problem);
  }

  async close(): Promise<void> {
    this.#end('is closed; read it while it is open.');
    await this.#worker.terminate();
  }

  #post(name: string, args: readonly unknown[]): number {
    const id = this.#requests++;
    this.#port.postMessage({ id, name, args: args as readonly never[] } satisfies Request);
    return id;
  }

  #settle(reply: Reply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    this.#watch();
    if ('result' in reply) waiting?.resolve(reply.result);
    else waiting?.reject(this.#error(reply));
  }

  /** Keeps the process alive while somebody waits for the thread, and no longer. */
  #watch(): void {
    clearTimeout(this.#timer);
    if (this.#waiting.size === 0) this.#worker.unref();
    else {
      this.#worker.ref();
      this.#timer = setTimeout(() => this.#end(this.#tooSlow()), this.#seconds * 1000);
    }
  }

  /** The first time, tells everybody who waits, and whoever comes later; stops the thread. */
  #end(problem: string): FormatError {
    if (this.#ended) return this.#ended;
    const error = new FormatError(this.file, problem);
    this.#ended = error;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    this.#watch();
    for (const { reject } of waiting) reject(error);
    void this.#worker.terminate();
    return error;
  }

  #error(reply: Exclude<Reply, { readonly result: unknown }>): FormatError {
    if ('reason' in reply && reply.crashed) return this.#end(broken(reply.reason));
    return new FormatError(this.file, 'problem' in reply ? reply.problem : broken(reply.reason));
  }

  #tooSlow = (): string => `was not read within ${this.#seconds} s; the file is damaged, or split it.`;
}

const broken = (reason: string): string => `cannot be read (${reason}); the file is damaged, copy or write it again.`;
