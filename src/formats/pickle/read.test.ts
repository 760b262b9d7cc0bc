import { readdirSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { isInFile, NdArray, toFloat32, toNumbers, type NumericData } from '../bytes/array.ts';
import { FormatError } from '../../files/error.ts';
import { arraysIn } from '../bytes/in-memory.ts';
import { OpenFile } from '../bytes/open-file.ts';
import { openPickle, readPickle, readPickleFrom } from './read.ts';
import {
  failsCutAnywhere,
  fixture,
  fixturePath,
  openedFixture,
  pickled,
  survivesDamage,
  withFile,
} from '../testing.ts';

const read = (bytes: Uint8Array): unknown => readPickle(bytes, { file: 'x.pkl' });
const written = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));
const failure = (bytes: Uint8Array): Error => {
  try {
    read(bytes);
  } catch (error) {
    return error as Error;
  }
  throw new Error('should have failed');
};

/** Every array in a value. */
function* arrays(value: unknown): Generator<NdArray> {
  if (value instanceof NdArray) yield value;
  else if (Array.isArray(value)) for (const item of value) yield* arrays(item);
  else if (value instanceof Map) for (const item of value.values()) yield* arrays(item);
}

/** What a file holds, with arrays of 24 bytes and more left in it until the end, and seen in pieces of that size. */
async function readFromFile(path: string, use: (array: NdArray) => unknown = () => undefined): Promise<unknown> {
  const file = await OpenFile.open(path);
  try {
    const value = readPickleFrom(file, { file: 'x.pkl', window: 24 });
    for (const array of arrays(value)) {
      await use(array);
      expect(array.data).toBeDefined();
    }
    return value;
  } finally {
    await file.close();
  }
}

const files = [1, 2].flatMap((major) => [0, 1, 2, 3, 4, 5].map((p) => `numpy${major}-protocol${p}.pkl`));
const ways: Readonly<Record<string, (name: string) => unknown>> = {
  memory: (name) => read(fixture(`data/${name}`)),
  file: (name) => readFromFile(fixturePath(`data/${name}`)),
};

describe.each(files.flatMap((name) => Object.keys(ways).map((way) => [name, way] as const)))(
  '%s read from %s',
  async (name, way) => {
    const value = (await ways[way]!(name)) as Map<string, unknown>;
    const at = (key: string): NdArray => value.get(key) as NdArray;

    it('reads every numeric type in either byte order', () => {
      for (const key of ['types', 'bigEndian'])
        for (const [dtype, array] of value.get(key) as Map<string, NdArray>) {
          const numbers = toNumbers(array.data as NumericData);
          expect([dtype, array.dtype, array.shape]).toEqual([dtype, dtype, [2, 3]]);
          const whole = [0, 1, 2, 3, 4, 5];
          expect(numbers).toEqual(
            dtype === 'bool' ? [0, 1, 1, 1, 1, 1] : dtype === 'complex64' ? whole.flatMap((x) => [x, 0]) : whole,
          );
        }
      expect(at('special').data).toEqual(Float32Array.of(Number.NaN, Infinity, -Infinity, -0));
    });

    it('reads any memory layout into row-major order', () => {
      expect(at('fortran')).toEqual(new NdArray([2, 3], 'float32', Float32Array.of(0, 1, 2, 3, 4, 5)));
      expect(at('sliced')).toEqual(new NdArray([3, 2], 'float32', Float32Array.of(0, 2, 4, 6, 8, 10)));
      expect(at('transposed').shape).toEqual([3, 2, 4]);
      expect(Array.from((at('transposed').data as Float32Array).subarray(0, 8))).toEqual([0, 1, 2, 3, 12, 13, 14, 15]);
      expect(at('empty')).toEqual(new NdArray([0, 3], 'float32', new Float32Array(0)));
      expect(at('scalarArray')).toEqual(new NdArray([], 'float64', Float64Array.of(7.5)));
    });

    it('reads text, bytes and objects', () => {
      expect(at('text').data).toEqual(['plain', 'ünïcode 🎬', '']);
      expect(at('bigEndianText').data).toEqual(['ab', 'c']);
      expect(at('bytes').data).toEqual(['ab', 'c']);
      expect(at('objects')).toEqual(new NdArray([2, 2], 'object', [1, 'two', null, 3.5]));
      expect(at('fortranObjects').data).toEqual(['a', 'b', 'c', 'd']);
      expect(value.get('scalars')).toEqual([1.5, -3, true, 'word']);
    });

    it("reads Python's own values", () => {
      const plain = value.get('plain') as unknown[];
      expect(plain.slice(0, 13)).toEqual([
        ...[0, -1, 255, 65536, -(2 ** 31), 2n ** 53n, -(2n ** 70n), 1.5, Infinity, true, false, null, 'text\n\'"\\'],
      ]);
      expect(Array.from(plain[13] as Uint8Array)).toEqual([0, 255, 10]);
      expect(plain.slice(14)).toEqual([[], [1], [1, 2, 3, 4]]);
      const containers = value.get('containers') as unknown[];
      expect(containers.slice(0, 4)).toEqual([
        new Set([1, 2]),
        new Set([3]),
        new Map([['a', 1]]),
        new Map([['nested', new Map([['deep', [[]]]])]]),
      ]);
      expect(Array.from(containers[4] as Uint8Array)).toEqual([120, 121]);
      expect(containers[5]).toEqual(new Map([['a', [1]]]));
      const shared = value.get('shared') as unknown[];
      expect(shared[0]).toBe(shared[1]);
    });
  },
);

describe('readPickle of what it must not trust', () => {
  it('refuses a global outside its table, by name, and never calls it', () => {
    const error = failure(written("cos\nsystem\n(S'echo hacked'\ntR."));
    expect(error).toBeInstanceOf(FormatError);
    expect(error.message).toBe(
      'x.pkl, byte 11: the pickle names the forbidden global "os.system": only NumPy arrays and plain Python values ' +
        'are read and nothing is executed; data has no use for this one, do not trust the file.',
    );
    expect(failure(written('\x80\x04\x8c\x08builtins\x8c\x04eval\x93.')).message).toContain('"builtins.eval"');
    expect(failure(written('c__proto__\nconstructor\n.')).message).toContain('"__proto__.constructor"');
    expect(failure(written('ios\nsystem\n.')).message).toContain('"os.system"');
  });

  it.each([
    ['nothing', '', 'are left; the file is truncated'],
    [
      'a length beyond the end',
      '\x80\x05\x96\xff\xff\xff\xff\xff\xff\xff\xff',
      '18446744073709552000 bytes are announced',
    ],
    ['text beyond the end', 'X\xff\xff\xff\x7fabc.', '2147483647 bytes are announced and 4 are left'],
    ['an empty stack', '.', 'empty stack'],
    ['an unopened group', 't.', 'closes a group it never opened'],
    ['an unknown value', 'h\x07.', 'recalls value 7'],
    ['no pickle', 'hello', 'recalls value 101'],
    ['HDF5', '\x89HDF\r\n', 'pickle'],
    ['text', 'Zid,label\n', 'no pickle opcode; the file is no pickle'],
    ['a call of data', 'K\x01)R.', 'calls something that is no function'],
    ['state of plain data', 'K\x01K\x02b.', 'sets the state of a plain value'],
    ['a huge integer', '\x8b\xff\xff\xff\x7f.', 'an integer of 2147483647 bytes'],
    ['a new protocol', '\x80\x09.', 'pickle protocol 9 is unknown'],
    ['out-of-band buffers', '\x97.', 'without buffer_callback'],
    ['persistent data', 'K\x01Q.', 'name the file .pth'],
    ['an extension', '\x82\x01.', 'extension registry'],
  ])('refuses %s', (_, text, message) => {
    const error = failure(written(text));
    expect(error).toBeInstanceOf(FormatError);
    expect(error.message).toContain(message);
    expect(error.message).not.toContain('\n');
  });

  it('survives deep nesting, self-reference and many small containers', () => {
    expect((read(written(`${']'.repeat(100_000)}${'a'.repeat(99_999)}.`)) as unknown[]).length).toBe(1);
    expect(read(written(']q\x00h\x00a.'))).toHaveLength(1);
    expect(failure(written(`${'}'.repeat(700_000)}.`)).message).toContain('many times the memory');
  });

  it('refuses arrays whose shape and bytes disagree', () => {
    const array = (shape: string, bytes: string): Uint8Array =>
      written(
        `\x80\x05cnumpy.core.numeric\n_frombuffer\n(C${String.fromCharCode(bytes.length)}${bytes}` +
          `cnumpy\ndtype\n(X\x02\x00\x00\x00f4tR${shape}X\x01\x00\x00\x00CtR.`,
      );
    expect(read(array('K\x02\x85', '\0'.repeat(8)))).toEqual(new NdArray([2], 'float32', new Float32Array(2)));
    expect(failure(array('K\x03\x85', '\0'.repeat(8))).message).toContain('shape [3] needs 12 bytes and has 8');
    expect(failure(array('J\xff\xff\xff\xff\x85', '')).message).toContain('shape [-1]');
    expect(failure(array('J\xff\xff\xff\x7f\x85', '')).message).toContain('many times the memory');
  });

  it('meets truncated and altered files with a FormatError or a value, never anything else', async () => {
    for (const name of ['numpy1-protocol0.pkl', 'numpy1-protocol2.pkl', 'numpy2-protocol4.pkl', 'numpy2-protocol5.pkl'])
      await survivesDamage(fixture(`data/${name}`), read);
  });

  it('and so where they are read from the disk', async () => {
    for (const name of ['numpy1-protocol2.pkl', 'numpy2-protocol5.pkl'])
      await survivesDamage(fixture(`data/${name}`), (bytes) => withFile(bytes, (file) => readFromFile(file)));
  });
});

describe('a pickle whose arrays are in buffers outside it', () => {
  const outside = (name: string): Uint8Array => fixture(`data/formats/out-of-band${name}`);

  it('is read together with them, in their order', () => {
    const buffers = [outside('.0.bin'), outside('.1.bin')];
    expect(readPickle(outside('.pkl'), { file: 'x.pkl', buffers })).toEqual(
      new Map<string, NdArray>([
        ['a', new NdArray([5], 'float32', Float32Array.of(0, 1, 2, 3, 4))],
        ['b', new NdArray([3], 'int64', BigInt64Array.of(0n, 1n, 2n))],
      ]),
    );
  });

  it('is refused without them, with what to do', () => {
    expect(failure(outside('.pkl')).message).toContain(
      'buffers outside the file, which are not here; write it without',
    );
  });
});

describe('openPickle', () => {
  it('opens values that hold themselves, or are shared without end', async () => {
    const loop = (await openedFixture('recursive.pkl', openPickle)) as Map<string, unknown>;
    expect(loop.get('self')).toBe(loop);
    expect((loop.get('loop') as unknown[])[1]).toBe(loop.get('loop'));
    expect([...arraysIn(await openedFixture('shared.pkl', openPickle))].map(({ data }) => data)).toEqual([
      Float32Array.of(1, 1, 1),
    ]);
  });

  it('runs no command', async () => {
    const before = readdirSync('.');
    await expect(openedFixture('command.pkl', openPickle)).rejects.toThrow(/forbidden global "(?:posix|nt)\.system"/);
    expect(readdirSync('.')).toEqual(before);
  });

  it('says so wherever the file was cut', async () => {
    for (const name of ['data/mmsa.pkl', 'data/formats/recursive.pkl', 'data/formats/shared.pkl'])
      await failsCutAnywhere(fixture(name), read);
  });

  it.each([
    ['pandas.core.frame', 'DataFrame', 'save the frame with to_parquet'],
    ['torch._utils', '_rebuild_tensor_v2', 'save the tensors with torch.save'],
    ['torch.nn.modules.linear', 'Linear', 'save its state_dict()'],
    ['scipy.sparse._csr', 'csr_matrix', 'save matrix.toarray()'],
    ['__main__', 'Sample', 'save its fields as a dict'],
    ['mypackage', 'Thing', 'save the data as those'],
  ])('says what to do about %s.%s', (module, name, message) => {
    expect(failure(written(`c${module}\n${name}\n.`)).message).toContain(message);
  });
});

describe('arrays that stay in the file', () => {
  it('are those of 4 KiB and more, so that many small ones fill no memory', async () => {
    const long = new NdArray([1024], 'float32', new Float32Array(1024).fill(2));
    const short = new NdArray([1023], 'float32', new Float32Array(1023).fill(3));
    await withFile(pickled([long, short]), async (path) => {
      const { value, close } = await openPickle(path);
      const [left, read] = value as [NdArray, NdArray];
      expect([isInFile(left.elements), isInFile(read.elements)]).toEqual([true, false]);
      expect([left.data, read.data]).toEqual([long.data, short.data]);
      await close();
    });
  });

  it('may be beyond 4 GiB, each and in all, of a file that is opened at once', async () => {
    await withFile(new Uint8Array(0), async (path) => {
      const count = 9 * 2 ** 27;
      const one = pickled(new NdArray([1], 'float32', Float32Array.of(2.5)));
      const [size, shape] = [one.indexOf(0x96) + 1, one.lastIndexOf(0x4a) + 1];
      // The same pickle with another length and shape, and a hole in the file where the numbers are.
      const head = Buffer.from(one.subarray(0, size + 8));
      head.writeBigUInt64LE(BigInt(4 * count), size);
      const tail = Buffer.from(one.subarray(size + 8 + 4));
      tail.writeInt32LE(count, shape - size - 8 - 4);
      const handle = await open(path, 'w');
      await handle.write(head, 0, head.length, 0);
      await handle.write(Buffer.from(Float32Array.of(1.5).buffer), 0, 4, head.length + 4 * count - 4);
      await handle.write(tail, 0, tail.length, head.length + 4 * count);
      await handle.close();
      const before = process.memoryUsage.rss();
      const { value, close } = await openPickle(path);
      const { elements, shape: found } = value as NdArray;
      if (!isInFile(elements)) throw new Error('should be in the file');
      expect([4 * count > 2 ** 32, found]).toEqual([true, [count]]);
      expect(await elements.read(count - 2, 2)).toEqual(Float32Array.of(0, 1.5));
      expect(process.memoryUsage.rss() - before).toBeLessThan(100 * 2 ** 20);
      await close();
    });
  });

  it.each(['numpy1-protocol3.pkl', 'numpy2-protocol4.pkl', 'numpy2-protocol5.pkl'])(
    'of %s are read as float32, whatever their type and byte order',
    async (name) => {
      let stored = 0;
      await readFromFile(fixturePath(`data/${name}`), async (array) => {
        if (!isInFile(array.elements)) return;
        stored += 1;
        const floats = await array.elements.readFloat32();
        expect([array.dtype, floats]).toEqual([array.dtype, toFloat32(array.data as NumericData)]);
      });
      expect(stored).toBeGreaterThan(10);
    },
  );
});
