import type { LockOptions, RunLock, Waiting } from './run-lock.ts';

/** The lock that a generator such as `lockRun` comes to, and what it said meanwhile. */
export async function taken(
  locking: AsyncGenerator<Waiting, RunLock>,
): Promise<RunLock & { readonly said: readonly string[] }> {
  const said: string[] = [];
  for (;;) {
    const { done, value } = await locking.next();
    if (done) return { ...value, said };
    said.push(value.message);
  }
}

/** A clock that goes on by what is slept, `each` time with something done; no test waits for it. */
export function madeClock(each: (time: number) => void = () => undefined): NonNullable<LockOptions['clock']> {
  let time = 0;
  return {
    now: () => time,
    sleep: async (pause, signal) => {
      signal?.throwIfAborted();
      each((time += pause));
      await Promise.resolve();
    },
  };
}
