import { describe, expect, it } from 'vitest';
import { zipSync } from 'fflate';
import { isInFile, NdArray, type NumericData, toNumbers } from '../bytes/array.ts';
import { inMemory } from '../bytes/in-memory.ts';
import { BytesSource } from '../bytes/source.ts';
import { openNpy, readNpyFrom } from './read-npy.ts';
import { openNpz, readNpz } from './read-npz.ts';
import { failsCutAnywhere, fixture, fixturePath, openedFixture, survivesDamage } from '../testing.ts';

const file = 'x.npz';
const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));
const npy = (header: string, body = ''): Uint8Array =>
  latin1(`\x93NUMPY\x01\0${String.fromCharCode(header.length % 256, header.length >> 8)}${header}${body}`);

describe.each(['numpy1.npz', 'numpy1-compressed.npz', 'numpy2.npz', 'numpy2-compressed.npz'])(
  'readNpz of %s',
  (name) => {
    it('reads numbers, text, objects and Fortran order', () => {
      const { fortran, text, objects, scalar, ...numeric } = readNpz(fixture(`data/${name}`), { file });
      for (const [dtype, array] of Object.entries(numeric)) {
        expect([array.dtype, array.shape]).toEqual([dtype, [2, 3]]);
        if (dtype !== 'bool' && dtype !== 'complex64')
          expect(toNumbers(array.data as NumericData)).toEqual([0, 1, 2, 3, 4, 5]);
      }
      expect(fortran).toEqual(new NdArray([2, 3], 'float32', Float32Array.of(0, 1, 2, 3, 4, 5)));
      expect(text!.data).toEqual(['plain', 'ünïcode 🎬', '']);
      expect(objects!.data).toEqual([1, 'two', null, 3.5]);
      expect(scalar).toEqual(new NdArray([], 'float64', Float64Array.of(2)));
    });
  },
);

describe('readNpz', () => {
  it("reads the golden values of the authors' code", () => {
    const arrays = readNpz(fixture('decalign/regression.npz'), { file });
    expect(arrays['total_loss']!.shape).toEqual([]);
    expect(arrays['step0_x_t']!.shape).toHaveLength(3);
    expect(Object.keys(arrays).filter((key) => key.startsWith('grad.')).length).toBeGreaterThan(20);
  });

  it('survives damage', async () => {
    for (const name of ['numpy1.npz', 'numpy2-compressed.npz'])
      await survivesDamage(fixture(`data/${name}`), (bytes) => readNpz(bytes, { file }));
  });

  it('says so wherever the file was cut', async () => {
    for (const name of ['arrays.npz', 'zip64.npz'])
      await failsCutAnywhere(fixture(`data/formats/${name}`), (bytes) => readNpz(bytes, { file }));
  });

  it('says what is wrong', () => {
    expect(() => readNpz(latin1('hello'), { file })).toThrow('x.npz: is no zip archive; write it with numpy.savez.');
    const inner = zipSync({ 'a.npy': npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", 'abcd') });
    expect(() => readNpz(inner, { file })).toThrow('x.npz:a.npy: an array of shape [2] needs 8 bytes and has 4');
  });
});

describe('openNpz', () => {
  it('reads every type, order and kind, inflated as it is read', async () => {
    const arrays = (await openedFixture('arrays.npz', openNpz)) as Map<string, NdArray>;
    const range = Array.from({ length: 24 }, (_, i) => i);
    expect(arrays.get('int16')).toEqual(new NdArray([2, 3], 'int16', Int16Array.of(0, 1, 2, 3, 4, 5)));
    expect(arrays.get('big')).toEqual(new NdArray([2, 3], 'float32', Float32Array.of(0, 1, 2, 3, 4, 5)));
    expect(arrays.get('half')).toEqual(new NdArray([2, 3], 'float16', Float32Array.of(0, 1, 2, 3, 4, 5)));
    expect(arrays.get('fortran')).toEqual(new NdArray([2, 3, 4], 'int32', Int32Array.from(range)));
    const pairs = Float64Array.of(0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5);
    expect(arrays.get('complexFortran')).toEqual(new NdArray([2, 3], 'complex128', pairs));
    expect(arrays.get('words')!.data).toEqual(['plain', 'ünïcode 🎬', '']);
    expect(arrays.get('bytes')!.data).toEqual(['ab', 'c']);
    const inner = new NdArray([2, 3], 'float32', Float32Array.of(0, 1, 2, 3, 4, 5));
    expect(arrays.get('objects')).toEqual(new NdArray([3], 'object', [inner, 'two', null]));
    expect(arrays.get('empty')).toEqual(new NdArray([0, 3], 'float32', new Float32Array(0)));
    expect(arrays.get('scalar')).toEqual(new NdArray([], 'float64', Float64Array.of(2.5)));
    expect(arrays.get('mask')).toEqual(new NdArray([3], 'bool', Uint8Array.of(1, 0, 1)));
  });

  it('reads an archive whose directory is zip64', async () => {
    const arrays = (await openedFixture('zip64.npz', openNpz)) as Map<string, NdArray>;
    expect([...arrays.keys()]).toEqual(['int16', 'fortran', 'words', 'half']);
    expect(arrays.get('half')!.data).toEqual(Float32Array.of(0, 1, 2, 3, 4, 5));
  });

  it.each(['arrays.npz', 'zip64.npz'])('reads any part of an array of %s', async (name) => {
    const { value, close } = await openNpz(fixturePath(`data/formats/${name}`));
    const array = (value as Map<string, NdArray>).get('half')!;
    if (!isInFile(array.elements)) throw new Error('should be in the file');
    // Forwards, and back to what was inflated before.
    expect(await array.elements.read(4, 2)).toEqual(Float32Array.of(4, 5));
    expect(await array.elements.read(1, 2)).toEqual(Float32Array.of(1, 2));
    const both = await Promise.all([array.elements.read(3, 1), array.elements.read(0, 1)]);
    expect(both).toEqual([Float32Array.of(3), Float32Array.of(0)]);
    await close();
  });
});

describe('openNpy', () => {
  it('reads Fortran order, text, objects and version 3', async () => {
    const fortran = (await openedFixture('fortran.npy', openNpy)) as NdArray;
    expect(fortran).toEqual(
      new NdArray(
        [2, 3, 4],
        'int32',
        Int32Array.from({ length: 24 }, (_, i) => i),
      ),
    );
    expect(((await openedFixture('words.npy', openNpy)) as NdArray).data).toEqual(['plain', 'ünïcode 🎬', '']);
    expect(((await openedFixture('objects.npy', openNpy)) as NdArray).data[1]).toBe('two');
    const big = new NdArray([2, 3], 'float32', Float32Array.of(0, 1, 2, 3, 4, 5));
    expect(await openedFixture('version3.npy', openNpy)).toEqual(big);
  });
});

const readNpy = (bytes: Uint8Array, { file }: { readonly file: string }): NdArray =>
  inMemory(readNpyFrom(new BytesSource(bytes, file)), file);

describe('an .npy file', () => {
  it('says so wherever the file was cut, and survives damage', async () => {
    for (const name of ['fortran', 'words', 'objects', 'version3']) {
      await failsCutAnywhere(fixture(`data/formats/${name}.npy`), (bytes) => readNpy(bytes, { file }));
      await survivesDamage(fixture(`data/formats/${name}.npy`), (bytes) => readNpy(bytes, { file }));
    }
  });

  it('refuses what it does not read', () => {
    const read = (bytes: Uint8Array) => () => readNpy(bytes, { file: 'x.npy' });
    expect(read(latin1('\x93NUMPY\x09\0\0\0'))).toThrow('npy version 9 is unknown');
    expect(read(npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,), }"))).toThrow('structured array');
    expect(read(npy("{'descr': '<M8[s]', 'fortran_order': False, 'shape': (2,), }"))).toThrow('NumPy type "<M8[s]"');
    expect(read(npy("{'descr': '<U0', 'fortran_order': False, 'shape': (999999999,), }"))).toThrow('needs 0 bytes');
    expect(read(npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", 'cos\nsystem\n.'))).toThrow(
      'forbidden global "os.system"',
    );
  });
});
