import { collectBenchmark } from '../../experiments/benchmark.ts';
import { readPlan } from '../../experiments/benchmark/recorded-plan.ts';
import { collectSweep } from '../../experiments/sweep.ts';
import { printComparisons } from '../benchmark/experiment.ts';
import { BenchmarkProgress } from '../benchmark/progress.ts';
import { command } from '../command.ts';
import { shared } from '../options/shared.ts';
import { statesIn, undoneText } from './plan.ts';
import { printSweep } from '../sweep.ts';

export const collectCommand = command('collect', {
  summary: 'the tables of an experiment that was planned (--plan), of what its jobs have come to',
  example: 'decalign collect results',
  description:
    'Makes the tables of the benchmark, ablation or sweep in DIR, as if it had been run by one process. Rows that lack jobs say so, stderr names these, and the exit code is 1.',
  arguments: [['<dir>', 'the folder that --plan named']],
  options: [shared.json],
  action: async (directory, options) => {
    const recorded = await readPlan(directory);
    const undone = statesIn(recorded.plan).filter(({ status }) => status !== 'done');
    if (undone.length > 0) process.stderr.write(undoneText(undone));
    if (recorded.kind === 'sweep') printSweep(collectSweep(recorded.plan), directory, options);
    else {
      const progress = new BenchmarkProgress({ jobs: 0, quiet: true });
      printComparisons(await collectBenchmark(recorded.plan, (event) => progress.show(event)), directory, options);
    }
  },
});
