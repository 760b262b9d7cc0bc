/** Ranks that are killed, again and again, beside the other tests of ranks: this takes as long as all of those. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../cli/decalign.ts';
import { onRanks, processOfRank, whyNoMpi } from './mpirun.ts';
import { lastWeights, smallRun } from './small-run.ts';

const problem = whyNoMpi();
const folder = temporaryFolder();
const [killed, undisturbed] = [path.join(folder, 'killed'), path.join(folder, 'undisturbed')];
/** Twice as many as there are kills: a signal may arrive an epoch after the line that it is sent at. */
const epochs = ['--epochs', '40'];

test.skipIf(problem !== undefined)(
  'ranks of which one is killed at any of 20 instants go on to the weights of those that were left alone',
  async () => {
    for (let kill = 0; kill < 20; kill++) {
      let done = false;
      const { code, stderr } = await onRanks(
        2,
        smallRun(killed, [...epochs, '--checkpoint-every', '1', ...(kill > 0 ? ['--resume'] : [])]),
        {
          onStderr(text) {
            // The first line of progress is an instant like any other: steps and checkpoints go on until the signal arrives.
            if (done || !/^(pretraining|epoch) \d+\//m.test(text)) return;
            done = true;
            process.kill(processOfRank(kill % 2, killed)!, 'SIGKILL');
          },
        },
      );
      expect({ done, stderr }).toMatchObject({ done: true });
      expect(code).not.toBe(0);
      expect(stderr).toMatch(new RegExp(`rank ${kill % 2} .*(Killed|signal 9)`));
    }
    expect(existsSync(path.join(killed, 'result.json'))).toBe(false);
    const { code } = await onRanks(2, smallRun(killed, [...epochs, '--resume']));
    expect(code).toBe(0);
    await onRanks(2, smallRun(undisturbed, epochs));
    expect(await lastWeights(killed)).toEqual(await lastWeights(undisturbed));
  },
);
