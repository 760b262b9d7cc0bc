import { describe, expect, it } from 'vitest';
import { zipSync } from 'fflate';
import { NdArray, type NumericData, toNumbers } from './array.ts';
import { readNpy } from './npy.ts';
import { readNpz } from './npz.ts';
import { fixture, survivesDamage } from './testing.ts';

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

  it('says what is wrong', () => {
    expect(() => readNpz(latin1('hello'), { file })).toThrow('x.npz: is no zip archive; write it with numpy.savez.');
    const inner = zipSync({ 'a.npy': npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", 'abcd') });
    expect(() => readNpz(inner, { file })).toThrow('x.npz:a.npy: an array of shape [2] needs 8 bytes and has 4');
  });
});

describe('readNpy', () => {
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
