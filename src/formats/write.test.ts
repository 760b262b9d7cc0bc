/** Whatever is written is read back as what it was, by our own readers. */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NdArray } from './bytes/array.ts';
import { writableEndings } from './formats.ts';
import { openNpy } from './numpy/read-npy.ts';
import { writeFile } from './write.ts';
import {
  anyShape,
  arrays,
  flattened,
  key,
  nested,
  roundTrips,
  textArray,
  texts,
  wellFormed,
  without,
} from './writing/testing.ts';

const { again, folder } = roundTrips();

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
  for (const ending of writableEndings.filter((one) => one !== '.npy')) {
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
