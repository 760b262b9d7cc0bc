import { expect, test } from 'vitest';
import { input } from '../tensor/index.ts';
import { describeOnnx } from './describe.ts';
import { toOnnx } from './serialize.ts';

const { bytes } = toOnnx(
  {
    sum: input('x', [5, 3], 'float32')
      .add(input('w', [3], 'float32'))
      .sum([1]),
  },
  {
    portable: true,
    weights: new Map([['w', Float32Array.of(1, 2, 3)]]),
    metadata: { producer: 'decalign', model: 'own' },
  },
);

test('a file says who made it, what it takes and gives, and its metadata; weights are no inputs', () => {
  const { nodes, opset, ...rest } = describeOnnx(bytes);
  expect(rest).toEqual({
    producer: 'decalign',
    inputs: [{ name: 'x', dtype: 'float32', shape: [5, 3] }],
    outputs: [{ name: 'sum', dtype: 'float32', shape: [5] }],
    metadata: { producer: 'decalign', model: 'own' },
  });
  expect(nodes).toBeGreaterThan(0);
  expect(opset['ai.onnx']).toBeGreaterThan(15);
});

test('bytes that are no model, and those of a model that is cut anywhere, are a RangeError or less of it', () => {
  expect(() => describeOnnx(Buffer.from('no model'))).toThrow(RangeError);
  expect(() => describeOnnx(new Uint8Array())).toThrow('is no ONNX model (it holds no graph)');
  for (let length = 0; length < bytes.length; length++)
    try {
      describeOnnx(bytes.subarray(0, length));
    } catch (error) {
      expect(error).toBeInstanceOf(RangeError);
    }
});
