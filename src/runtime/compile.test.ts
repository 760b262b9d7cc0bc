import { expect, test } from 'vitest';
import { input } from '../tensor/index.ts';
import { compileOn } from './compile.ts';
import { runtime } from './library.ts';

/** Whether a program on a device asks for operators of the runtime's own domain. */
async function hasOwnOperators(device: string | undefined): Promise<boolean> {
  const product = input('a', [4, 2, 3]).matmul(input('b', [4, 2, 3]), { transposeA: true, scale: 0.5 });
  let text = '';
  const engine = {
    Tensor: runtime().Tensor,
    start: (model: Uint8Array) => {
      text = Buffer.from(model).toString('latin1');
      return Promise.reject(new Error('never started'));
    },
  };
  await expect(compileOn(engine, { product }, { device })).rejects.toThrow('never started');
  return text.includes('com.microsoft');
}

test('on WebGPU, which lacks them, operators of the domain of the runtime are written as their parts', async () => {
  expect(await hasOwnOperators('webgpu')).toBe(false);
  expect(await hasOwnOperators('cpu')).toBe(true);
  expect(await hasOwnOperators(undefined)).toBe(true);
});
