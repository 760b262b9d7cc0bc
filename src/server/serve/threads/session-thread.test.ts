import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { Tensors } from '../../../deploy/inputs.ts';
import { sessionsInThreads } from './session-thread.ts';
import { exportSum, temporaryFolder } from '../testing.ts';

const folder = temporaryFolder();
beforeAll(async () => {
  await exportSum(folder);
});
const start = sessionsInThreads({ threads: 1 });
const file = (): Uint8Array => readFileSync(path.join(folder, 'model.onnx'));

/** Samples `[N]` of which each number of audio is the same. */
const inputs = (...values: readonly number[]): Tensors => ({
  text: { shape: [values.length, 4, 3], data: new Float32Array(12 * values.length) },
  text_lengths: { shape: [values.length], data: new BigInt64Array(values.length) },
  audio: { shape: [values.length, 1, 2], data: Float32Array.from(values.flatMap((value) => [value, value])) },
});

test('a session in a thread gives what one here gives, after a run that failed too', async () => {
  const session = await start(file());
  expect(session.inputs).toContainEqual({ name: 'audio', dtype: 'float32', shape: ['batch', 1, 2] });
  const prediction = { shape: [2], data: Float32Array.of(2, 6) };
  expect(await session.run(inputs(1, 3))).toEqual({ prediction });
  const { audio, ...rest } = inputs(1);
  await expect(session.run({ ...rest, audio: { ...audio!, shape: [2, 1, 1] } })).rejects.toThrow(/audio/);
  const both = await Promise.all([session.run(inputs(1, 3)), session.run(inputs(2))]);
  expect(both.map(({ prediction: found }) => [...found!.data])).toEqual([[2, 6], [4]]);
  await session.close();
});

test('what is no model is refused', async () => {
  await expect(start(Uint8Array.of(1, 2, 3))).rejects.toThrow(/Protobuf|parse|model/i);
});

test('when the thread has ended, nobody waits for it', async () => {
  const session = await start(file());
  await session.close();
  await expect(session.run(inputs(1))).rejects.toThrow('The thread of the model has ended.');
});
