import { build, type Built } from './built.ts';
import type { BenchCase } from './case.ts';
import { recipes, type Request } from './configurations.ts';
import type { StartParts, StartTold } from './start-child.ts';
import { median, rounded } from './statistics.ts';
import type { FirstStep, Trained, TrainTold } from './train-child.ts';

/** Pairs of a first and a second start. */
const pairs = 3;

interface Start extends FirstStep {
  /** Milliseconds from asking for the process to its first step done. */
  readonly total: number;
  readonly peak: number;
}

async function started(built: Built, told: TrainTold): Promise<Start> {
  const lines: { readonly line: string; readonly ms: number }[] = [];
  await built.run('train-child', told, { onLine: (line, ms) => void lines.push({ line, ms }) });
  const [first, last] = lines;
  const { peak } = JSON.parse(last!.line) as Trained;
  return { ...(JSON.parse(first!.line) as FirstStep), total: first!.ms, peak };
}

async function partsOf(built: Built, told: StartTold): Promise<StartParts> {
  const lines: string[] = [];
  await built.run('start-child', told, { onLine: (line) => void lines.push(line) });
  return JSON.parse(lines[0]!) as StartParts;
}

export const startCase: BenchCase = {
  name: 'start',
  about: 'from process start to the first step of step-mosi done, once and again, and what it consists of',
  async *run({ threads }) {
    const built = await build();
    try {
      for (const recipe of recipes) {
        const request: Request = { name: 'step-mosi', recipe };
        const told: TrainTold = { request, threads, steps: 1, batches: 1 };
        const starts: (readonly [Start, Start])[] = [];
        for (let i = 0; i < pairs; i++) starts.push([await started(built, told), await started(built, told)]);
        const middle = (which: 0 | 1, of: (start: Start) => number): number =>
          median(starts.map((pair) => of(pair[which])));
        const [first, second] = [middle(0, ({ total }) => total), middle(1, ({ total }) => total)];
        const parts = await partsOf(built, { request, threads });
        yield {
          case: 'start',
          recipe,
          threads,
          first_ms: Math.round(first),
          second_ms: Math.round(second),
          second_over_first: rounded(second / first, 2),
          ready_ms: Math.round(middle(0, ({ ready }) => ready)),
          parts_ms: Object.fromEntries(Object.entries(parts).map(([name, ms]) => [name, Math.round(Number(ms))])),
          peak_rss_mb: Math.round(middle(0, ({ peak }) => peak)),
        };
      }
    } finally {
      built.remove();
    }
  },
};
