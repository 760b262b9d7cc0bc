/**
 * A run over several ranks. Rank 0 has the run directory and does all that a run does; it tells the others what it begins, and
 * they train beside it, write nothing, and have no result.
 */
import { createHash } from 'node:crypto';
import { arch, cpus } from 'node:os';
import { treeDifferences } from '../json/tree.ts';
import { gatherTexts, textOfFirst, type Ranks } from '../parallel/ranks.ts';
import { together, ToldElsewhere } from '../parallel/together.ts';
import { DivergedError, train, type EventOf, type StateDict, type TrainingState } from '../train/index.ts';
import { asBegun } from './as-begun.ts';
import { hashOf } from './data-hash.ts';
import type { Prepared } from './prepare.ts';
import { readCheckpoint } from './record/checkpoint.ts';
import { trainOptions } from './train-options.ts';
import { version } from './version.ts';

/** What rank 0 begins: a training, or nothing where the run is finished. */
interface Beginning {
  readonly seed: number;
  readonly resuming: boolean;
  /** The step that it goes on after; 0 at the beginning. */
  readonly step: number;
  readonly patienceFrom?: number | undefined;
  /** What must be the same on every rank. */
  readonly same: { readonly version: string; readonly samples: string; readonly configuration: unknown };
}

type Begun = Omit<Beginning, 'same'>;

/** What a run over ranks is begun with: as many parts of each batch, if the call does not say another number, which its record keeps. */
export function divided(prepared: Prepared, { size }: Ranks): Prepared {
  const { config } = prepared;
  if (size === 1 || config.train.parts !== undefined) return prepared;
  return { ...prepared, config: { ...config, train: { ...config.train, parts: size } } };
}

/**
 * Tells the other ranks what is begun, and waits for them to be ready for it. Returns a warning where their processors differ.
 * Throws an Error that names a rank which has other data, another configuration or version.
 */
export async function lead(ranks: Ranks, prepared: Prepared, begun: Begun): Promise<string | undefined> {
  const same = sameOf(prepared);
  await textOfFirst(ranks, JSON.stringify({ ...begun, same } satisfies Beginning));
  return meet(ranks, () => undefined);
}

/** Tells the other ranks that there is nothing to train. */
export const leadNowhere = async (ranks: Ranks): Promise<void> => {
  await textOfFirst(ranks, 'null');
};

interface Follower {
  readonly directory: string;
  readonly ranks: Ranks;
  readonly signal?: AbortSignal | undefined;
}

/** What rank 0 does alone before it tells what it begins, such as measuring the run before, may take so many deadlines. */
const patience = 24;

/** Trains beside rank 0, and yields how that ended. */
export async function* follow(asked: Prepared, { directory, ranks, signal }: Follower): AsyncGenerator<EventOf<'end'>> {
  const told = JSON.parse(await textOfFirst(ranks, '', patience)) as Beginning | null;
  if (told === null) return;
  let ready: { readonly prepared: Prepared; readonly state: TrainingState | undefined } | undefined;
  await meet(ranks, async () => {
    const prepared = told.resuming ? asBegun(asked, directory) : divided(asked, ranks);
    checkSame(told.same, sameOf(prepared));
    const state = told.step > 0 ? (await readCheckpoint(directory, prepared.parameters))?.state : undefined;
    if ((state?.step ?? 0) !== told.step)
      throw new Error(
        `it does not see the checkpoint of step ${told.step} in ${directory}: going on with a run needs its directory on every machine.`,
      );
    ready = { prepared, state };
  });
  const { prepared, state } = ready!;
  const { seed, patienceFrom } = told;
  try {
    for await (const event of train(trainOptions(prepared, { seed, state, patienceFrom, signal, ranks }))) {
      if (event.type === 'epoch') await compareWeights(ranks, event.state.parameters, event.epoch);
      if (event.type === 'end') yield event;
    }
  } catch (error) {
    // The ranks have the same numbers, so that rank 0 has met it as well.
    throw error instanceof DivergedError ? new ToldElsewhere(error.message) : error;
  }
}

const processor = (): string => `${cpus()[0]?.model ?? 'unknown'}, ${arch()}`;

/** Does what every rank has to succeed in before the first step. Returns a warning where processors differ. */
async function meet(ranks: Ranks, prepare: () => unknown): Promise<string | undefined> {
  await together(ranks, prepare);
  const processors = await gatherTexts(ranks, processor());
  const other = processors.findIndex((each) => each !== processors[0]);
  return other < 0
    ? undefined
    : `Rank ${other} has another processor (${processors[other]!}) than rank 0 (${processors[0]!}): their numbers may differ in the ` +
        'last bits. Training ends where they do; ranks on machines of one kind have the same ones.';
}

const sameOf = ({ config, dataset }: Prepared): Beginning['same'] => ({
  version,
  samples: hashOf(dataset),
  configuration: JSON.parse(JSON.stringify(config)) as unknown,
});

function checkSame(first: Beginning['same'], own: Beginning['same']): void {
  const shown = (value: unknown): string => (value === undefined ? 'absent' : JSON.stringify(value));
  if (own.samples !== first.samples)
    throw new Error(
      `it has other samples than rank 0 (their hash is ${own.samples}, and there ${first.samples}): every rank needs the same data.`,
    );
  const different = treeDifferences(first, own).next().value;
  if (different)
    throw new Error(
      `its ${different.key} is ${shown(different.after)}, where rank 0 has ${shown(different.before)}: every rank needs the same.`,
    );
}

/** Throws an Error, that names the rank, where the weights of one are not those of rank 0 bit for bit. */
export async function compareWeights(ranks: Ranks, parameters: StateDict, epoch: number): Promise<void> {
  if (ranks.size === 1) return;
  const hash = createHash('sha256');
  for (const name of Object.keys(parameters).sort()) {
    const { buffer, byteOffset, byteLength } = parameters[name]!;
    hash.update(name).update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  const hashes = await gatherTexts(ranks, hash.digest('hex').slice(0, 16));
  const other = hashes.findIndex((each) => each !== hashes[0]);
  if (other < 0) return;
  const message =
    `After epoch ${epoch} rank ${other} has other weights than rank 0: processors of several kinds round differently. Use machines of one ` +
    'kind. The run is as it was one epoch before.';
  throw ranks.rank === 0 ? new Error(message) : new ToldElsewhere(message);
}
