/**
 * Reads Python pickles, protocols 0 to 5, without executing anything: a pickle is a program for a stack machine, and
 * this machine knows how to build data and nothing else. A global is looked up in an explicit table; one that is not
 * there is refused by name.
 */

import type { CursorOptions } from '../bytes/cursor.ts';
import { reading } from '../../files/error.ts';
import { type OpenedFile, openWith } from '../bytes/opened.ts';
import { type Globals, Machine, type MachineOptions } from './machine.ts';
import { numpyGlobals } from './numpy.ts';
import { opcodes } from './opcodes.ts';
import type { Source } from '../bytes/stored.ts';

export interface PickleOptions {
  readonly file: string;
  /** Default: NumPy arrays and Python's own containers. */
  readonly globals?: Globals;
  readonly persistentLoad?: NonNullable<MachineOptions['persistentLoad']>;
  readonly buffers?: NonNullable<MachineOptions['buffers']>;
  readonly allowance?: number;
}

/** A pickle whose arrays are read when they are asked for, those of protocols 0 to 2 (Latin-1 text) too. */
export const openPickle = (file: string, { buffers }: Pick<PickleOptions, 'buffers'> = {}): Promise<OpenedFile> =>
  openWith(file, 'Python pickle', (source) => ({
    value: readPickleFrom(source, { file, ...(buffers === undefined ? {} : { buffers }) }),
  }));

/**
 * The value in a pickle: `null`, booleans, numbers (`bigint` beyond 2^53), strings, `Uint8Array` for bytes, arrays for
 * lists and tuples, `Map` for dicts, `Set`, and `NdArray`.
 */
export function readPickle(bytes: Uint8Array, options: PickleOptions): unknown {
  return reading(options.file, () => run(new Machine(bytes, { globals: numpyGlobals, ...options })));
}

/**
 * As `readPickle`, of a file. Arrays of 4 KiB and more are read when their elements are asked for, so the file must stay
 * open until then; bytes as long as that and text of 1 MiB, in no array, are not read, and stand as `StoredBytes`.
 */
export function readPickleFrom(source: Source, options: PickleOptions & CursorOptions): unknown {
  return reading(options.file, () => run(new Machine(source, { globals: numpyGlobals, ...options })));
}

const stop = 0x2e;

function run(machine: Machine): unknown {
  for (;;) {
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
