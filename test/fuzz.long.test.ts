/** A few hundred of the damaged files of `npm run fuzz`, always the same. */

import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FormatError } from '../src/files/error.ts';
import { formats } from '../src/formats/formats.ts';
import { Attempts } from './fuzz/attempt.ts';
import { seeded } from './fuzz/mutate.ts';
import { type Target, targets } from './fuzz/targets.ts';

describe.each(targets)('a damaged file of $format', (target) => {
  it('is read, or refused in one line, in bounded time and memory, and nothing is written', async () => {
    const attempts = new Attempts();
    try {
      await attempts.begin([target]);
      const count = 100;
      const outcomes: string[] = [];
      for (let i = 0; i < count; i++) outcomes.push(await attempts.damaged(target, seeded(i)));
      expect(outcomes.filter((outcome) => outcome === 'refused').length).toBeGreaterThan(count / 4);
    } finally {
      attempts.close();
    }
  });
});

it('damages files of every format', () => {
  const fuzzed = new Set(targets.map(({ extension }) => extension));
  const others = formats.filter(({ endings }) => !endings.some((ending) => fuzzed.has(ending)));
  expect(others.map(({ name }) => name)).toEqual([]);
});

describe('a reader that does not do so', () => {
  it.each<[string, Target['open'], string]>([
    ['an error of another kind', () => Promise.reject(new TypeError('x is undefined')), 'TypeError: x is undefined'],
    ['an error of two lines', (file) => Promise.reject(new Two(file)), 'said'],
    [
      'a file of its own',
      (file) => {
        writeFileSync(join(dirname(file), 'own'), '');
        return Promise.reject(new FormatError(file, 'is damaged.'));
      },
      'left own',
    ],
  ])('is found out by %s', async (_, open, message) => {
    const attempts = new Attempts();
    const target: Target = { format: 'test', extension: '.x', open, seeds: [Uint8Array.of(1, 2, 3)] };
    await expect(attempts.damaged(target, seeded(1))).rejects.toThrow(message);
    attempts.close();
  });
});

class Two extends FormatError {
  override readonly message: string;

  constructor(file: string) {
    super(file, '');
    this.message = `${file}: one\ntwo`;
  }
}
