import { Cursor, type CursorOptions } from '../bytes/cursor.ts';
import type { FormatError } from '../../files/error.ts';
import type { Source, StoredBytes } from '../bytes/stored.ts';
import { Opaque, opaqueNamed, OpaqueName } from './opaque.ts';
import { refusal } from './refusal.ts';

/** A function that a pickle may call by its name, and what it does. */
export type GlobalFunction = (args: readonly unknown[], machine: Machine) => unknown;

/** The names that a pickle may use, as "module name": functions, and values that it may only pass on. */
export type Globals = ReadonlyMap<string, unknown>;

/** Key of the method that receives a value's state after the value was made, as `__setstate__` does in Python. */
export const build: unique symbol = Symbol('build');
export interface Buildable {
  [build](state: unknown, machine: Machine): void;
}

export const isBuildable = (value: unknown): value is Buildable =>
  typeof value === 'object' && value !== null && build in value;

export interface MachineOptions extends CursorOptions {
  readonly file: string;
  readonly globals: Globals;
  readonly persistentLoad?: (id: unknown, machine: Machine) => unknown;
  /** The buffers that `pickle.dump` with `buffer_callback` left out of the pickle, in its order. */
  readonly buffers?: Iterable<Uint8Array | StoredBytes>;
  /** The values may take a small multiple of so many bytes of memory. Default: the bytes of the pickle. */
  readonly allowance?: number;
}

/** The stack machine that a pickle programs: values, marks, the memo, and the table of globals. */
export class Machine {
  readonly file: string;
  readonly input: Cursor;
  readonly memo = new Map<number, unknown>();
  readonly persistentLoad: ((id: unknown, machine: Machine) => unknown) | undefined;
  /** The stack since the last mark, and the stacks below it. */
  #stack: unknown[] = [];
  readonly #below: unknown[][] = [];
  readonly #globals: Globals;
  /** Buffers that were not yet asked for. */
  readonly #buffers: (Uint8Array | StoredBytes)[];
  #memory: number;
  #hasOpaque = false;

  constructor(
    input: Uint8Array | Source,
    { file, globals, persistentLoad, buffers = [], allowance, window }: MachineOptions,
  ) {
    this.#buffers = [...buffers];
    this.file = file;
    this.input = new Cursor(input, file, window === undefined ? {} : { window });
    this.persistentLoad = persistentLoad;
    this.#globals = globals;
    // Values may be wider in memory than in the file, but not without bound: a small file cannot ask for it all.
    const size = this.#buffers.reduce((sum, { length }) => sum + length, this.input.size);
    this.#memory = 2 ** 26 + 8 * (allowance ?? size);
  }

  fail(problem: string): FormatError {
    return this.input.fail(problem);
  }

  /** Accounts for memory about to be used, so that a hostile file fails here and not by exhausting the machine. */
  charge(bytes: number): void {
    this.#memory -= bytes;
    if (!(this.#memory >= 0)) throw this.fail('the values would need many times the memory of the file; refused.');
  }

  push(value: unknown): void {
    this.#stack.push(value);
  }

  pop(): unknown {
    if (this.#stack.length === 0) throw this.fail('the pickle takes a value from an empty stack; the file is damaged.');
    return this.#stack.pop();
  }

  peek(): unknown {
    if (this.#stack.length === 0) throw this.fail('the pickle reads a value of an empty stack; the file is damaged.');
    return this.#stack.at(-1);
  }

  mark(): void {
    this.charge(16);
    this.#below.push(this.#stack);
    this.#stack = [];
  }

  /** Takes the values that were pushed since the last mark. */
  popMark(): unknown[] {
    const values = this.#stack;
    const below = this.#below.pop();
    if (below === undefined) throw this.fail('the pickle closes a group it never opened; the file is damaged.');
    this.#stack = below;
    return values;
  }

  /** Whether nothing was pushed since the last mark: POP then removes the mark itself. */
  get atMark(): boolean {
    return this.#stack.length === 0 && this.#below.length > 0;
  }

  find(module: unknown, name: unknown): unknown {
    if (typeof module !== 'string' || typeof name !== 'string')
      throw this.fail('a global is not named by text; the file is damaged.');
    const key = `${module} ${name}`;
    if (this.#globals.has(key)) return this.#globals.get(key);
    const opaque = opaqueNamed(module, name);
    if (opaque === undefined) throw this.fail(refusal(module, name));
    this.#hasOpaque = true;
    return opaque;
  }

  /** Whether some of what was named is not read. */
  get hasOpaque(): boolean {
    return this.#hasOpaque;
  }

  /** A value that is not read. */
  opaque(name: OpaqueName): Opaque {
    this.#hasOpaque = true;
    this.charge(32);
    return new Opaque(name);
  }

  /** Forgets the values of a pickle that is through, before the next one in the same file. */
  restart(): void {
    this.memo.clear();
    this.#stack = [];
    this.#below.length = 0;
  }

  nextBuffer(): Uint8Array | StoredBytes {
    const buffer = this.#buffers.shift();
    if (buffer === undefined)
      throw this.fail(
        'the pickle keeps its arrays in buffers outside the file, which are not here; write it without buffer_callback.',
      );
    return buffer;
  }

  call(callee: unknown, args: unknown): unknown {
    if (callee instanceof OpaqueName) return this.opaque(callee);
    if (typeof callee !== 'function' || !Array.isArray(args))
      throw this.fail('the pickle calls something that is no function; the file is damaged.');
    return (callee as GlobalFunction)(args, this);
  }
}
