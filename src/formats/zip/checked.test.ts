import { readFileSync, writeFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isInFile, NdArray } from '../bytes/array.ts';
import { BytesSource } from '../bytes/source.ts';
import { openFile } from '../open.ts';
import { withFile } from '../testing.ts';
import { writeFile } from '../write.ts';
import { CheckedSource } from './checked.ts';

const damaged = /does not have the checksum that the archive gives; it is damaged, copy the archive again/;

describe('the checksum of a stored file', () => {
  const range = fc.tuple(fc.nat(199), fc.nat(200)).map(([start, length]) => [start, Math.min(200, start + length)]);

  it('is looked at when the last byte of it was read, in whichever order and pieces', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 200, maxLength: 200 }),
        fc.array(range),
        fc.boolean(),
        (bytes, reads, sound) => {
          const source = new CheckedSource(new BytesSource(bytes, 'x'), sound ? crc32(bytes) : crc32(bytes) ^ 1);
          const seen = new Set<number>();
          for (const [start, end] of [...reads, [0, 90], [110, 200], [80, 120]] as [number, number][]) {
            const into = new Uint8Array(end - start);
            for (let i = start; i < end; i++) seen.add(i);
            const read = (): void => source.readNow(into, start);
            if (seen.size === 200 && !sound) expect(read).toThrow(damaged);
            else read();
            expect(into).toEqual(bytes.slice(start, end));
          }
          expect(seen.size).toBe(200);
        },
      ),
    );
  });

  it('is looked at while other work goes on, too', async () => {
    const bytes = new Uint8Array(100).fill(7);
    const source = new CheckedSource(new BytesSource(bytes, 'x'), crc32(bytes) ^ 4);
    await source.read(new Uint8Array(60), 40);
    await expect(source.read(new Uint8Array(40), 0)).rejects.toThrow(damaged);
    await expect(source.read(new Uint8Array(1), 0)).rejects.toThrow(damaged);
  });
});

const numbers = Float32Array.from({ length: 5000 }, (_, i) => i / 7);

/** Has `use` read a file, written by its name, in which one bit of the numbers is not as it was. */
const withFlipped = (name: string, use: (file: string) => Promise<void>): Promise<void> =>
  withFile(
    new Uint8Array(0),
    async (file) => {
      await writeFile(file, new Map([['x', new NdArray([50, 100], 'float32', numbers)]]));
      const bytes = readFileSync(file);
      const at = bytes.indexOf(new Uint8Array(numbers.buffer, 4 * 2500, 400));
      bytes[at + 3]! ^= 16;
      writeFileSync(file, bytes);
      await use(file);
    },
    { name },
  );

describe.each(['x.npz', 'x.pt'])('a bit that flipped in a stored member of %s', (name) => {
  const ways: readonly (readonly [string, (array: NdArray) => unknown])[] = [
    ['whole', ({ data }) => data],
    ['as floats', ({ elements }) => isInFile(elements) && elements.readFloat32()],
    [
      'in pieces',
      async ({ elements }) => {
        if (isInFile(elements)) for await (const piece of elements.pieces()) expect(piece.length).toBeGreaterThan(0);
      },
    ],
    [
      'a row at a time, in any order',
      ({ elements }) => {
        for (let row = 0; row < 50; row++)
          if (isInFile(elements)) elements.fillNow(new Float32Array(100), ((row * 7) % 50) * 100);
      },
    ],
  ];

  it.each(ways)('is told when the array was read %s', async (_, read) => {
    await withFlipped(name, async (file) => {
      const { value, close } = await openFile(file);
      const array = (value as Map<string, NdArray>).get('x')!;
      await expect(Promise.resolve().then(() => read(array))).rejects.toThrow(damaged);
      await close();
    });
  });
});
