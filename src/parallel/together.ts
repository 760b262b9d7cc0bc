import { gatherTexts, type Ranks } from './ranks.ts';

/** An error that another rank tells of, so that this one ends by it in silence. */
export class ToldElsewhere extends Error {
  override readonly name = 'ToldElsewhere';
}

/** Ranks that have not answered. */
export class SilentRanks extends Error {
  override readonly name = 'SilentRanks';
  /** Which they are, in ascending order. */
  readonly silent: readonly number[];

  constructor(message: string, silent: readonly number[]) {
    super(message);
    this.silent = silent;
  }
}

/**
 * Does some work on every rank that all have to succeed in. Where one fails, all do: rank 0 with its own error, or with that of
 * the first other, named by its rank; the others with a `ToldElsewhere`.
 */
export async function together<T>(ranks: Ranks, work: () => T | Promise<T>): Promise<T> {
  if (ranks.size === 1) return work();
  let outcome: { readonly value: T } | { readonly error: unknown };
  try {
    outcome = { value: await work() };
  } catch (error) {
    outcome = { error };
  }
  const told = await gatherTexts(ranks, 'error' in outcome ? messageOf(outcome.error) : '');
  const first = told.findIndex((message) => message !== '');
  if (first < 0 && 'value' in outcome) return outcome.value;
  if (ranks.rank > 0) throw new ToldElsewhere(told[first]);
  throw 'error' in outcome ? outcome.error : new Error(`Rank ${first} of ${ranks.size}: ${told[first]!}`);
}

/** Throws an Error, which names the rank, where one was called with other options than rank 0: they would wait for each other. */
export async function checkAlike(ranks: Ranks, call: string): Promise<void> {
  if (ranks.size === 1) return;
  const calls = await gatherTexts(ranks, call);
  const other = calls.findIndex((each) => each !== calls[0]);
  if (other < 0) return;
  const message = `Rank ${other} of ${ranks.size} was started with other options (${calls[other]!}) than rank 0 (${calls[0]!}): start all by one call.`;
  throw ranks.rank === 0 ? new Error(message) : new ToldElsewhere(message);
}

const messageOf = (error: unknown): string => (error instanceof Error && error.message ? error.message : String(error));
