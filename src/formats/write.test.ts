/** Whatever is written is read back as what it was, by our own readers. */

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { countOf, type DType, NdArray } from './bytes/array.ts';
import { type DelimitedSandbox, openInSandbox as openTable, startDelimited } from './delimited/read.ts';
import { type Hdf5Sandbox, openInSandbox as openHdf5, startHdf5 } from './hdf5/read.ts';
import { inMemory } from './bytes/in-memory.ts';
import { bytesPerElement, decodeNumbers, type NumericDType } from './bytes/numbers.ts';
import { openNpy } from './numpy/read-npy.ts';
import { openFile } from './open.ts';
import type { OpenedFile } from './bytes/opened.ts';
import { openInSandbox as openParquet, type ParquetSandbox, startParquet } from './parquet/read.ts';
import { type WriteOptions, writeFile } from './write.ts';
import type { WriteResult } from './writing/request.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'write-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

interface Again {
  readonly value: unknown;
  readonly written: WriteResult;
  readonly bytes: Buffer;
}

// Starting a reader takes longer than all else, so one reads file after file.
let tables: DelimitedSandbox | undefined;
let parquet: ParquetSandbox | undefined;
let hdf5: Hdf5Sandbox | undefined;
afterAll(() => Promise.all([tables?.close(), parquet?.close(), hdf5?.close()]));

async function open(file: string): Promise<Pick<OpenedFile, 'value' | 'close'>> {
  const keep = { close: () => Promise.resolve() };
  const long = { seconds: 120 };
  if (/sv$|jsonl$/.test(file))
    return { ...(await openTable((tables ??= startDelimited('table', long)), file)), ...keep };
  if (file.endsWith('.parquet'))
    return { ...(await openParquet((parquet ??= startParquet('table', long)), file)), ...keep };
  if (file.endsWith('.h5')) return { ...(await openHdf5((hdf5 ??= startHdf5('file', long)), file)), ...keep };
  return openFile(file);
}

/** Writes a value and reads it. */
async function again(value: unknown, ending: string, options: WriteOptions = {}): Promise<Again> {
  const file = join(folder, `x${ending}`);
  const written = await writeFile(file, value, options);
  const opened = await open(file);
  try {
    return { value: inMemory(opened.value, file), written, bytes: readFileSync(file) };
  } finally {
    await opened.close();
  }
}

const types: readonly NumericDType[] = [
  ...(['bool', 'int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32', 'int64', 'uint64'] as const),
  ...(['float16', 'bfloat16', 'float32', 'float64', 'complex64', 'complex128'] as const),
];

/** An array of any numbers that the bits of `dtype` can be. */
function arrays(dtypes: readonly NumericDType[], axes: fc.Arbitrary<number[]>): fc.Arbitrary<NdArray> {
  return fc.tuple(fc.constantFrom(...dtypes), axes).chain(([dtype, shape]) => {
    const length = bytesPerElement(dtype) * countOf(shape);
    return fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => {
      const bits = dtype === 'bool' ? bytes.map((byte) => byte & 1) : bytes;
      const part = dtype === 'complex64' ? 'float32' : dtype === 'complex128' ? 'float64' : dtype;
      return new NdArray(shape, dtype, decodeNumbers(part, bits));
    });
  });
}

const anyShape = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 });
const texts = fc.array(
  fc.string({ unit: 'binary', maxLength: 6 }).map((text) => text.replaceAll('\0', '')),
  { minLength: 1, maxLength: 5 },
);
const textArray = texts.map((data) => new NdArray([data.length], 'string', data));
const key = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 6 })
  .map((text) => `k${text.replaceAll(/[/\\\0]/g, '')}`);

const flat = (leaf: fc.Arbitrary<unknown>): fc.Arbitrary<Map<string, unknown>> =>
  fc.array(fc.tuple(key, leaf), { maxLength: 5 }).map((entries) => new Map(entries));

const nested = (leaf: fc.Arbitrary<unknown>): fc.Arbitrary<Map<string, unknown>> =>
  fc
    .array(
      fc.tuple(
        key,
        fc.oneof(
          leaf,
          flat(leaf).filter((map) => map.size > 0),
        ),
      ),
      { maxLength: 5 },
    )
    .map((entries) => new Map(entries));

/** With names such as `a/b` for what is nested. */
function flattened(map: ReadonlyMap<string, unknown>): Map<string, unknown> {
  return new Map(
    [...map].flatMap(([name, value]): [string, unknown][] =>
      value instanceof Map
        ? [...(value as Map<string, unknown>)].map(([inner, item]): [string, unknown] => [`${name}/${inner}`, item])
        : [[name, value]],
    ),
  );
}

const without = (...dtypes: DType[]): NumericDType[] => types.filter((dtype) => !dtypes.includes(dtype));
const wellFormed = (text: string): string => Buffer.from(text, 'utf8').toString('utf8');
const runs = { numRuns: 60 };

describe('what is written is read back', () => {
  it('.npy: any array', async () => {
    const array = fc.oneof(arrays(without('bfloat16'), anyShape), textArray);
    await fc.assert(
      fc.asyncProperty(array, async (x) => {
        expect((await again(x, '.npy')).value).toEqual(x);
      }),
      runs,
    );
  });

  it('.npz: any arrays, nested ones by their path', async () => {
    await fc.assert(
      fc.asyncProperty(nested(fc.oneof(arrays(without('bfloat16'), anyShape), textArray)), async (x) => {
        expect((await again(x, '.npz')).value).toEqual(flattened(x));
      }),
      runs,
    );
  });

  it('.safetensors: any real numbers, nested ones by their path', async () => {
    await fc.assert(
      fc.asyncProperty(nested(arrays(without('complex64', 'complex128'), anyShape)), async (x) => {
        expect((await again(x, '.safetensors')).value).toEqual(flattened(x));
      }),
      runs,
    );
  });

  it('.pkl: plain values and any arrays, however nested', async () => {
    const scalar = fc.oneof(
      fc.double(),
      fc.bigInt().map((value) => (Number.isSafeInteger(Number(value)) ? Number(value) : value)),
      fc.boolean(),
      fc.constant(null),
      fc.string({ unit: 'binary' }).map(wellFormed),
      fc.uint8Array().map((bytes) => new Uint8Array(bytes)),
    );
    const array = arrays(without('bfloat16'), anyShape);
    const { value } = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        scalar,
        array,
        texts.map((data) => new NdArray([1, data.length], 'string', data)),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.array(fc.tuple(key, tie('value')), { maxLength: 4 }).map((entries) => new Map(entries)),
        fc.array(tie('value'), { maxLength: 3 }).map((data) => new NdArray([data.length], 'object', data)),
      ),
    }));
    await fc.assert(
      fc.asyncProperty(value, async (x) => {
        expect((await again(x, '.pkl')).value).toEqual(x);
      }),
      { numRuns: 200 },
    );
  });

  it('.pt: tensors, however nested, with texts and numbers', async () => {
    const array = arrays(without('uint16', 'uint32', 'uint64'), anyShape);
    const leaf = fc.oneof(array, fc.string({ unit: 'binary' }).map(wellFormed), fc.integer());
    await fc.assert(
      fc.asyncProperty(nested(leaf), async (x) => {
        expect((await again(x, '.pt')).value).toEqual(x);
      }),
      runs,
    );
  });

  // To start its thread takes longer than all else.
  it('.h5: groups, texts and real numbers', async () => {
    const array = arrays(without('bool', 'float16', 'bfloat16', 'complex64', 'complex128'), anyShape);
    const wide = nested(
      fc.oneof(
        array,
        texts.map((data) => new NdArray([data.length], 'string', data.map(wellFormed))),
      ),
    );
    await fc.assert(
      fc.asyncProperty(wide, async (x) => {
        expect((await again(x, '.h5')).value).toEqual(x);
      }),
      { numRuns: 4 },
    );
  });

  it('lists of equal arrays, of numbers and of texts as arrays', async () => {
    const row = (...values: number[]): NdArray => new NdArray([values.length], 'float32', Float32Array.from(values));
    const value = new Map<string, unknown>([
      ['rows', [row(1, 2), row(3, 4)]],
      ['labels', [0.5, -1, 2]],
      ['classes', [0, 2, 1]],
      ['big', [2n ** 63n]],
      [
        'pairs',
        [
          [1, 2],
          [0.5, 1],
        ],
      ],
      ['flags', [true, false]],
      ['ids', ['a', 'ü🎬']],
      [
        'clips',
        [
          ['a', '1'],
          ['b', '22'],
        ],
      ],
      ['rate', 0.25],
      ['objects', new NdArray([2], 'object', [row(1), row(2)])],
    ]);
    const f64 = (shape: number[], ...values: number[]): NdArray =>
      new NdArray(shape, 'float64', Float64Array.from(values));
    const { value: read, written } = await again(value, '.npz');
    expect(written.leftOut).toEqual([]);
    expect(read).toEqual(
      new Map([
        ['rows', new NdArray([2, 2], 'float32', Float32Array.of(1, 2, 3, 4))],
        ['labels', f64([3], 0.5, -1, 2)],
        ['classes', new NdArray([3], 'int64', BigInt64Array.of(0n, 2n, 1n))],
        ['big', new NdArray([1], 'uint64', BigUint64Array.of(2n ** 63n))],
        ['pairs', f64([2, 2], 1, 2, 0.5, 1)],
        ['flags', new NdArray([2], 'bool', Uint8Array.of(1, 0))],
        ['ids', new NdArray([2], 'string', ['a', 'ü🎬'])],
        ['clips', new NdArray([2, 2], 'string', ['a', '1', 'b', '22'])],
        ['rate', f64([], 0.25)],
        ['objects', new NdArray([2, 1], 'float32', Float32Array.of(1, 2))],
      ]),
    );
  });
});

describe('a source in a file', () => {
  /** `numpy.save` of `[[1, 2, 3], [4, 5, 6]]` as big-endian int16 in Fortran order. */
  function foreign(): string {
    const file = join(folder, 'foreign.npy');
    const text = "{'descr': '>i2', 'fortran_order': True, 'shape': (2, 3), }";
    const header = Buffer.from(`\x93NUMPY\x01\0v\0${text.padEnd(117)}\n`, 'latin1');
    const body = Buffer.alloc(12);
    [1, 4, 2, 5, 3, 6].forEach((value, i) => body.writeInt16BE(value, 2 * i));
    writeFileSync(file, Buffer.concat([header, body]));
    return file;
  }

  it.each(['.npy', '.npz', '.safetensors', '.pkl', '.pt', '.h5', '.parquet'])(
    'big-endian, by columns: %s',
    async (ending) => {
      const { value, close } = await openNpy(foreign());
      const { value: read } = await again(new Map([['x', value]]), ending);
      const array = read instanceof Map ? (read as Map<string, NdArray>).get('x')! : (read as NdArray);
      expect([array.shape, array.dtype, array.data]).toEqual([[2, 3], 'int16', Int16Array.of(1, 2, 3, 4, 5, 6)]);
      await close();
    },
  );

  it('larger than a piece: the same numbers, in a few steps', async () => {
    const data = Float32Array.from({ length: 3_000_000 }, (_, i) => Math.fround(Math.sin(i)));
    const file = join(folder, 'large.npy');
    await writeFile(file, new NdArray([1000, 3000], 'float32', data));
    for (const ending of ['.npz', '.pkl', '.safetensors', '.h5', '.pt']) {
      const { value, close } = await openNpy(file);
      const { value: read } = await again(new Map([['x', value]]), ending);
      await close();
      const bytes = Buffer.from(((read as Map<string, NdArray>).get('x')!.data as Float32Array).buffer);
      expect(Buffer.compare(bytes, Buffer.from(data.buffer))).toBe(0);
    }
  });
});

describe('tables', () => {
  const value = (): Map<string, unknown> => {
    const split = (n: number, ids: string[]): Map<string, unknown> =>
      new Map<string, unknown>([
        ['id', ids],
        [
          'text',
          new NdArray(
            [ids.length, 2, 3],
            'float32',
            Float32Array.from({ length: ids.length * 6 }, (_, i) => i / 8 - n),
          ),
        ],
        [
          'vector',
          new NdArray(
            [ids.length, 2],
            'int32',
            Int32Array.from({ length: ids.length * 2 }, (_, i) => i * n),
          ),
        ],
        [
          'label',
          new NdArray(
            [ids.length],
            'float64',
            Float64Array.from(ids, (_, i) => i + 0.5),
          ),
        ],
        ['ragged', ids.map((_, i) => new NdArray([i], 'float64', new Float64Array(i).fill(i)))],
      ]);
    return new Map([
      ['train', split(1, ['a', 'b,"c"\nd', 'ü🎬'])],
      ['test', split(2, ['e', ''])],
    ]);
  };

  it.each(['.csv', '.tsv', '.jsonl', '.parquet'])(
    'have a row per sample and a column of splits: %s',
    async (ending) => {
      const { value: read, written, bytes } = await again(value(), ending);
      const columns = read as Map<string, NdArray | readonly string[] | readonly NdArray[]>;
      expect([...columns.keys()]).toEqual(['split', 'id', 'text', 'vector', 'label', 'ragged']);
      expect(columns.get('split')).toEqual(['train', 'train', 'train', 'test', 'test']);
      expect(columns.get('id')).toEqual(['a', 'b,"c"\nd', 'ü🎬', 'e', '']);
      const text = columns.get('text') as NdArray;
      expect(text.shape).toEqual([5, 2, 3]);
      expect([...(text.data as Float32Array)].slice(17, 20)).toEqual([17 / 8 - 1, -2, 1 / 8 - 2]);
      expect((columns.get('label') as NdArray).data).toEqual(Float64Array.of(0.5, 1.5, 2.5, 0.5, 1.5));
      expect((columns.get('ragged') as readonly NdArray[]).map(({ shape }) => shape)).toEqual([
        [0],
        [1],
        [2],
        [0],
        [1],
      ]);
      expect(written).toMatchObject({ arrays: 5, bytes: bytes.length, leftOut: [] });
      expect((await again(value(), ending)).bytes).toEqual(bytes);
    },
  );

  const scalars = (dtypes: readonly NumericDType[]) =>
    fc.integer({ min: 1, max: 5 }).chain((rows) =>
      arrays(
        dtypes,
        fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 2 }).map((rest) => [rows, ...rest]),
      ),
    );

  it('.parquet: any real numbers', async () => {
    await fc.assert(
      fc.asyncProperty(scalars(without('bfloat16', 'complex64', 'complex128')), async (x) => {
        expect(((await again(x, '.parquet')).value as Map<string, unknown>).get('arr_0')).toEqual(x);
      }),
      { numRuns: 60 },
    );
  });

  it.each(['.csv', '.jsonl'])(
    '%s: any real numbers that are no identifiers, as numbers',
    { timeout: 240_000 },
    async (ending) => {
      await fc.assert(
        fc.asyncProperty(scalars(without('int64', 'uint64', 'complex64', 'complex128')), async (x) => {
          const all = [...(x.data as Float32Array)];
          // JSON has no NaN, and says so.
          fc.pre(ending === '.csv' || x.shape.length > 1 || !all.every(Number.isNaN));
          const read = ((await again(x, ending)).value as Map<string, NdArray>).get('arr_0')!;
          expect(read.shape).toEqual(x.shape);
          expect([...(read.data as Float64Array)].map((v) => v + 0)).toEqual(all.map((v) => v + 0));
        }),
        { numRuns: 60 },
      );
    },
  );

  it('.csv: any texts, or an error where they would be read as something else', async () => {
    const cell = fc.oneof(
      fc.string({ unit: 'binary' }).map(wellFormed),
      fc.constantFrom('', '1', '1.50', '[1]', 'nan', 'true', '\r', ' x '),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(cell, { minLength: 1, maxLength: 4 }), async (ids) => {
        const read = await again(new Map([['id', ids]]), '.csv').catch((error: unknown) => (error as Error).message);
        if (typeof read === 'string') expect(read).toMatch(/would be read as something else/);
        else {
          const column = (read.value as Map<string, unknown>).get('id');
          expect(column instanceof NdArray ? Array.from(column.data as Int32Array, String) : column).toEqual(ids);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('keep the digits of long whole numbers', async () => {
    const long = new NdArray([2], 'int64', BigInt64Array.of(2n ** 62n + 1n, -3n));
    for (const ending of ['.csv', '.jsonl'])
      expect(String((await again(long, ending)).bytes)).toContain('4611686018427387905');
  });

  it.each([
    [
      new NdArray([], 'float32', Float32Array.of(1)),
      'needs a row per sample, and "x" is one value; .npz and .pkl hold it.',
    ],
    [
      new NdArray([1, 1, 1, 1], 'float32', Float32Array.of(1)),
      'cannot hold "x" of shape [1, 1, 1, 1]; .npz, .h5 and .pkl can.',
    ],
    [new NdArray([0], 'float32', new Float32Array(0)), 'would have no rows'],
    [
      new NdArray([1], 'complex64', Float32Array.of(1, 2)),
      'JSON lines does not hold "x" of type complex64; .npy, .npz, .pkl and .pt do.',
    ],
    [new NdArray([1], 'float32', Float32Array.of(Number.NaN)), 'cannot hold "x": JSON has no NaN'],
    [new Map([['y', new NdArray([1], 'int8', Int8Array.of(1))]]), 'is one table, and "x" is one in itself'],
  ])('say what they cannot hold', async (x, problem) => {
    await expect(again(new Map([['x', x]]), '.jsonl')).rejects.toThrow(problem);
  });

  it('say where rows or columns differ', async () => {
    const x = (n: number): NdArray => new NdArray([n], 'int8', new Int8Array(n));
    await expect(
      again(
        new Map([
          ['x', x(2)],
          ['y', x(3)],
        ]),
        '.csv',
      ),
    ).rejects.toThrow('"x" has 2 and "y" 3;');
    const uneven = new Map([
      ['train_x', x(2)],
      ['test_x', x(2)],
      ['test_y', x(2)],
    ]);
    await expect(again(uneven, '.csv')).rejects.toThrow('needs the same columns in train and test; "y" is in one.');
  });
});

describe('--dtype', () => {
  const float32 = (...values: number[]): NdArray => new NdArray([values.length], 'float32', Float32Array.from(values));

  it('rounds floats to the nearest half, and half-way to even; leaves whole numbers', async () => {
    const value = new Map([
      ['x', float32(1, 2049, 2051, 65519, 2 ** -25, 3 * 2 ** -26, -0, Infinity, Number.NaN)],
      ['d', new NdArray([2], 'float64', Float64Array.of(1 + 2 ** -11 + 2 ** -40, 1 + 2 ** -11))],
      ['n', new NdArray([1], 'int32', Int32Array.of(70000))],
    ]);
    const read = (await again(value, '.npz', { dtype: 'float16' })).value as Map<string, NdArray>;
    expect([...(read.get('x')!.data as Float32Array)]).toEqual([
      1,
      2048,
      2052,
      65504,
      0,
      2 ** -24,
      -0,
      Infinity,
      Number.NaN,
    ]);
    // By way of float32 the first would be half-way too.
    expect([...(read.get('d')!.data as Float32Array)]).toEqual([1 + 2 ** -10, 1]);
    expect([read.get('x')!.dtype, read.get('n')!.dtype]).toEqual(['float16', 'int32']);
  });

  it.each(['.npy', '.pkl', '.safetensors', '.jsonl', '.parquet'])(
    'counts what is too large, and writes nothing: %s',
    async (ending) => {
      await expect(
        again(new Map([['x', float32(1, 65520, -70000, Infinity)]]), ending, { dtype: 'float16' }),
      ).rejects.toThrow('"x" has 2 numbers that are too large for float16; ask for a wider --dtype.');
      expect(readdirSync(folder).filter((name) => name.includes('partial'))).toEqual([]);
    },
  );

  it('is needed where a type has no place', async () => {
    const bf = new NdArray([1], 'bfloat16', Float32Array.of(1.5));
    expect((await again(bf, '.npy')).value).toEqual(new NdArray([1], 'float32', Float32Array.of(1.5)));
    const long = new NdArray([1], 'longdouble', Float64Array.of(1.5));
    await expect(again(long, '.npy')).rejects.toThrow(
      '.npy does not hold "arr_0" of type longdouble; ask for --dtype float64',
    );
    expect((await again(long, '.npy', { dtype: 'float64' })).value).toEqual(
      new NdArray([1], 'float64', Float64Array.of(1.5)),
    );
    await expect(again(bf, '.h5', { dtype: 'float16' })).rejects.toThrow(
      'HDF5 does not hold float16; ask for --dtype float32.',
    );
  });
});

describe('what has no place', () => {
  const ids = new Map<string, unknown>([
    [
      'train',
      new Map<string, unknown>([
        ['id', ['a']],
        ['x', new NdArray([1], 'int8', Int8Array.of(1))],
        ['config', null],
      ]),
    ],
  ]);

  it('is left out where it is text, and named', async () => {
    const { written, value } = await again(ids, '.safetensors');
    expect(written.leftOut.toSorted()).toEqual(['train/config', 'train/id']);
    expect([...(value as Map<string, unknown>).keys()]).toEqual(['train/x']);
    expect((await again(ids, '.npz')).written.leftOut).toEqual(['train/config']);
    expect((await again(ids, '.pkl')).written.leftOut).toEqual([]);
  });

  it('is an error where it is numbers', async () => {
    const ragged = new Map([
      ['x', [new Float64Array(1), new Float64Array(2)].map((data) => new NdArray([data.length], 'float64', data))],
    ]);
    await expect(again(ragged, '.npz')).rejects.toThrow(
      'cannot hold "x", arrays of different shapes or types; .pkl can',
    );
    await expect(again(ids, '.npy')).rejects.toThrow(
      'an .npy file holds one array, and there are 2; name an .npz file.',
    );
    await expect(again(ids, '.xyz')).rejects.toThrow('x.xyz: has no ending that tells its format; name it .npz, .npy');
  });

  it('is an error where names collide or leave the archive', async () => {
    const x = new NdArray([1], 'int8', Int8Array.of(1));
    await expect(
      again(
        new Map<string, unknown>([
          ['a/b', x],
          ['a', new Map([['b', x]])],
        ]),
        '.npz',
      ),
    ).rejects.toThrow('"a/b" twice');
    await expect(again(new Map([['../a', x]]), '.npz')).rejects.toThrow('cannot hold an array by the name "../a"');
  });

  it('is an error where a value holds itself, but for pickles, which can tell', async () => {
    const value = new Map<string, unknown>();
    value.set('self', value);
    await expect(again(value, '.npz')).rejects.toThrow('holds itself');
    const read = (await again(value, '.pkl')).value as Map<string, unknown>;
    expect(read.get('self')).toBe(read);
  });
});

it('names such as train/text become a dict of splits in a pickle', async () => {
  const x = new NdArray([1], 'int8', Int8Array.of(1));
  const { value } = await again(
    new Map([
      ['train/x', x],
      ['test/x', x],
      ['other/x', x],
    ]),
    '.pkl',
  );
  expect([...(value as Map<string, unknown>).keys()]).toEqual(['train', 'test', 'other/x']);
});

it('the same value gives the same bytes', async () => {
  const value = new Map<string, unknown>([
    ['x', new NdArray([2], 'float32', Float32Array.of(1, 2))],
    ['id', ['a', 'b']],
  ]);
  for (const ending of ['.npz', '.safetensors', '.pkl', '.h5', '.pt', '.csv', '.jsonl', '.parquet']) {
    const { bytes } = await again(value, ending);
    expect((await again(value, ending)).bytes.equals(bytes)).toBe(true);
  }
});

it('a writing that is stopped leaves the file of before and nothing else', async () => {
  const file = join(folder, 'stopped.npz');
  writeFileSync(file, 'before');
  const value = new Map([['x', new NdArray([100_000], 'float64', new Float64Array(100_000))]]);
  await expect(writeFile(file, value, { signal: AbortSignal.abort() })).rejects.toThrow();
  expect(readFileSync(file, 'utf8')).toBe('before');
  expect(readdirSync(folder).filter((name) => name.includes('partial'))).toEqual([]);
  await expect(writeFile(join(folder, 'none', 'x.npz'), value)).rejects.toThrow(
    'x.npz: cannot be written: its folder does not exist',
  );
});
