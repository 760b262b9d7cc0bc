import { expect, test } from 'vitest';
import { slurmScript } from './slurm.ts';

const scriptIn = (directory: string): string =>
  slurmScript({ directory, undone: [1, 2], stages: [[1, 2]], threads: 1 });

test('the folder of the plan may have spaces and percent signs in its name', () => {
  expect(scriptIn('/data/results')).toContain('\n#SBATCH --output=/data/results/jobs/%a.log\n');
  expect(scriptIn('/data/my 5% runs')).toContain('\n#SBATCH --output="/data/my 5%% runs/jobs/%a.log"\n');
});

test.each(['a\nb', 'a"b', 'a\\b'])('a name that Slurm cannot be told is refused: %j', (name) => {
  expect(() => scriptIn(`/data/${name}`)).toThrow(/Slurm cannot be told of/);
});
