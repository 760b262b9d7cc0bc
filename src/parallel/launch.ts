/** How MPI's launchers tell a process which of several it is, before it has asked MPI itself. */

export interface Launch {
  readonly rank: number;
  readonly size: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Variables of Open MPI's mpirun, of PMIx as Slurm's srun has it, and of the Hydra launcher of MPICH and its kin. */
const launchers = [
  ['OMPI_COMM_WORLD_RANK', 'OMPI_COMM_WORLD_SIZE'],
  ['PMIX_RANK', 'SLURM_STEP_NUM_TASKS'],
  ['PMI_RANK', 'PMI_SIZE'],
] as const;

/** The place of a process among several that a launcher has started together; undefined for one by itself. */
export function launchOf(environment: Environment): Launch | undefined {
  for (const [rankName, sizeName] of launchers) {
    const [rank, size] = [environment[rankName], environment[sizeName]].map(Number) as [number, number];
    if (Number.isInteger(rank) && size > 1) return { rank, size };
  }
  return undefined;
}

/** How many tasks Slurm's srun has started that do not know of each other; 1 where that is not so. */
export function strangersOf(environment: Environment): number {
  const tasks = Number(environment['SLURM_STEP_NUM_TASKS'] ?? 1);
  return launchOf(environment) === undefined && tasks > 1 ? tasks : 1;
}
