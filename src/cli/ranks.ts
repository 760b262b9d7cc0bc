/** A command over the ranks that MPI's launcher has started: rank 0 alone is heard, and all of them end together. */
import { setTimeout } from 'node:timers/promises';
import { checkInstalled } from '../files/packages.ts';
import { launchOf, strangersOf, type Launch } from '../parallel/launch.ts';
import type { MpiLibrary } from '../parallel/mpi-library.ts';
import type { MpiRanks } from '../parallel/mpi.ts';
import { oneRank, type Ranks } from '../parallel/ranks.ts';
import { SilentRanks, ToldElsewhere } from '../parallel/together.ts';
import { UsageError } from './usage-error.ts';

/** Seconds that a rank waits for the others, where DECALIGN_DEADLINE does not say. */
const usualDeadline = 300;

/** Milliseconds that rank 0 has to start on a busy machine, to tell of what is wrong with the call, and to end the others by that. */
const headStart = 5000;

/** Names of the libraries of Open MPI, and of MPICH and its kin, as systems call them. */
const libraries: Readonly<Partial<Record<NodeJS.Platform, readonly (readonly string[])[]>>> = {
  linux: [
    ['libmpi.so.40', 'libmpi.so'],
    ['libmpi.so.12', 'libmpich.so.12'],
  ],
  darwin: [['libmpi.40.dylib', 'libmpi.dylib'], ['libmpi.12.dylib']],
};

/** The names to try, those of the launcher's own library first. */
function librariesOf({ launcher }: Launch): readonly string[] {
  const [openMpi = [], mpich = []] = libraries[process.platform] ?? [];
  return launcher === 'Hydra' ? [...mpich, ...openMpi] : [...openMpi, ...mpich];
}

/** Keeps all ranks but the first from printing. Called before anything is printed. */
export function quietUnlessFirst(): void {
  isHushed = (launchOf(process.env)?.rank ?? 0) > 0;
  if (isHushed) for (const stream of [process.stdout, process.stderr]) hush(stream);
}

/**
 * Before a rank tells of an error. Those that other ranks tell of stay unheard; of one that arose before the ranks have met it is not
 * known whether the first has it too, which then tells of it and ends all of them while the others still wait here. One that has
 * been printed already, while nothing was heard, is printed again.
 */
export async function untilHeard(error: unknown, isPrinted: boolean): Promise<void> {
  if (!isHushed || isTold) return;
  await setTimeout(headStart);
  isHushed = false;
  if (isPrinted) process.stderr.write(unheard);
  const launch = launchOf(process.env);
  if (launch && error instanceof Error) error.message = `Rank ${launch.rank} of ${launch.size}: ${error.message}`;
}

/** Throws a UsageError where a command that is for one process was started as several. */
export function refuseRanks(command: string): void {
  const launch = launchOf(process.env);
  if (!launch) return;
  throw new UsageError(
    `${command} runs in one process, and ${launch.size} were started; train alone runs over ranks. Start it without mpirun or srun.`,
  );
}

/** Does `work` on every rank. An error on one of them ends all. */
export async function overRanks(work: (ranks: Ranks) => Promise<void>): Promise<void> {
  const strangers = strangersOf(process.env);
  if (strangers > 1)
    throw new UsageError(
      `srun has started ${strangers} processes that do not know of each other: add --mpi=pmix to train one model over them, or start one (-n 1).`,
    );
  const launch = launchOf(process.env);
  if (!launch) {
    await work(oneRank);
    return;
  }
  const ranks = await open(launch);
  try {
    await work(ranks);
  } catch (error) {
    if (isOwnToTell(error, ranks)) {
      if (ranks.rank > 0 && !(error instanceof SilentRanks) && error instanceof Error)
        error.message = `Rank ${ranks.rank} of ${ranks.size} (${ranks.host}): ${error.message}`;
      isHushed = false;
      // Once the error has been printed: a rank that has failed alone would leave the others waiting for it.
      process.once('exit', (code) => ranks.abort(code));
    } else {
      isTold = true;
      ranks.finalize();
    }
    throw error;
  }
  ranks.finalize();
}

/** Whether nobody else tells of an error: of ranks that do not answer the first that is left does. */
const isOwnToTell = (error: unknown, { rank }: Ranks): boolean =>
  error instanceof SilentRanks
    ? Array.from({ length: rank }, (_, lower) => lower).every((lower) => error.silent.includes(lower))
    : !(error instanceof ToldElsewhere);

async function open(launch: Launch): Promise<MpiRanks> {
  checkInstalled(['koffi'], 'Training over ranks is done');
  const [{ openMpiLibrary }, { mpiRanks }] = await Promise.all([
    import('../parallel/mpi-library.ts'),
    import('../parallel/mpi.ts'),
  ]);
  const deadline = Number(process.env['DECALIGN_DEADLINE'] ?? usualDeadline);
  if (!(deadline > 0))
    throw new UsageError(
      `DECALIGN_DEADLINE is a number of seconds above 0, got "${process.env['DECALIGN_DEADLINE']}".`,
    );
  const asked = process.env['MPI_LIB'] || undefined;
  const problems: string[] = [];
  for (const name of asked === undefined ? librariesOf(launch) : [asked]) {
    let library: MpiLibrary;
    try {
      library = openMpiLibrary(name);
    } catch (error) {
      problems.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
      continue;
    }
    if (library.size === launch.size) return mpiRanks(library, { deadline });
    throw new Error(
      `${name} (${library.version}) knows of ${library.size} of the ${launch.size} processes that ${launch.launcher} has started: it is another ` +
        `implementation than the launcher's. Start them by its own, or name the launcher's library in MPI_LIB.`,
    );
  }
  throw new Error(
    `No MPI library could be opened (${problems.join('; ')}). Install that of the launcher, such as libopenmpi3 on Debian, or name its file in MPI_LIB.`,
  );
}

let isHushed = false;
/** What was last written to stderr while nothing was heard. */
let unheard = '';
/** Whether another rank tells of the error by which this one ends. */
let isTold = false;

/** Drops what is written to a stream for as long as this rank is hushed. */
function hush(stream: NodeJS.WriteStream): void {
  const write = stream.write.bind(stream);
  type Done = (error?: Error | null) => void;
  stream.write = (chunk: Uint8Array | string, encoding?: BufferEncoding | Done, done?: Done): boolean => {
    const called = typeof encoding === 'function' ? encoding : done;
    if (!isHushed) return write(chunk, typeof encoding === 'string' ? encoding : undefined, called);
    if (stream === process.stderr && typeof chunk === 'string') unheard = chunk;
    if (called) process.nextTick(called);
    return true;
  };
}
