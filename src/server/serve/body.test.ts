import { describe, expect, test } from 'vitest';
import { bodyOf } from './body.ts';
import { Refusal } from './refusal.ts';
import { openRoom } from './room.ts';

const request = (body: string | ReadableStream, headers: Readonly<Record<string, string>> = {}): Request =>
  new Request('http://localhost/', { method: 'POST', body, headers, duplex: 'half' });

/** A body that comes in pieces; one that does not end waits for ever after them. */
const pieces = (parts: readonly string[], { ends = true }: { readonly ends?: boolean } = {}): ReadableStream =>
  new ReadableStream({
    start(controller) {
      for (const part of parts) controller.enqueue(new TextEncoder().encode(part));
      if (ends) controller.close();
    },
  });

const never = new AbortController().signal;
const read = (asked: Request, signal = never, room = openRoom(1000)): Promise<string> =>
  bodyOf(asked, { most: 10, hold: room.enter(), signal }).then((bytes) => Buffer.from(bytes).toString());

const refusalOf = async (reading: Promise<unknown>): Promise<number> => {
  const error: unknown = await reading.catch((found: unknown) => found);
  expect(error).toBeInstanceOf(Refusal);
  return (error as Refusal).status;
};

describe('a body', () => {
  test('is read as it comes', async () => {
    expect(await read(request('0123456789'))).toBe('0123456789');
    expect(await read(request(pieces(['01', '', '23'])))).toBe('0123');
    expect(await read(new Request('http://localhost/', { method: 'POST' }))).toBe('');
  });

  test('is refused as soon as it is too large', async () => {
    expect(await refusalOf(read(request('01234567890')))).toBe(413);
    expect(await refusalOf(read(request(pieces(['0123456789', '0'], { ends: false }))))).toBe(413);
    expect(await refusalOf(read(request('1', { 'content-length': '11' })))).toBe(413);
  });

  test('is refused where it is compressed', async () => {
    expect(await refusalOf(read(request('1', { 'content-encoding': 'gzip' })))).toBe(415);
    expect(await read(request('1', { 'content-encoding': 'identity' }))).toBe('1');
  });

  test('takes part of the room that all have', async () => {
    const room = openRoom(8);
    const other = room.enter();
    other.resize(4);
    expect(await refusalOf(read(request('01234'), never, room))).toBe(503);
    expect(await read(request('0123'), never, room)).toBe('0123');
  });

  test.each([
    [504, 408],
    [499, 499],
  ] as const)('that does not arrive before %i is %i', async (reason, status) => {
    const ending = new AbortController();
    const reading = refusalOf(read(request(pieces(['01'], { ends: false })), ending.signal));
    ending.abort(new Refusal(reason, 'over'));
    expect(await reading).toBe(status);
  });

  test('whose client goes away is 499', async () => {
    const broken = new ReadableStream({ start: (controller) => controller.error(new Error('reset')) });
    expect(await refusalOf(read(request(broken)))).toBe(499);
  });
});
