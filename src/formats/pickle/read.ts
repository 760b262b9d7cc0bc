/**
 * Reads Python pickles, protocols 0 to 5, without executing anything: a pickle is a program for a stack machine, and
 * this machine knows how to build data and nothing else. A global is looked up in an explicit table; one that is not
 * there is refused by name.
 */

import type { Cursor, CursorOptions } from '../bytes/cursor.ts';
import { FormatError, reading } from '../../files/error.ts';
import type { OpenOptions } from '../format.ts';
import { type OpenedFile, openWith } from '../bytes/opened.ts';
import { type Globals, Machine, type MachineOptions } from './machine.ts';
import { numpyGlobals } from './numpy.ts';
import { opaqueIn, skippedNote } from './opaque.ts';
import { opcodes } from './opcodes.ts';
import { refusal } from './refusal.ts';
import type { Source } from '../bytes/stored.ts';

export interface PickleOptions {
  readonly file: string;
  /** Default: NumPy arrays and Python's own containers. */
  readonly globals?: Globals;
  readonly persistentLoad?: NonNullable<MachineOptions['persistentLoad']>;
  readonly buffers?: NonNullable<MachineOptions['buffers']>;
  readonly allowance?: number;
  /** Told what a person should know of how the pickle was read. */
  readonly note?: (note: string) => void;
}

/** A pickle whose arrays are read when they are asked for, those of protocols 0 to 2 (Latin-1 text) too. */
export const openPickle = (
  file: string,
  { buffers, signal }: Pick<PickleOptions, 'buffers'> & Pick<OpenOptions, 'signal'> = {},
): Promise<OpenedFile> =>
  openWith(file, 'Python pickle', async (source) => {
    const notes: string[] = [];
    const machine = new Machine(source, { globals: numpyGlobals, file, ...(buffers && { buffers }) });
    const value = await readAll(machine, { note: (note) => notes.push(note), signal });
    return { value, ...(notes.length > 0 && { notes }) };
  });

/**
 * The value in a pickle: `null`, booleans, numbers (`bigint` beyond 2^53), strings, `Uint8Array` for bytes, arrays for
 * lists and tuples, `Map` for dicts, `Set`, and `NdArray`.
 */
export function readPickle(bytes: Uint8Array, options: PickleOptions): unknown {
  return reading(options.file, () => run(new Machine(bytes, { globals: numpyGlobals, ...options }), options.note));
}

/**
 * As `readPickle`, of a file. Arrays of 4 KiB and more are read when their elements are asked for, so the file must stay
 * open until then; bytes as long as that and text of 1 MiB, in no array, are not read, and stand as `StoredBytes`.
 */
export function readPickleFrom(source: Source, options: PickleOptions & CursorOptions): unknown {
  return reading(options.file, () => run(new Machine(source, { globals: numpyGlobals, ...options }), options.note));
}

const stop = 0x2e;

/** The value of one pickle. */
function run(machine: Machine, note?: (note: string) => void): unknown {
  const running = steps(machine);
  for (;;) {
    const { done, value } = running.next();
    if (done === true) return checked(value, machine, note);
  }
}

interface Reading {
  readonly note: (note: string) => void;
  readonly signal: AbortSignal | undefined;
}

/**
 * The values of all the pickles in a file, one after another, as several calls of `pickle.dump` leave them: dicts of
 * different names as one dict, else the first. Turns to other work now and then, so that a signal is heard.
 */
async function readAll(machine: Machine, { note, signal }: Reading): Promise<unknown> {
  const { input } = machine;
  const first = await turning(machine, signal);
  const values = [first];
  while (input.offset < input.size) {
    const { offset } = input;
    machine.restart();
    try {
      values.push(await turning(machine, signal));
    } catch (error) {
      input.offset = offset;
      if (!(error instanceof FormatError) || startsAsPickle(input)) throw error;
      const rest = input.size - offset;
      note(`holds ${rest} ${rest === 1 ? 'byte' : 'bytes'} after the end of its pickle, which are not read.`);
      break;
    }
  }
  if (values.length === 1) return checked(first, machine, note);
  const merged = values.every((value) => value instanceof Map)
    ? together(values as Map<unknown, unknown>[])
    : undefined;
  note(
    `holds ${values.length} pickles one after another, as pickle.dump leaves them when it is called again: ` +
      (merged === undefined
        ? 'only the first is read; dump one dict of all that is needed.'
        : 'dicts of different names, which are read as one.'),
  );
  return checked(merged ?? first, machine, note);
}

/** Dicts as one; undefined where they share a name. */
function together(dicts: readonly Map<unknown, unknown>[]): Map<unknown, unknown> | undefined {
  const all = new Map(dicts.flatMap((dict) => [...dict]));
  return all.size === dicts.reduce((sum, { size }) => sum + size, 0) ? all : undefined;
}

function startsAsPickle(input: Cursor): boolean {
  if (input.size - input.offset < 2) return false;
  const [mark, protocol] = [input.uint8(), input.uint8()];
  return mark === 0x80 && protocol >= 2 && protocol <= 5;
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function turning(machine: Machine, signal: AbortSignal | undefined): Promise<unknown> {
  const running = steps(machine);
  for (;;) {
    const { done, value } = reading(machine.file, () => running.next());
    if (done === true) return value;
    await turn();
    signal?.throwIfAborted();
  }
}

// Steps between two turns: some milliseconds' worth.
const stepsPerTurn = 2 ** 16;

/** Executes a pickle up to its end, of which the result is the value. */
function* steps(machine: Machine): Generator<undefined, unknown> {
  for (let step = 1; ; step++) {
    if (step % stepsPerTurn === 0) yield;
    const start = machine.input.offset;
    const code = machine.input.uint8();
    if (code === stop) return machine.pop();
    const operation = opcodes.get(code);
    if (operation === undefined) {
      const what = start === 0 ? 'the file is no pickle' : 'the file is damaged, copy it again';
      throw machine.fail(`0x${code.toString(16).padStart(2, '0')} at byte ${start} is no pickle opcode; ${what}.`);
    }
    operation(machine);
  }
}

/** The value, with what is not read of it told; where that is all, it is refused. */
function checked(value: unknown, machine: Machine, note?: (note: string) => void): unknown {
  if (!machine.hasOpaque) return value;
  const found = opaqueIn(value);
  if (found.count === 0) return value;
  if (!found.hasData) {
    const [, module, name] = /^(.*)\.([^.]*)$/s.exec(found.first) ?? ['', 'numpy', found.first];
    throw machine.fail(refusal(module, name));
  }
  note?.(skippedNote(found));
  return value;
}
