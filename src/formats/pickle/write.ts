/** Writes Python pickles that hold dicts, lists, plain values and NumPy arrays, and name nothing else. */

import { countOf, NdArray } from '../bytes/array.ts';
import { bytesIn, encoded, keyText, nothingToWrite, numbersIn } from '../writing/arrays.ts';
import { FormatError, quoted } from '../../files/error.ts';
import { writeWholeFile } from '../../files/atomic.ts';
import type { Sink } from '../../files/output.ts';
import { bytesPerElement } from '../bytes/numbers.ts';
import type { SupportedTypes } from '../writing/numbers.ts';
import { numpyCodes, numpyTypes, textBlocks, textWidth } from '../writing/numpy.ts';
import type { WriteRequest, WriteResult } from '../writing/request.ts';

const supported: SupportedTypes = { format: '.pkl', dtypes: numpyTypes };

/** A value as `pickle.dump` writes it with protocol 4: every Python from 3.4 on, with NumPy 1 or 2, reads it. */
export function writePickle(request: WriteRequest): Promise<WriteResult> {
  const { file, value, signal } = request;
  return writeWholeFile(
    file,
    async (output) => {
      const pickler = new Pickler(output, request, writeNumpy);
      await pickler.dump(value, { protocol: 4 });
      const { arrays, leftOut } = pickler;
      return { format: 'Python pickle', arrays, bytes: output.position, leftOut };
    },
    { signal },
  );
}

/** Writes an array, which it may keep; `to.keep(array)` follows where it did not. */
type ArrayWriter = (to: Pickler, array: NdArray, name: string) => Promise<void>;

/** Lists of texts stay lists, as texts of different lengths are too large as an array. */
const writeNumpy: ArrayWriter = (to, array, name) =>
  array.dtype === 'string' && array.shape.length === 1 ? to.value(array.data, name) : to.numpyArray(array, name);

// Values that are nested deeper are too much for Python itself.
const deepest = 500;

/** Writes values one inside the other; what occurs twice is written once, as Python does. */
export class Pickler {
  readonly #sink: Sink;
  readonly #request: WriteRequest;
  readonly #writeArray: ArrayWriter;
  #depth = 0;
  /** Values that hold no others. */
  #leaves = 0;
  readonly #memo = new Map<unknown, number>();
  /** Names of what has no place in a pickle of plain values. */
  readonly leftOut: string[] = [];
  arrays = 0;

  constructor(sink: Sink, request: WriteRequest, writeArray: ArrayWriter) {
    this.#sink = sink;
    this.#request = request;
    this.#writeArray = writeArray;
  }

  async dump(value: unknown, { protocol }: { readonly protocol: 2 | 4 }): Promise<void> {
    await this.bytes(Buffer.of(0x80, protocol));
    await this.value(value, '');
    await this.code('.');
    if (this.#leaves === 0 && this.leftOut.length > 0) throw nothingToWrite(this.#request.file, this.leftOut);
  }

  async value(value: unknown, name: string): Promise<void> {
    if (++this.#depth > deepest)
      throw new FormatError(this.#request.file, `cannot be written: ${quoted(name)} nests too deep.`);
    if (value instanceof NdArray || ['string', 'number', 'bigint', 'boolean'].includes(typeof value)) this.#leaves++;
    if (typeof value === 'string') await this.text(value);
    else if (typeof value === 'number') await this.number(value);
    else if (typeof value === 'bigint') await this.whole(value);
    else if (typeof value === 'boolean') await this.code(value ? '\x88' : '\x89');
    else if (value instanceof Uint8Array) await this.byteText([value], value.length);
    else if (value instanceof Map) await this.once(value, () => this.#dict(value, name));
    else if (Array.isArray(value)) await this.once(value, () => this.#list(value, name));
    else if (value instanceof Set) await this.once(value, () => this.#set(value, name));
    else if (value instanceof NdArray) await this.once(value, () => this.#array(value, name));
    else {
      if (value !== null && value !== undefined) this.leftOut.push(name);
      await this.code('N');
    }
    this.#depth--;
  }

  /** Writes `value` with `write` the first time, and refers to it from then on. */
  async once(value: unknown, write: () => Promise<void>): Promise<void> {
    const known = this.#memo.get(value);
    if (known === undefined) await write();
    else await this.bytes(known < 256 ? Buffer.of(0x68, known) : withLength('j', 4, known));
  }

  /** Numbers the value that was written last, so that it can be referred to. */
  async keep(value: unknown): Promise<void> {
    const index = this.#memo.size;
    this.#memo.set(value, index);
    await this.bytes(index < 256 ? Buffer.of(0x71, index) : withLength('r', 4, index));
  }

  async global(module: string, name: string): Promise<void> {
    const whole = `${module}\n${name}\n`;
    await this.once(whole, async () => {
      await this.code(`c${whole}`);
      await this.keep(whole);
    });
  }

  async text(text: string): Promise<void> {
    const bytes = Buffer.from(text);
    await this.bytes(
      bytes.length < unknownLength ? withLength('X', 4, bytes.length) : withLength('\x8d', 8, bytes.length),
    );
    await this.bytes(bytes);
  }

  async number(value: number): Promise<void> {
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) {
      await this.whole(BigInt(value));
      return;
    }
    await this.#float(value);
  }

  async #float(value: number): Promise<void> {
    const bytes = Buffer.alloc(9, 'G');
    bytes.writeDoubleBE(value, 1);
    await this.bytes(bytes);
  }

  async whole(value: bigint): Promise<void> {
    if (BigInt.asIntN(32, value) === value) {
      const bytes = Buffer.alloc(5, 'J');
      bytes.writeInt32LE(Number(value), 1);
      await this.bytes(bytes);
      return;
    }
    let length = 5;
    while (BigInt.asIntN(8 * length, value) !== value) length++;
    const bytes = Buffer.alloc(2 + length);
    bytes.write('\x8a', 'latin1');
    bytes.writeUInt8(length, 1);
    for (let i = 0, rest = value; i < length; i++, rest >>= 8n) bytes.writeUInt8(Number(rest & 0xffn), 2 + i);
    await this.bytes(bytes);
  }

  async code(code: string): Promise<void> {
    await this.bytes(Buffer.from(code, 'latin1'));
  }

  async bytes(bytes: Uint8Array): Promise<void> {
    await this.#sink.write(bytes);
  }

  async tuple(items: readonly (() => Promise<void>)[]): Promise<void> {
    await this.code('(');
    for (const item of items) await item();
    await this.code('t');
  }

  /** An array as `ndarray.__reduce__` describes it, under the names that NumPy 1 and 2 both know. */
  async numpyArray(array: NdArray, name: string): Promise<void> {
    const { shape } = array;
    if (array.dtype === 'object') {
      const items = array.data as readonly unknown[];
      await this.#ndarray(array, '|O8', [-1, -1, 63], () => this.value([...items], name));
    } else if (array.dtype === 'string') {
      const texts = array.data as readonly string[];
      const width = textWidth(name, { kind: 'texts', shape, texts: () => texts }, this.#request.file);
      await this.#ndarray(array, `<U${width}`, [4 * width, 4, 8], () =>
        this.byteText(textBlocks(texts, width), 4 * width * texts.length),
      );
    } else {
      const { dtype, pieces } = encoded(name, numbersIn(array), supported, this.#request);
      const length = bytesPerElement(dtype) * countOf(shape);
      await this.#ndarray(array, numpyCodes[dtype]!, [-1, -1, 0], () => this.byteText(bytesIn(pieces), length));
    }
  }

  /** Python's bytes, of `length` in all. */
  async byteText(pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>, length: number): Promise<void> {
    await this.bytes(length < unknownLength ? withLength('B', 4, length) : withLength('\x8e', 8, length));
    for await (const piece of pieces) await this.bytes(piece);
  }

  async #array(array: NdArray, name: string): Promise<void> {
    this.arrays++;
    await this.#writeArray(this, array, name);
    if (!this.#memo.has(array)) await this.keep(array);
  }

  /** An empty array, which is kept as `array`, and then its state; `layout` is the end of the state of its type. */
  async #ndarray(array: NdArray, code: string, layout: readonly number[], data: () => Promise<void>): Promise<void> {
    const { shape } = array;
    const numbers = (values: readonly number[]) => values.map((value) => () => this.number(value));
    await this.global('numpy.core.multiarray', '_reconstruct');
    await this.tuple([
      () => this.global('numpy', 'ndarray'),
      () => this.tuple(numbers([0])),
      () => this.byteText([Buffer.from('b')], 1),
    ]);
    await this.code('R');
    await this.keep(array);
    await this.tuple([
      () => this.number(1),
      () => this.tuple(numbers(shape)),
      () => this.#dtype(code, layout),
      () => this.code('\x89'),
      data,
    ]);
    await this.code('b');
  }

  async #dtype(code: string, layout: readonly number[]): Promise<void> {
    await this.once(code, async () => {
      await this.global('numpy', 'dtype');
      await this.tuple([() => this.text(code.slice(1)), () => this.code('\x89'), () => this.code('\x88')]);
      await this.code('R');
      await this.keep(code);
      const none = (): Promise<void> => this.code('N');
      const rest = layout.map((value) => () => this.number(value));
      await this.tuple([() => this.number(3), () => this.text(code.charAt(0)), none, none, none, ...rest]);
      await this.code('b');
    });
  }

  async #dict(map: ReadonlyMap<unknown, unknown>, name: string): Promise<void> {
    await this.code('}');
    await this.keep(map);
    await this.code('(');
    for (const [key, value] of map) {
      const inner = name === '' ? keyText(key) : `${name}/${keyText(key)}`;
      const held = this.#leaves;
      await this.#key(key, inner);
      // A name alone is nothing.
      this.#leaves = held;
      await this.value(value, inner);
    }
    await this.code('u');
  }

  /** A key of a dict or an item of a set, which in Python may be a tuple and no list. */
  async #key(key: unknown, name: string): Promise<void> {
    if (Array.isArray(key)) await this.tuple(key.map((item) => () => this.#key(item, name)));
    else await this.value(key, name);
  }

  async #list(list: readonly unknown[], name: string): Promise<void> {
    await this.code(']');
    await this.keep(list);
    await this.#items(list, name);
  }

  async #items(items: readonly unknown[], name: string): Promise<void> {
    // A list of numbers of which some are no whole ones is one of floats: `[1.0, 0.5]`.
    const floats = items.some((item) => typeof item === 'number' && !Number.isInteger(item));
    await this.code('(');
    for (const item of items) {
      if (floats && typeof item === 'number') await this.#float(item);
      else await this.value(item, name);
    }
    await this.code('e');
  }

  async #set(set: ReadonlySet<unknown>, name: string): Promise<void> {
    await this.global('builtins', 'set');
    await this.tuple([() => this.tuple([...set].map((item) => () => this.#key(item, name)))]);
    await this.code('R');
    await this.keep(set);
  }
}

// Texts and bytes of this length and more have another opcode.
const unknownLength = 2 ** 32;

function withLength(code: string, bytes: 4 | 8, length: number): Buffer {
  const out = Buffer.alloc(1 + bytes);
  out.write(code, 'latin1');
  if (bytes === 4) out.writeUInt32LE(length, 1);
  else out.writeBigUInt64LE(BigInt(length), 1);
  return out;
}
