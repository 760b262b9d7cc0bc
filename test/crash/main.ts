/**
 * `npm run crash`: kills a training run at any instant and resumes it, again and again, and compares what it comes to,
 * bit for bit, with a run that was left alone. `-- --kills 100 --seed 7` chooses; it fails unless all are the same.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { lane, wholeFrom } from '../lane.ts';
import { killAgainAndAgain } from './kills.ts';

const { kills, seed } = lane('crash', 'Kills a training run at any instant, resumes it, and compares what it comes to.')
  .option('--kills <n>', 'how often', wholeFrom(1), 100)
  .option('--seed <n>', 'chooses the instants', wholeFrom(0), Date.now() % 1_000_000)
  .parse()
  .opts<{ readonly kills: number; readonly seed: number }>();
const folder = mkdtempSync(path.join(tmpdir(), 'decalign-crash-'));
const start = performance.now();
console.log(`crash: --kills ${kills} --seed ${seed}`);
const tally = await killAgainAndAgain({
  ...{ folder, kills, seed },
  onKill: (now) => {
    if (now.kills % 10 === 0) console.log(`${now.kills} kills, ${now.runs} runs finished and compared`);
  },
});
const minutes = ((performance.now() - start) / 60_000).toFixed(1);
console.log(
  `${tally.kills} kills in ${minutes} min, ${tally.inFile} of them within a file and ${tally.inCheckpoint} within a checkpoint; ` +
    `${tally.runs} runs compared, ${tally.failures.length} failures`,
);
for (const failure of tally.failures) console.error(failure);
if (tally.failures.length > 0) process.exitCode = 1;
else rmSync(folder, { recursive: true });
