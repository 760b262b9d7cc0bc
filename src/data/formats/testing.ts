/** For the tests of this folder only. */

import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { FormatError } from './error.ts';

export const fixture = (path: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`../../../test/fixtures/${path}`, import.meta.url)));

/** Cuts `original` short or alters some of its bytes; `read` must give a value or a one-line FormatError. */
export function survivesDamage(original: Uint8Array, read: (bytes: Uint8Array) => unknown): void {
  const place = fc.double({ min: 0, max: 0.999999, noNaN: true });
  const cut = place.map((at) => original.slice(0, Math.floor(at * original.length)));
  const altered = fc.array(fc.tuple(place, fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 8 });
  const flipped = altered.map((changes) => {
    const bytes = original.slice();
    for (const [at, mask] of changes) bytes[Math.floor(at * bytes.length)]! ^= mask;
    return bytes;
  });
  const outcome = (bytes: Uint8Array): 'value' | 'error' => {
    try {
      read(bytes);
      return 'value';
    } catch (error) {
      if (error instanceof FormatError && !error.message.includes('\n')) return 'error';
      throw error;
    }
  };
  fc.assert(
    fc.property(cut, (bytes) => outcome(bytes) === 'error'),
    { numRuns: 300 },
  );
  fc.assert(
    fc.property(flipped, (bytes) => void outcome(bytes)),
    { numRuns: 1000 },
  );
}
