import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ExportDescription } from '../../../deploy/description.ts';
import { largeBody, openReader } from './reading-thread.ts';
import { Refusal } from '../refusal.ts';
import { exportSum, inferBodyOf, temporaryFolder } from '../testing.ts';

const folder = temporaryFolder();
let description: ExportDescription;
beforeAll(async () => {
  description = await exportSum(folder);
});
const reader = openReader();
afterAll(() => reader.close());

const { signal } = new AbortController();
const most = 2 ** 24;
/** The same JSON, with blanks until it is large. */
const bytes = (json: object, length = 0): Uint8Array => Buffer.from(JSON.stringify(json).padEnd(length));

test('a large body is read as a small one is', async () => {
  const tensors = inferBodyOf(Array(24).fill(0.5) as number[], [1, 2, 3, 4]);
  const asking = { description, most, jsonLength: undefined };
  const small = await reader.infer(bytes(tensors), asking, signal);
  expect(small.inputs['audio']!.data).toEqual(Float32Array.of(1, 2, 3, 4));
  expect(await reader.infer(bytes(tensors, largeBody), asking, signal)).toEqual(small);
  const samples = { samples: [{ id: 'a', audio: [1, 2] }, { audio: [3, null] }] };
  const few = await reader.predict(bytes(samples), asking, signal);
  expect(few.ids).toEqual(['a', 'row-1']);
  expect(await reader.predict(bytes(samples, largeBody), asking, signal)).toEqual(few);
});

test('what is wrong with a large one is refused as of a small one', async () => {
  const asking = { description, most };
  for (const wrong of [{}, { samples: [{ audio: [1, 2, 3] }] }, { samples: [{ audio: [1, 1e39] }] }]) {
    const refusals = [0, largeBody].map((length) =>
      reader.predict(bytes(wrong, length), asking, signal).catch((error: unknown) => error),
    );
    const [small, large] = await Promise.all(refusals);
    expect(small).toBeInstanceOf(Refusal);
    expect(large).toEqual(small);
  }
});

test('meanwhile others are heard, and whoever goes away does not wait', async () => {
  const keys = Object.fromEntries(Array.from({ length: 200_000 }, (_, n) => [`key${n}`, n]));
  const leaving = new AbortController();
  const order: string[] = [];
  const large = reader
    .predict(bytes({ samples: [{ ...keys, audio: [1, 2] }] }), { description, most }, signal)
    .then(() => order.push('large'));
  const left = reader
    .predict(bytes({ samples: [{ audio: [1, 2] }] }, largeBody), { description, most }, leaving.signal)
    .catch((error: unknown) => order.push(String(error)));
  setImmediate(() => leaving.abort(new Refusal(499, 'gone')));
  await Promise.all([large, left]);
  expect(order).toEqual(['Refusal: gone', 'large']);
});
