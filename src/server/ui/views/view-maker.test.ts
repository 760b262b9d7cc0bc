/** The process that makes views: it ends where nobody asks for long, and whoever asks then has another. */
import { setTimeout } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { NoViewError, ViewMaker } from './view-maker.ts';

const maker = new ViewMaker({ patience: 1 });
afterEach(() => maker.close());

test('what is asked for while the idle process ends is made by another', async () => {
  for (const version of ['1', '2']) {
    await expect(maker.make('facts', [{ directory: '/nowhere', version }])).rejects.toThrow(NoViewError);
    // Its process is told to end before this goes on, and has not done so yet.
    await setTimeout(1);
  }
});
