import { expect, test } from 'vitest';
import { launchOf, strangersOf } from './launch.ts';

test.each([
  [
    { OMPI_COMM_WORLD_RANK: '3', OMPI_COMM_WORLD_SIZE: '4' },
    { launcher: 'Open MPI', rank: 3, size: 4 },
  ],
  [
    { PMIX_RANK: '0', SLURM_STEP_NUM_TASKS: '2' },
    { launcher: 'PMIx of Slurm', rank: 0, size: 2 },
  ],
  [
    { PMI_RANK: '1', PMI_SIZE: '2' },
    { launcher: 'Hydra', rank: 1, size: 2 },
  ],
  // A process by itself, whoever started it.
  [{ OMPI_COMM_WORLD_RANK: '0', OMPI_COMM_WORLD_SIZE: '1' }, undefined],
  [{ PMIX_RANK: '0' }, undefined],
  [{}, undefined],
])('%o', (environment, launch) => {
  expect(launchOf(environment)).toEqual(launch);
});

test('tasks of Slurm that have no MPI do not know of each other', () => {
  expect(strangersOf({ SLURM_STEP_NUM_TASKS: '4', SLURM_PROCID: '1' })).toBe(4);
  expect(strangersOf({ SLURM_STEP_NUM_TASKS: '4', PMIX_RANK: '1' })).toBe(1);
  expect(strangersOf({ SLURM_STEP_NUM_TASKS: '1' })).toBe(1);
  expect(strangersOf({})).toBe(1);
});
