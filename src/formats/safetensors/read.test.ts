import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NdArray, type NumericData } from '../bytes/array.ts';
import { openSafetensors, readSafetensors } from './read.ts';
import { type SafeTensor, writeSafetensors, writeSafetensorsFile } from './write.ts';
import { failsCutAnywhere, survivesDamage, withFile } from '../testing.ts';

const file = 'x.safetensors';
const tensor = fc
  .tuple(
    fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 }),
    fc.constantFrom(Float32Array, Float64Array, Int32Array, Uint8Array, Int16Array, BigInt64Array),
    fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 64, maxLength: 64 }),
  )
  .map(([shape, type, values]): SafeTensor => {
    const size = shape.reduce((product, axis) => product * axis, 1);
    const data = new (type as Float32ArrayConstructor)(size) as NumericData;
    for (let i = 0; i < size; i++) data[i] = data instanceof BigInt64Array ? BigInt(values[i]!) : values[i]!;
    return { shape, data };
  });
const example = writeSafetensors(
  {
    'head.bias': { shape: [2], data: Float32Array.of(1, -2) },
    mask: { shape: [3], data: Uint8Array.of(1, 0, 1), dtype: 'bool' },
    step: { shape: [], data: BigInt64Array.of(7n) },
  },
  { format: 'decalign' },
);
const withHeader = (header: string, body = new Uint8Array(0)): Uint8Array => {
  const text = new TextEncoder().encode(header);
  return Uint8Array.of(text.length, 0, 0, 0, 0, 0, 0, 0, ...text, ...body);
};

describe('safetensors', () => {
  it('writes the layout that other readers expect', () => {
    const length = new DataView(example.buffer).getUint32(0, true);
    expect(length % 8).toBe(0);
    expect(JSON.parse(new TextDecoder().decode(example.subarray(8, 8 + length)))).toEqual({
      __metadata__: { format: 'decalign' },
      step: { dtype: 'I64', shape: [], data_offsets: [0, 8] },
      'head.bias': { dtype: 'F32', shape: [2], data_offsets: [8, 16] },
      mask: { dtype: 'BOOL', shape: [3], data_offsets: [16, 19] },
    });
    expect(example).toHaveLength(8 + length + 19);
  });

  it('gives back what it wrote, names such as __proto__ included', () => {
    expect(readSafetensors(example, { file }).metadata).toEqual({ format: 'decalign' });
    const name = fc.oneof(fc.string(), fc.constant('__proto__')).filter((text) => text !== '__metadata__');
    const pairs = fc.uniqueArray(fc.tuple(name, tensor), { selector: ([key]) => key, maxLength: 5 });
    fc.assert(
      fc.property(pairs, (entries) => {
        const { tensors } = readSafetensors(writeSafetensors(Object.fromEntries(entries)), { file });
        expect(Object.keys(tensors).sort()).toEqual(entries.map(([key]) => key).sort());
        for (const [key, { shape, data }] of entries)
          expect(tensors[key]).toEqual(new NdArray(shape, expect.any(String) as 'float32', data));
      }),
    );
  });

  it('reads half precision', () => {
    const header =
      '{"a":{"dtype":"F16","shape":[2],"data_offsets":[0,4]},"b":{"dtype":"BF16","shape":[1],"data_offsets":[4,6]}}';
    const { tensors } = readSafetensors(withHeader(header, Uint8Array.of(0, 0x3c, 1, 0x80, 0xc0, 0xbf)), { file });
    expect(tensors['a']!.data).toEqual(Float32Array.of(1, -(2 ** -24)));
    expect(tensors['b']!.data).toEqual(Float32Array.of(-1.5));
  });

  it('says what is wrong', () => {
    const read = (bytes: Uint8Array) => () => readSafetensors(bytes, { file });
    const one = (entry: string): Uint8Array => withHeader(`{"w":${entry}}`, new Uint8Array(4));
    expect(read(new Uint8Array(3))).toThrow('x.safetensors: is no safetensors file, or is truncated');
    expect(read(withHeader('[]'))).toThrow('its header is no JSON object');
    expect(read(one('{"dtype":"F8","shape":[1],"data_offsets":[0,4]}'))).toThrow('tensor "w" of type "F8"');
    expect(read(one('{"dtype":"F32","shape":[2],"data_offsets":[0,4]}'))).toThrow('shape [2] not 8 bytes');
    expect(read(one('{"dtype":"F32","shape":[0],"data_offsets":[4,4]}'))).toThrow(
      'gap or an overlap before tensor "w"',
    );
    expect(read(withHeader('{}', new Uint8Array(4)))).toThrow('describes 0 bytes of tensors and holds 4');
    expect(read(withHeader('{"__metadata__":{"a":1}}'))).toThrow('metadata other than text');
    expect(() => writeSafetensors({ w: { shape: [3], data: new Float32Array(2) } })).toThrow(
      'Tensor "w" has shape [3] and 2 elements, not 3.',
    );
  });

  it('survives damage', async () => {
    await survivesDamage(example, (bytes) => readSafetensors(bytes, { file }));
    await failsCutAnywhere(example, (bytes) => readSafetensors(bytes, { file }));
  });
});

describe('writeSafetensorsFile', () => {
  const inFolder = <T>(use: (path: string) => Promise<T>): Promise<T> =>
    withFile(new Uint8Array(0), (path) => use(join(dirname(path), 'y.safetensors')));
  const weight = Float32Array.from({ length: 6 }, (_, i) => i / 2);
  const mask = Uint8Array.of(1, 0, 1);
  async function* pieces(...parts: readonly NumericData[]): AsyncGenerator<NumericData> {
    for (const part of parts) yield await Promise.resolve(part);
  }

  it('writes piece by piece what writeSafetensors writes at once', async () => {
    await inFolder(async (path) => {
      const tensors = {
        mask: { shape: [3], dtype: 'bool', pieces: [mask] },
        w: { shape: [2, 3], dtype: 'float32', pieces: pieces(weight.slice(0, 4), weight.slice(4)) },
      } as const;
      await writeSafetensorsFile(path, tensors, { a: 'b' });
      const whole = { mask: { shape: [3], data: mask, dtype: 'bool' }, w: { shape: [2, 3], data: weight } } as const;
      expect(new Uint8Array(readFileSync(path))).toEqual(writeSafetensors(whole, { a: 'b' }));
      const { value, metadata, close } = await openSafetensors(path);
      const w = (value as Map<string, NdArray>).get('w')!;
      expect([metadata, w.shape, w.data]).toEqual([{ a: 'b' }, [2, 3], weight]);
      await close();
    });
  });

  it('leaves no file, and the file of before, where the pieces are not as announced', async () => {
    await inFolder(async (path) => {
      writeFileSync(path, 'before');
      const write = (parts: AsyncIterable<NumericData>): Promise<number> =>
        writeSafetensorsFile(path, { w: { shape: [2, 3], dtype: 'float32', pieces: parts } });
      await expect(write(pieces(weight, weight))).rejects.toThrow('Tensor "w" has shape [2,3] and 12 elements, not 6.');
      await expect(write(pieces(weight.slice(1)))).rejects.toThrow('Tensor "w" has shape [2,3] and 5 elements, not 6.');
      await expect(write(pieces(mask))).rejects.toThrow('announced as float32, and a piece is Uint8Array');
      expect(readdirSync(dirname(path)).sort()).toEqual(['x.pkl', 'y.safetensors']);
      expect(readFileSync(path, 'utf8')).toBe('before');
    });
  });
});
