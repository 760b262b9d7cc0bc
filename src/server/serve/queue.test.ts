import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Tensors } from '../../deploy/inputs.ts';
import { openQueue, type Queue, type QueueOptions, type Run } from './queue.ts';
import { Refusal } from './refusal.ts';
import { rowsOf } from './rows.ts';

const never = (): AbortSignal => new AbortController().signal;

/** Inputs of rows that hold these numbers. */
const inputs = (...numbers: readonly number[]): Tensors => ({
  x: { shape: [numbers.length, 1, 1], data: Float32Array.from(numbers) },
  x_lengths: { shape: [numbers.length], data: BigInt64Array.from(numbers, BigInt) },
});

/** Outputs that say of each row what it held. */
const doubled: Run = (given) =>
  Promise.resolve({
    y: {
      shape: [rowsOf(given), 2],
      data: Float32Array.from([...given['x']!.data].flatMap((x) => [Number(x), 2 * Number(x)])),
    },
    n: given['x_lengths']!,
  });

interface Turn {
  readonly rows: number;
  readonly go: () => void;
}

/** A queue whose model runs when it is told to; `turns` are the runs that have begun. */
function held(options: Partial<QueueOptions> = {}, run: Run = doubled): { queue: Queue; turns: Turn[] } {
  const turns: Turn[] = [];
  const queue = openQueue(
    (given) =>
      new Promise((resolve, reject) => {
        turns.push({ rows: rowsOf(given), go: () => void run(given).then(resolve, reject) });
      }),
    { maxBatch: 4, maxQueue: 3, ...options },
  );
  return { queue, turns };
}

/** Lets everything happen that needs no other turn of the model. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const firsts = (outputs: Tensors): number[] => [...outputs['y']!.data].filter((_, i) => i % 2 === 0).map(Number);

describe('a queue', () => {
  test('runs at once when idle, and together what has queued when free', async () => {
    const { queue, turns } = held();
    const answers = [queue.run(inputs(1), never()), queue.run(inputs(2, 3), never()), queue.run(inputs(4), never())];
    expect(turns.map(({ rows }) => rows)).toEqual([1]);
    expect(queue.depth).toBe(2);
    turns[0]!.go();
    await settled();
    expect(turns.map(({ rows }) => rows)).toEqual([1, 3]);
    turns[1]!.go();
    const found = await Promise.all(answers);
    expect(found.map(({ outputs }) => firsts(outputs))).toEqual([[1], [2, 3], [4]]);
    expect(found.map(({ batch }) => batch)).toEqual([1, 3, 3]);
    expect(found[1]!.outputs).toEqual({
      y: { shape: [2, 2], data: Float32Array.of(2, 4, 3, 6) },
      n: { shape: [2], data: BigInt64Array.of(2n, 3n) },
    });
    expect(queue.depth).toBe(0);
  });

  test('splits no request, and lets none overtake another', async () => {
    const { queue, turns } = held();
    void queue.run(inputs(0), never());
    const answers = [[1, 2], [3, 4, 5], [6]].map((rows) => queue.run(inputs(...rows), never()));
    turns[0]!.go();
    await settled();
    turns[1]!.go();
    await settled();
    expect(turns.map(({ rows }) => rows)).toEqual([1, 2, 4]);
    turns[2]!.go();
    expect((await Promise.all(answers)).map(({ outputs }) => firsts(outputs))).toEqual([[1, 2], [3, 4, 5], [6]]);
  });

  test('splits what is larger than a batch by itself', async () => {
    const { queue, turns } = held();
    const answer = queue.run(inputs(1, 2, 3, 4, 5, 6, 7, 8, 9), never());
    for (const n of [0, 1, 2]) {
      turns[n]!.go();
      await settled();
    }
    expect(turns.map(({ rows }) => rows)).toEqual([4, 4, 1]);
    expect(firsts((await answer).outputs)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect((await answer).batch).toBe(4);
  });

  test('has room for so many that wait, and says when there will be more', async () => {
    const { queue, turns } = held({ maxQueue: 2 });
    const answers = [1, 2, 3].map((n) => queue.run(inputs(n), never()));
    const refusal = await queue.run(inputs(4), never()).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ status: 503, headers: { 'Retry-After': '1' } });
    expect(refusal).toBeInstanceOf(Refusal);
    turns[0]!.go();
    await settled();
    turns[1]!.go();
    expect((await Promise.all(answers)).flatMap(({ outputs }) => firsts(outputs))).toEqual([1, 2, 3]);
  });

  test('forgets who leaves it, and takes nobody who has left already', async () => {
    const { queue, turns } = held();
    const first = queue.run(inputs(1), never());
    const leaving = new AbortController();
    const left = queue.run(inputs(2), leaving.signal);
    const stays = queue.run(inputs(3), never());
    leaving.abort(new Refusal(499, 'gone'));
    await expect(left).rejects.toThrow('gone');
    await expect(queue.run(inputs(5), leaving.signal)).rejects.toThrow('gone');
    expect(queue.depth).toBe(1);
    turns[0]!.go();
    await first;
    await settled();
    expect(turns.map(({ rows }) => rows)).toEqual([1, 1]);
    turns[1]!.go();
    expect(firsts((await stays).outputs)).toEqual([3]);
  });

  test('answers who leaves while it is computed, and goes on with the others', async () => {
    const { queue, turns } = held();
    const leaving = new AbortController();
    const left = queue.run(inputs(1, 2, 3, 4, 5, 6), leaving.signal);
    const stays = queue.run(inputs(7), never());
    leaving.abort(new Refusal(504, 'late'));
    await expect(left).rejects.toThrow('late');
    turns[0]!.go();
    await settled();
    // The rest of what nobody waits for is not computed.
    expect(turns.map(({ rows }) => rows)).toEqual([4, 1]);
    turns[1]!.go();
    expect(firsts((await stays).outputs)).toEqual([7]);
  });

  test('keeps what fails by one request from the others', async () => {
    const failing: Run = (given) =>
      [...given['x']!.data].includes(3) ? Promise.reject(new Error('3 is wrong')) : doubled(given);
    const { queue, turns } = held({}, failing);
    void queue.run(inputs(1), never());
    const [good, bad, other] = [2, 3, 4].map((n) => queue.run(inputs(n), never()));
    const failed = expect(bad).rejects.toThrow('3 is wrong');
    for (let n = 0; n < 5; n++) {
      turns[n]!.go();
      await settled();
    }
    await failed;
    expect(turns.map(({ rows }) => rows)).toEqual([1, 3, 1, 1, 1]);
    expect(firsts((await good!).outputs)).toEqual([2]);
    expect(firsts((await other!).outputs)).toEqual([4]);
  });

  test('gives everybody what is theirs, however requests fall together', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.integer({ min: -99, max: 99 }), { minLength: 1, maxLength: 9 }), {
          minLength: 1,
          maxLength: 12,
        }),
        fc.integer({ min: 1, max: 6 }),
        async (requests, maxBatch) => {
          const ran: number[] = [];
          const queue = openQueue(async (given) => (await settled(), doubled(given)), {
            ...{ maxBatch, maxQueue: 99 },
            onRun: (rows) => ran.push(rows),
          });
          const found = await Promise.all(requests.map((numbers) => queue.run(inputs(...numbers), never())));
          expect(found.map(({ outputs }) => firsts(outputs))).toEqual(requests);
          expect(Math.max(...ran)).toBeLessThanOrEqual(maxBatch);
          expect(ran.reduce((a, b) => a + b, 0)).toBe(requests.flat().length);
        },
      ),
    );
  });
});
