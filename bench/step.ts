import type { BenchCase } from './case.ts';
import { compile } from '../src/runtime/node.ts';
import { ceiling } from './ceiling.ts';
import { configuration, recipes, type Recipe } from './configurations.ts';
import { stepFlop } from './flop.ts';
import { hostParts } from './host-parts.ts';
import { profiled } from './profile.ts';
import { median, percentile, rounded } from './statistics.ts';
import { stepping, type StepTime } from './stepping.ts';

/** Steps before the first that counts. */
const warmUp = 3;
/** Steps that are profiled, the first not counted. */
const profiledSteps = 6;

const stepCase = (name: 'step-mosi' | 'step-iemocap', recipe: Recipe, about: string): BenchCase => ({
  name,
  about,
  async *run({ threads, repetitions, profile }) {
    const asked = configuration({ name, recipe });
    const before = await ceiling(threads);
    const training = await stepping(asked, { compile, threads });
    const times: StepTime[] = [];
    for (let i = 0; i < warmUp; i++) await training.step();
    for (let i = 0; i < repetitions; i++) times.push(await training.step());
    await training.stop();
    const peak = process.resourceUsage().maxRSS / 1024;
    const limit = (before + (await ceiling(threads))) / 2;

    const steps = times.map(({ step }) => step);
    const step = median(steps);
    const parts = hostParts(asked, repetitions);
    const flop = stepFlop(asked);
    yield {
      case: name,
      recipe,
      threads,
      parameters: training.parameters,
      nodes: training.nodes,
      compile_ms: Math.round(training.readyMs),
      step_ms: rounded(step, 2),
      step_ms_p10: rounded(percentile(steps, 0.1), 2),
      step_ms_p90: rounded(percentile(steps, 0.9), 2),
      host_share: rounded(median(times.map((time) => 1 - time.run / time.step)), 3),
      shares: {
        batch: rounded(parts.batch / step, 3),
        masks: rounded(parts.masks / step, 3),
        run: rounded(median(times.map((time) => time.run / time.step)), 3),
        update: rounded(parts.update / step, 3),
      },
      flop_g: rounded(flop / 1e9, 3),
      gflops: rounded(flop / step / 1e6),
      ceiling_gflops: rounded(limit),
      limit_ratio: rounded((step * limit * 1e6) / flop, 2),
      peak_rss_mb: Math.round(peak),
    };
    if (!profile) return;
    const lines = await profiled(async (file) => {
      const again = await stepping(asked, { compile, threads, profile: file });
      for (let i = 0; i < profiledSteps; i++) await again.step();
      await again.stop();
    });
    for (const line of lines) yield { case: name, recipe, ...line };
  },
});

// A process for each recipe, so that its peak memory is its own.
export const stepCases: readonly BenchCase[] = recipes.flatMap((recipe) => [
  stepCase('step-mosi', recipe, 'a training step at the size of CMU-MOSI, under both recipes'),
  stepCase('step-iemocap', recipe, 'a training step at the size of IEMOCAP, under both recipes'),
]);
