/** What is told to those who do not see that values change: the latest of it, and never more often than they can listen. */

export interface Clock {
  /** In milliseconds. */
  readonly now: () => number;
  readonly after: (milliseconds: number, work: () => void) => void;
}

/**
 * Passes texts on to `say`, the first at once and then at most one each `pause` milliseconds: of those that come in between,
 * the last.
 */
export function announcer(
  say: (text: string) => void,
  { pause = 5000, clock = realClock }: { readonly pause?: number; readonly clock?: Clock } = {},
): (text: string) => void {
  let free = -Infinity;
  let waiting: string | undefined;
  const speak = (text: string): void => {
    free = clock.now() + pause;
    say(text);
  };
  return (text) => {
    if (waiting !== undefined) {
      waiting = text;
      return;
    }
    const wait = free - clock.now();
    if (wait <= 0) {
      speak(text);
      return;
    }
    waiting = text;
    clock.after(wait, () => {
      const last = waiting;
      waiting = undefined;
      if (last !== undefined) speak(last);
    });
  };
}

const realClock: Clock = {
  now: () => performance.now(),
  after: (milliseconds, work) => void setTimeout(work, milliseconds),
};
