import { build } from './built.ts';
import type { BenchCase } from './case.ts';
import type { Request } from './configurations.ts';
import { median, rounded } from './statistics.ts';
import type { Trained, TrainTold } from './train-child.ts';

const trainings: readonly { readonly request: Request; readonly steps: number }[] = [
  { request: { name: 'small', recipe: 'paper', sizes: { batch: 8, time: 4, prototypes: 2, width: 8 } }, steps: 10_000 },
  { request: { name: 'step-mosi', recipe: 'paper' }, steps: 300 },
];

export const memoryCase: BenchCase = {
  name: 'memory',
  about: 'resident memory over 10,000 steps of a small model and 300 of step-mosi',
  async *run({ threads }) {
    const built = await build();
    try {
      for (const { request, steps } of trainings) {
        const lines: string[] = [];
        const told: TrainTold = { request, threads, steps, batches: 4 };
        await built.run('train-child', told, { onLine: (line) => void lines.push(line) });
        const { resident, peak, before, milliseconds } = JSON.parse(lines.at(-1)!) as Trained;
        // Resident memory rises and falls with garbage collection, so a fifth of the steps at either end is looked at; in
        // the first twentieth everything is still being allocated.
        const twentieth = Math.ceil(resident.length / 20);
        const early = median(resident.slice(twentieth, 5 * twentieth));
        const late = median(resident.slice(-4 * twentieth));
        yield {
          case: 'memory',
          of: request.name,
          recipe: request.recipe,
          threads,
          steps,
          step_ms: rounded(median(milliseconds), 2),
          ready_rss_mb: rounded(before),
          early_rss_mb: rounded(early),
          late_rss_mb: rounded(late),
          growth: rounded(late / early - 1, 4),
          peak_rss_mb: rounded(peak),
        };
      }
    } finally {
      built.remove();
    }
  },
};
