/** A rank that trains for some steps; the first prints what they took, a line. */
import { mpiRanks } from '../src/parallel/mpi.ts';
import { openMpiLibrary } from '../src/parallel/mpi-library.ts';
import type { Ranks } from '../src/parallel/ranks.ts';
import { compile } from '../src/runtime/node.ts';
import { rankedSubjects, type RanksTold, type RanksTook } from './ranks-subjects.ts';
import { stepping } from './stepping.ts';

const { subject, batch, steps, warmUp } = JSON.parse(process.argv[2]!) as RanksTold;
const ranks = await mpiRanks(openMpiLibrary(process.env['MPI_LIB'] ?? 'libmpi.so.40'), { deadline: 600 });
let communicating = 0;
async function timed(communicate: () => Promise<void>): Promise<void> {
  const start = performance.now();
  await communicate();
  communicating += performance.now() - start;
}
const timedRanks: Ranks = {
  ...ranks,
  sum: (values) => timed(() => ranks.sum(values)),
  sumInOrder: (...args) => timed(() => ranks.sumInOrder(...args)),
};
const asked = rankedSubjects[subject]();
const training = await stepping(
  { ...asked, train: { ...asked.train, batchSize: batch } },
  { compile, threads: 1, ranks: timedRanks },
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
