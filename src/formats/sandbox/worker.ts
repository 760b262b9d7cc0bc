/** The side of a sandbox where the parser runs; see sandbox.ts. */

import { type MessagePort, workerData } from 'node:worker_threads';

// The part of WebAssembly that is used here: its types come with those of a browser, which are not loaded.
interface WasmMemory {
  readonly buffer: ArrayBuffer;
  grow(this: WasmMemory, pages: number): number;
}
declare const WebAssembly: {
  readonly Memory: { readonly prototype: WasmMemory };
  readonly RuntimeError: new () => Error;
};

/** The functions that a parser offers, whose arguments and results can be copied from one thread to another. */
export type Service = Record<string, (...args: never[]) => unknown>;

export interface SandboxData {
  /** The module that calls `serve`. */
  readonly parser: string;
  /** Makes TypeScript loadable, where the parser is written in it. */
  readonly loader: string | undefined;
  readonly port: MessagePort;
  /** Counts the replies, for a caller who waits without turning to other work. */
  readonly replies: Int32Array;
  /** Bytes that WebAssembly may come to hold, which no other limit of a thread covers. */
  readonly wasmBytes: number;
}

export interface Request {
  readonly id: number;
  readonly name: string;
  readonly args: readonly never[];
}

export type Reply =
  | { readonly id: number; readonly result: unknown }
  /** `problem` is fit for a FormatError; `reason` is what a library said, which may be the last thing it can say. */
  | { readonly id: number; readonly problem: string }
  | { readonly id: number; readonly reason: string; readonly crashed: boolean };

/** A fault of the file, told as FormatError wants it: what is wrong, and what to do. */
export class FileProblem extends Error {}

/** Answers the requests of the other side with the functions of `service`, one after another. */
export function serve(service: Service): void {
  const { port, replies, wasmBytes } = workerData as SandboxData;
  limitWasm(wasmBytes);
  let last = Promise.resolve();
  const answer = async ({ id, name, args }: Request): Promise<void> => {
    let reply: Reply;
    try {
      reply = { id, result: await service[name]!(...args) };
    } catch (error) {
      reply = failure(id, error);
    }
    port.postMessage(reply, 'result' in reply ? buffersOf(reply.result) : []);
    Atomics.add(replies, 0, 1);
    Atomics.notify(replies, 0);
  };
  port.on('message', (request: Request) => {
    last = last.then(() => answer(request));
  });
}

function failure(id: number, error: unknown): Reply {
  const text = error instanceof Error ? error.message : String(error);
  if (error instanceof FileProblem) return { id, problem: text };
  // Memory that a trap left half-written answers nothing any more.
  return { id, reason: text.slice(0, 200), crashed: error instanceof WebAssembly.RuntimeError };
}

/** The memory of a result that is typed arrays, or an object or a list of objects of them, moves instead of being copied. */
function buffersOf(result: unknown): ArrayBuffer[] {
  const objects: unknown[] = Array.isArray(result) ? result : [result];
  const values = objects.flatMap((item): unknown[] =>
    ArrayBuffer.isView(item) ? [item] : typeof item === 'object' && item !== null ? Object.values(item) : [],
  );
  const buffers = values.filter((value) => ArrayBuffer.isView(value)).map(({ buffer }) => buffer);
  return [...new Set(buffers)].filter((buffer) => buffer instanceof ArrayBuffer);
}

/** A parser that asks WebAssembly for more memory than `bytes` in all is refused, and has to say so. */
function limitWasm(bytes: number): void {
  const page = 65536;
  const { prototype } = WebAssembly.Memory;
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with the memory it is asked of
  const { grow } = prototype;
  prototype.grow = function (this: WasmMemory, pages: number): number {
    if (this.buffer.byteLength + pages * page > bytes) throw new RangeError('the limit of memory is reached');
    return grow.call(this, pages);
  };
}
