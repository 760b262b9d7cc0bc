/** How MPI's launchers tell a process which of several it is, before it has asked MPI itself. */

/** Their variables for the rank and the number of ranks. */
const launchers = [
  ['Open MPI', 'OMPI_COMM_WORLD_RANK', 'OMPI_COMM_WORLD_SIZE'],
  ['PMIx of Slurm', 'PMIX_RANK', 'SLURM_STEP_NUM_TASKS'],
  ['Hydra', 'PMI_RANK', 'PMI_SIZE'],
] as const;

export interface Launch {
  /** Whose launcher it was: Hydra is that of MPICH and its kin. */
  readonly launcher: (typeof launchers)[number][0];
  readonly rank: number;
  readonly size: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The place of a process among several that a launcher has started together; undefined for one by itself. */
export function launchOf(environment: Environment): Launch | undefined {
  for (const [launcher, rankName, sizeName] of launchers) {
    const [rank, size] = [environment[rankName], environment[sizeName]].map(Number) as [number, number];
    if (Number.isInteger(rank) && size > 1) return { launcher, rank, size };
  }
  return undefined;
}

/** How many tasks Slurm's srun has started that do not know of each other; 1 where that is not so. */
export function strangersOf(environment: Environment): number {
  const tasks = Number(environment['SLURM_STEP_NUM_TASKS'] ?? 1);
  return launchOf(environment) === undefined && tasks > 1 ? tasks : 1;
}
