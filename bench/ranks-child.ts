/** A rank that trains for some steps; the first prints what they took, a line. */
import { mpiRanks } from '../src/parallel/mpi.ts';
import { openMpiLibrary } from '../src/parallel/mpi-library.ts';
import { compile } from '../src/runtime/node.ts';
import { rankedSubjects, type RanksTold, type RanksTook } from './ranks-subjects.ts';
import { stepping } from './stepping.ts';

const { subject, batch, steps, warmUp } = JSON.parse(process.argv[2]!) as RanksTold;
const ranks = await mpiRanks(openMpiLibrary(process.env['MPI_LIB'] ?? 'libmpi.so.40'), { deadline: 600 });
let communicating = 0;
const timed = {
  ...ranks,
  async sum(values: Float32Array): Promise<void> {
    const start = performance.now();
    await ranks.sum(values);
    communicating += performance.now() - start;
  },
};
const asked = rankedSubjects[subject]();
const training = await stepping(
  { ...asked, train: { ...asked.train, batchSize: batch } },
  { compile, threads: 1, ranks: timed },
);
const took: RanksTook[] = [];
for (let i = 0; i < warmUp + steps; i++) {
  communicating = 0;
  const { step } = await training.step();
  took.push({ step, communicating });
}
await training.stop();
if (ranks.rank === 0) console.log(JSON.stringify(took.slice(warmUp)));
ranks.finalize();
