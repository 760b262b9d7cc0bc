/** For the tests of what is stored only. */

import { expect } from 'vitest';
import type { NumericData } from './array.ts';
import { bytesOf } from './numbers.ts';
import { OpenFile } from './open-file.ts';
import { StoredBytes } from './stored.ts';
import { withFile } from '../testing.ts';

/** Calls `use` with the bytes in a file, as a run of it. */
export const stored = <T>(bytes: Uint8Array, use: (run: StoredBytes, path: string) => Promise<T>): Promise<T> =>
  withFile(bytes, async (path) => {
    const file = await OpenFile.open(path);
    try {
      return await use(new StoredBytes(file, 0, file.size), path);
    } finally {
      await file.close();
    }
  });

/** Element by element, an assertion on a million takes minutes. */
export function expectEqual(actual: NumericData, expected: NumericData): void {
  expect([actual.constructor, actual.length]).toEqual([expected.constructor, expected.length]);
  expect(Buffer.compare(bytesOf(actual), bytesOf(expected))).toBe(0);
}
