/** Ranks over MPI, in which every wait has a deadline: what an MPI library itself does when a machine vanishes is to wait for ever. */
import { setImmediate, setTimeout } from 'node:timers/promises';
import type { MpiLibrary, Request } from './mpi-library.ts';
import { orderedSum, type OrderedSum } from './ordered-sum.ts';
import { addInOrder, gatherTexts, type Ranks } from './ranks.ts';
import { SilentRanks } from './together.ts';

export interface MpiRanks extends Ranks {
  readonly host: string;
  /** Waits for the others and ends MPI; nothing can be summed after it. */
  finalize(): void;
  /** Ends every rank at once. */
  abort(code: number): void;
}

export interface MpiOptions {
  /** Seconds that a rank waits for others before it gives them up. */
  readonly deadline: number;
}

/** Polls of a sum before a rank leaves its core to others for a while. */
const eagerPolls = 2000;
/** Milliseconds from one look for a roll call to the next. */
const listening = 500;
/** The part of the deadline that a roll call takes, and the least of it in milliseconds: on a busy machine the living answer late. */
const rollCall = { part: 0.1, least: 5000 };

/** Makes ranks of an opened library, once all have met. */
export async function mpiRanks(library: MpiLibrary, { deadline }: MpiOptions): Promise<MpiRanks> {
  const { rank, size } = library;
  let hosts: readonly string[] = [];

  const others = (): number[] => Array.from({ length: size }, (_, other) => other).filter((other) => other !== rank);

  /** Throws an Error that names the ranks which do not answer. */
  async function callRoll(): Promise<never> {
    const until = performance.now() + Math.max(rollCall.least, rollCall.part * deadline * 1000);
    for (const other of others()) library.startSend(other);
    let silent = others().map((other) => ({ other, answer: library.startReceive(other) }));
    while (silent.length > 0 && performance.now() < until) {
      silent = silent.filter(({ answer }) => !answer.test());
      await setTimeout(10);
    }
    const named = silent.map(({ other }) => `${other} (${hosts[other] ?? 'host unknown'})`);
    const who =
      named.length === 0
        ? 'The ranks have not met'
        : `${named.length === 1 ? 'Rank' : 'Ranks'} ${named.join(', ')} gave no answer`;
    throw new SilentRanks(
      `${who} within ${deadline} s, and training over ${size} ranks ends here. --resume goes on from the last checkpoint, with any number of ranks; ` +
        'where a step takes longer than that, DECALIGN_DEADLINE gives more seconds.',
      silent.map(({ other }) => other),
    );
  }

  async function waitFor(request: Request, patience = 1): Promise<void> {
    const start = performance.now();
    let listened = start;
    for (let polls = 0; !request.test(); polls++) {
      if (polls < eagerPolls) await setImmediate();
      else await setTimeout(1);
      const now = performance.now();
      if (now - listened < listening) continue;
      listened = now;
      if (now - start > patience * deadline * 1000 || library.isCalled()) await callRoll();
    }
  }

  let known: (OrderedSum & { readonly key: string }) | undefined;
  /** What sums in order of so many numbers are done by; kept for the next. */
  function orderedFor(length: number, counts: readonly number[]): OrderedSum {
    const key = `${length} ${counts.join(' ')}`;
    if (known?.key !== key) known = { key, ...orderedSum(length, counts, rank) };
    return known;
  }

  // V8 keeps small arrays where it may move them during a wait: they are summed in memory of their own.
  const small = new Float32Array(new ArrayBuffer(256));
  const ranks: Ranks = {
    ...{ rank, size, beside: size },
    async sum(values, patience) {
      if (values.length > small.length) return waitFor(library.startSum(values), patience);
      const held = small.subarray(0, values.length);
      held.set(values);
      await waitFor(library.startSum(held), patience);
      values.set(held);
    },
    async sumInOrder(addends, total, counts) {
      const { slices, rounds, received, taken } = orderedFor(total.length, counts);
      for (const [j, { from, to }] of rounds.entries()) {
        await waitFor(library.startExchange(addends[j] ?? total, from, received, to));
      }
      const { offsets, lengths } = slices;
      addInOrder(taken, total.subarray(offsets[rank], offsets[rank]! + lengths[rank]!));
      await waitFor(library.startSharing(total, slices));
    },
  };
  hosts = await gatherTexts(ranks, library.host);
  const { host } = library;
  return {
    ...ranks,
    ...{ host, beside: hosts.filter((each) => each === host).length },
    finalize: () => library.finalize(),
    abort: (code) => library.abort(code),
  };
}
