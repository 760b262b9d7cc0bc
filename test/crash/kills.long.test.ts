import { expect, test } from 'vitest';
import { temporaryFolder } from '../cli/decalign.ts';
import { killAgainAndAgain } from './kills.ts';

const folder = temporaryFolder();

// npm run crash does the same with 100 kills and more.
test('killed twenty times at any instant, runs come to the very bits of one that was left alone', async () => {
  const tally = await killAgainAndAgain({ folder, kills: 20, seed: 3 });
  expect(tally).toMatchObject({ kills: 20, failures: [] });
  expect(tally.inCheckpoint).toBeGreaterThan(0);
});
