import { expect, test } from 'vitest';
import { announcer } from './announcements.ts';

test('announces at once, then the latest at most every five seconds', () => {
  let now = 0;
  const timers: { readonly at: number; readonly work: () => void }[] = [];
  const passTo = (time: number): void => {
    now = time;
    for (const timer of timers.splice(0))
      if (timer.at <= now) timer.work();
      else timers.push(timer);
  };
  const said: [number, string][] = [];
  const clock = {
    now: () => now,
    after: (wait: number, work: () => void) => void timers.push({ at: now + wait, work }),
  };
  const announce = announcer((text) => said.push([now, text]), { clock });
  announce('epoch 1');
  passTo(1000);
  announce('epoch 2');
  announce('epoch 3');
  passTo(4999);
  announce('epoch 4');
  passTo(5000);
  passTo(6000);
  announce('epoch 5');
  passTo(10_000);
  passTo(20_000);
  announce('epoch 6');
  expect(said).toEqual([
    [0, 'epoch 1'],
    [5000, 'epoch 4'],
    [10_000, 'epoch 5'],
    [20_000, 'epoch 6'],
  ]);
});
