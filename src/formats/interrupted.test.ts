/** Reading heeds a signal, however long it takes: a file of plain values is gone through one by one. */

import { describe, expect, it } from 'vitest';
import { openFile } from './open.ts';
import { withFile } from './testing.ts';

/** A list of so many numbers, each of which takes two bytes. */
function numbers(count: number): Uint8Array {
  const head = Buffer.from('\x80\x02](', 'latin1');
  const bytes = Buffer.alloc(head.length + 2 * count + 2, 'K');
  head.copy(bytes);
  bytes.write('e.', bytes.length - 2);
  return bytes;
}

const rows = (row: string, count: number): Uint8Array => Buffer.from(`x,y\n${row.repeat(count)}`);

describe('a signal ends the reading', () => {
  it.each([
    ['x.pkl', numbers(8_000_000)],
    ['x.csv', rows('1.5,2.5\n', 500_000)],
  ])('of %s', async (name, bytes) => {
    await withFile(
      bytes,
      async (file) => {
        const controller = new AbortController();
        const timer = setTimeout(() => controller.abort(), 50);
        const start = process.cpuUsage();
        const opening = openFile(file, { signal: controller.signal });
        await expect(opening).rejects.toThrow();
        clearTimeout(timer);
        expect(controller.signal.aborted).toBe(true);
        // To read it all takes more of the processor than that by far, on any machine, however busy it is.
        const heeded = process.cpuUsage(start);
        const again = process.cpuUsage();
        const { close } = await openFile(file);
        expect(heeded.user).toBeLessThan(process.cpuUsage(again).user / 2);
        await close();
      },
      { name },
    );
  });
});
