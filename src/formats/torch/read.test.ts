import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { NdArray, type NumericData, toNumbers } from '../bytes/array.ts';
import { failsCutAnywhere, fixture, openedFixture, survivesDamage } from '../testing.ts';
import { openTorch, readTorch } from './read.ts';

const file = 'x.pth';
const numbers = (array: NdArray): number[] => toNumbers(array.data as NumericData);
const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));

describe('readTorch', () => {
  const tensors = readTorch(fixture('data/tensors.pth'), { file });

  it('reads every element type', () => {
    for (const dtype of ['float64', 'float16', 'bfloat16', 'int64', 'int32', 'int16', 'int8', 'uint8', 'bool']) {
      expect(tensors[dtype]!.dtype).toBe(dtype);
      expect(numbers(tensors[dtype]!)).toEqual(dtype === 'bool' ? [0, 1, 1] : [0, 1, 2]);
    }
  });

  it('gathers views: contiguous, transposed, sliced, expanded, empty', () => {
    const range = Array.from({ length: 24 }, (_, i) => i);
    expect(tensors['plain']).toEqual(new NdArray([2, 3, 4], 'float32', Float32Array.from(range)));
    expect(tensors['transposed']!.shape).toEqual([4, 3, 2]);
    expect(numbers(tensors['transposed']!).slice(0, 6)).toEqual([0, 12, 4, 16, 8, 20]);
    expect(tensors['sliced']).toEqual(new NdArray([2, 2], 'float32', Float32Array.of(16, 18, 20, 22)));
    expect(tensors['expanded']).toEqual(new NdArray([3, 2], 'float32', Float32Array.of(0, 0, 1, 1, 2, 2)));
    expect(tensors['parameter']).toEqual(new NdArray([2], 'float32', Float32Array.of(1, 1)));
    expect(tensors['scalar']).toEqual(new NdArray([], 'int64', BigInt64Array.of(5n)));
    expect(tensors['empty']).toEqual(new NdArray([0, 3], 'float32', new Float32Array(0)));
  });

  it("reads the authors' checkpoints and the state dict of a larger checkpoint", () => {
    for (const name of ['regression', 'classification.trained', 'conv_unaligned']) {
      const parameters = readTorch(fixture(`decalign/${name}.pth`), { file });
      expect(parameters['proj_l.weight']!.shape).toHaveLength(3);
      for (const { shape, data } of Object.values(parameters))
        expect(data).toHaveLength(shape.reduce((product, axis) => product * axis, 1));
    }
    expect(Object.keys(readTorch(fixture('data/checkpoint.pth'), { file }))).toEqual(['weight', 'bias']);
  });

  it('says what is wrong', () => {
    const read = (bytes: Uint8Array) => () => readTorch(bytes, { file });
    const archive = (pickle: string): Uint8Array => zipSync({ 'x/data.pkl': latin1(pickle) });
    expect(read(fixture('data/legacy.pth'))).toThrow("x.pth: is in PyTorch's format from before 1.6");
    expect(read(latin1('hello'))).toThrow('is no PyTorch checkpoint');
    expect(read(zipSync({ a: latin1('b') }))).toThrow('zip archive without data.pkl');
    expect(read(archive('cos\nsystem\n.'))).toThrow('x.pth:x/data.pkl, byte 11: the pickle names the forbidden global');
    expect(read(archive('K\x01.'))).toThrow('holds no state dict');
    expect(read(archive("}S'a'\nK\x01s."))).toThrow('holds "a", which is no tensor');
    expect(read(archive("((S'storage'\nctorch\nFloatStorage\nS'0'\nS'cpu'\nK\x01tQ."))).toThrow(
      'storage "0" is missing',
    );
  });

  it('survives damage', async () => {
    await survivesDamage(fixture('data/tensors.pth'), (bytes) => readTorch(bytes, { file }));
  });

  it('says so wherever the file was cut', async () => {
    await failsCutAnywhere(fixture('data/formats/big-endian.pt'), (bytes) => readTorch(bytes, { file }));
  });
});

describe('openTorch', () => {
  it('reads tensors however they are nested, among numbers and texts', async () => {
    const value = (await openedFixture('features.pt', openTorch)) as Map<string, unknown>;
    const base = Float32Array.from({ length: 24 }, (_, i) => i);
    expect(value.get('ids')).toEqual(['a', 'b']);
    expect(value.get('splits')).toEqual(
      new Map([
        ['train', [0]],
        ['test', [1]],
      ]),
    );
    expect([value.get('rate'), value.get('none')]).toEqual([0.5, null]);
    expect(value.get('text')).toEqual(new NdArray([2, 3, 4], 'float32', base));
    const [sliced, transposed, brain] = value.get('audio') as [NdArray, NdArray, NdArray];
    expect(sliced).toEqual(new NdArray([2, 4], 'float32', Float32Array.of(0, 1, 2, 3, 8, 9, 10, 11)));
    expect([transposed.shape, numbers(transposed).slice(0, 4)]).toEqual([
      [4, 3],
      [12, 16, 20, 13],
    ]);
    expect(brain).toEqual(new NdArray([3, 4], 'bfloat16', base.slice(0, 12)));
    const complex = value.get('complex') as NdArray;
    expect([complex.dtype, complex.shape, numbers(complex).slice(0, 6)]).toEqual([
      'complex64',
      [4, 3],
      [0, -0, 4, -4, 8, -8],
    ]);
  });

  it('reads the byte order of another machine', async () => {
    expect(await openedFixture('big-endian.pt', openTorch)).toEqual(
      new Map([
        ['a', new NdArray([5], 'float32', Float32Array.of(0, 1, 2, 3, 4))],
        ['b', new NdArray([3], 'int64', BigInt64Array.of(0n, 1n, 2n))],
      ]),
    );
  });
});
