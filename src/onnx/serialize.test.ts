import protobuf from 'protobufjs/minimal.js';
import { describe, expect, test } from 'vitest';
import { compile } from '../runtime/node.ts';
import { evaluate, relativeError, testValues } from '../runtime/testing.ts';
import { constant, gradients, input, type Tensor } from '../tensor/index.ts';
import { inputsOf, opset, toOnnx } from './serialize.ts';

/** Fields of a message, read back: numbers, or bytes for what has a length. */
function fields(bytes: Uint8Array): Map<number, (number | Uint8Array)[]> {
  const reader = protobuf.Reader.create(bytes);
  const found = new Map<number, (number | Uint8Array)[]>();
  while (reader.pos < reader.len) {
    const key = reader.uint32();
    const value = (key & 7) === 0 ? Number(reader.int64()) : (key & 7) === 5 ? reader.float() : reader.bytes();
    found.set(key >> 3, [...(found.get(key >> 3) ?? []), value]);
  }
  return found;
}
const messages = (bytes: Uint8Array, field: number): Map<number, (number | Uint8Array)[]>[] =>
  (fields(bytes).get(field) ?? []).map((value) => fields(value as Uint8Array));
const text = (value: number | Uint8Array | undefined): string => new TextDecoder().decode(value as Uint8Array);

/** Domains and versions of the operator sets that a model asks for. */
const opsets = (bytes: Uint8Array): [string, unknown][] =>
  messages(bytes, 8).map((set) => [text(set.get(1)?.[0]), set.get(2)?.[0]]);

const x = input('x', [2, 3, 4]);
const w = input('w', [2, 5, 4]);
const product = x.matmul(w, { transposeB: true });

describe('a model', () => {
  const { bytes, nodes } = toOnnx({ y: product }, { metadata: { dataset: 'mosi', seed: '7' } });
  test('states its format and operator sets', () => {
    expect(fields(bytes).get(1)).toEqual([8]);
    expect(opset).toBe(18);
    expect(opsets(bytes)).toEqual([
      ['', 18],
      ['com.microsoft', 1],
    ]);
  });
  test('carries metadata', () => {
    const pairs = messages(bytes, 14).map((entry) => [text(entry.get(1)![0]), text(entry.get(2)![0])]);
    expect(pairs).toEqual([
      ['dataset', 'mosi'],
      ['seed', '7'],
    ]);
  });
  test('counts its operators', () => {
    expect(nodes).toBe(1);
    expect(toOnnx({ y: x.mul(1).exp() }, { simplify: false }).nodes).toBe(2);
  });
  test('is the same every time', () => {
    expect(toOnnx({ y: product }, { metadata: { dataset: 'mosi', seed: '7' } }).bytes).toEqual(bytes);
  });
});

test('a portable model asks for the standard domain only, and computes the same', async () => {
  expect(opsets(toOnnx({ y: product }, { portable: true }).bytes)).toEqual([['', 18]]);
  const feeds = { x: Float32Array.from(testValues(24)), w: Float32Array.from(testValues(40, 2)) };
  const [native, portable] = await Promise.all(
    [false, true].map(async (portable) => {
      const program = await compile({ y: product }, { threads: 1, portable });
      return (await program.run(feeds))['y'] as Float32Array;
    }),
  );
  expect(relativeError(portable!, native!)).toBeLessThan(1e-6);
});

describe('stored weights', () => {
  const weights = new Map([['w', testValues(40, 2)]]);
  test('stand in place of inputs', async () => {
    const program = await compile({ y: product }, { threads: 1, weights });
    expect([...program.inputs.keys()]).toEqual(['x']);
    const { y } = await program.run({ x: Float32Array.from(testValues(24)) });
    const fed = await evaluate({ y: product }, { x: testValues(24), w: testValues(40, 2) });
    expect(relativeError(y as Float32Array, fed['y']!)).toBeLessThan(1e-6);
  });
  test('must have the size of their input', () => {
    expect(() => toOnnx({ y: product }, { weights: new Map([['w', [1, 2]]]) })).toThrow(
      'Weight "w" has shape [2,5,4], but 2 values were given.',
    );
  });
});

describe('names', () => {
  test('of inputs and outputs never meet those made up for other values', async () => {
    const [t0, c1] = [input('t0', [2]), input('c1', [2])];
    const { bytes } = toOnnx({ t1: t0.add(c1).exp().mul(3), t2: c1.add(2) });
    expect(bytes.length).toBeGreaterThan(0);
    const values = await evaluate({ t1: t0.add(c1).mul(3), c2: c1.add(2) }, { t0: [1, 2], c1: [3, 4] });
    expect(values).toEqual({ t1: [12, 18], c2: [5, 6] });
  });
  test('an input may be an output, and so may a constant, and one value twice', async () => {
    const outputs = { a: x, b: constant([1, 2], [2]), c: x, d: x.mul(1) };
    const values = await evaluate(outputs, { x: testValues(24) });
    expect(values['b']).toEqual([1, 2]);
    expect(values['c']).toEqual(values['a']);
    expect(values['d']).toEqual(values['a']);
  });
  test('an output is written where it is computed, not copied', () => {
    const text = new TextDecoder('latin1').decode(toOnnx({ y: x.exp(), z: x.exp().mul(2) }).bytes);
    expect(text).not.toContain('Identity');
  });
  test('of outputs differ from those of inputs', () => {
    expect(() => toOnnx({ x: x.exp() })).toThrow('Output "x" has the name of an input; give it another.');
  });
  test('of two inputs differ', () => {
    const y = input('x', [2, 3, 4]).add(x);
    expect(() => toOnnx({ y })).toThrow('Two different inputs are named "x".');
  });
  test('inputsOf lists what the outputs need', () => {
    expect([...inputsOf([product]).keys()]).toEqual(['x', 'w']);
  });
});

test('40,000 nodes are built, differentiated, simplified and written in 20 s', () => {
  const start = process.cpuUsage();
  const parameters = Array.from({ length: 2800 }, (_, i) => input(`p${i}`, [8, 8]));
  let y: Tensor = input('batch', [4, 8]);
  for (const p of parameters) y = y.matmul(p, { transposeB: true }).mul(0.5).tanh().add(y).softmax();
  const loss = y.square().mean();
  const grads = gradients(loss, parameters).map((g, i) => [`g${i}`, g!] as const);
  const { nodes } = toOnnx({ loss, ...Object.fromEntries(grads) });
  expect(nodes).toBeGreaterThan(40_000);
  // Of the processor, not of the wall: other tests run beside this one. A tenth of it is usual; what looks through all nodes
  // for each takes much longer.
  expect(process.cpuUsage(start).user / 1e6).toBeLessThan(20);
});
