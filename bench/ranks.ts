import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { BenchCase } from './case.ts';
import type { rankedSubjects, RanksTold, RanksTook } from './ranks-subjects.ts';
import { median, rounded } from './statistics.ts';

/** Samples of a step on one rank. */
const batch = 32;
/** Steps before the first that counts, and the most that count of a large model. */
const [warmUp, mostOfLarge] = [2, 3];

/** Steps on so many ranks, each with one thread. */
async function took(ranks: number, told: RanksTold): Promise<RanksTook[]> {
  const child = [process.execPath, ...process.execArgv, fileURLToPath(new URL('ranks-child.ts', import.meta.url))];
  const call = ['--allow-run-as-root', '--oversubscribe', '-n', String(ranks), ...child, JSON.stringify(told)];
  const { stdout } = await promisify(execFile)('mpirun', call);
  return JSON.parse(stdout) as RanksTook[];
}

export const ranksCase: BenchCase = {
  name: 'ranks',
  about: 'a training step on 1, 2 and 4 ranks of one thread over one on one rank (needs mpirun)',
  byName: true,
  async *run({ repetitions }) {
    for (const subject of [
      'default',
      'mosi',
      'bert-base',
    ] as const satisfies readonly (keyof typeof rankedSubjects)[]) {
      const steps = subject === 'bert-base' ? Math.min(repetitions, mostOfLarge) : repetitions;
      let alone = 0;
      for (const ranks of [1, 2, 4])
        // Strong scaling: the batch of one rank is divided. Weak: every rank has as many samples as one had.
        for (const scaling of ranks === 1 ? (['strong'] as const) : (['strong', 'weak'] as const)) {
          const size = scaling === 'weak' ? ranks * batch : batch;
          const times = await took(ranks, { subject, batch: size, steps, warmUp });
          const step = median(times.map((time) => time.step));
          if (ranks === 1) alone = step;
          yield {
            ...{ case: 'ranks', model: subject, ranks, scaling, batch: size, cores: availableParallelism() },
            step_ms: rounded(step, 2),
            ratio: rounded(step / alone, 2),
            samples_per_second_ratio: rounded((alone * size) / (step * batch), 2),
            communication: rounded(median(times.map((time) => time.communicating / time.step)), 2),
          };
        }
    }
  },
};
