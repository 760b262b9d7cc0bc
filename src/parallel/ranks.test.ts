import { describe, expect, test } from 'vitest';
import { gatherTexts, oneRank, shareOf, textOfFirst } from './ranks.ts';
import { ranksOfOneProcess } from './testing.ts';
import { together, ToldElsewhere } from './together.ts';

describe('shareOf', () => {
  test.each([
    [32, 4],
    [7, 3],
    [2, 3],
    [0, 2],
  ])('divides %i in order into %i, as evenly as can be', (count, parts) => {
    const shares = Array.from({ length: parts }, (_, i) => shareOf(count, i, parts));
    expect([shares[0]!.from, shares.at(-1)!.to]).toEqual([0, count]);
    for (const [i, { from }] of shares.slice(1).entries()) expect(from).toBe(shares[i]!.to);
    const sizes = shares.map(({ from, to }) => to - from);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
  });
});

test('texts of each rank are there on every rank, letters outside ASCII and empty ones too', async () => {
  const texts = ['déjà', '', '数'];
  const gathered = await Promise.all(ranksOfOneProcess(3).map((ranks) => gatherTexts(ranks, texts[ranks.rank]!)));
  expect(gathered).toEqual([texts, texts, texts]);
  const first = await Promise.all(ranksOfOneProcess(2).map((ranks) => textOfFirst(ranks, `of ${ranks.rank}`)));
  expect(first).toEqual(['of 0', 'of 0']);
  expect(await gatherTexts(oneRank, 'alone')).toEqual(['alone']);
});

describe('work that all have to succeed in', () => {
  const outcomes = (fail: Readonly<Record<number, string>>): Promise<PromiseSettledResult<number>[]> =>
    Promise.allSettled(
      ranksOfOneProcess(3).map((ranks) =>
        together(ranks, () => {
          if (fail[ranks.rank] !== undefined) throw new RangeError(fail[ranks.rank]);
          return ranks.rank;
        }),
      ),
    );

  test('gives each its own value', async () => {
    expect(await outcomes({})).toEqual([0, 1, 2].map((value) => ({ status: 'fulfilled', value })));
  });
  test('fails by the error of rank 0, and silently on the others', async () => {
    const [first, ...others] = await outcomes({ 0: 'no file', 2: 'no memory' });
    expect(first).toEqual({ status: 'rejected', reason: new RangeError('no file') });
    for (const other of others) expect(other).toEqual({ status: 'rejected', reason: new ToldElsewhere('no file') });
  });
  test('fails by that of another, with its number', async () => {
    const [first] = await outcomes({ 2: 'no memory' });
    expect(first).toEqual({ status: 'rejected', reason: new Error('Rank 2 of 3: no memory') });
  });
});
