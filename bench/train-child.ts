/** A process that trains for some steps: a line when the first is done, and one at the end. */
import type { Request } from './configurations.ts';

const booted = performance.now();
const { configuration } = await import('./configurations.ts');
const { compile, devices } = await import('../src/runtime/node.ts');
const { stepping } = await import('./stepping.ts');
// Loads the runtime.
devices();

export interface TrainTold {
  readonly request: Request;
  readonly threads: number;
  readonly steps: number;
  /** Batches that the training set holds. */
  readonly batches: number;
}

/** Milliseconds since the process began. */
export interface FirstStep {
  readonly booted: number;
  /** All modules and the runtime are loaded. */
  readonly imported: number;
  readonly ready: number;
  readonly done: number;
}

export interface Trained {
  readonly milliseconds: readonly number[];
  /** Resident memory in MB: when ready for the first step, after each step (each hundredth, of many), at its peak. */
  readonly before: number;
  readonly resident: readonly number[];
  readonly peak: number;
}

const mb = 2 ** 20;
const imported = performance.now();
const { request, steps, ...options } = JSON.parse(process.argv[2]!) as TrainTold;
const training = await stepping(configuration(request), { compile, ...options });
const ready = performance.now();
const before = process.memoryUsage.rss() / mb;
const milliseconds: number[] = [];
const resident: number[] = [];
for (let i = 0; i < steps; i++) {
  milliseconds.push((await training.step()).step);
  if (i === 0) console.log(JSON.stringify({ booted, imported, ready, done: performance.now() } satisfies FirstStep));
  if (i % Math.ceil(steps / 100) === 0) resident.push(process.memoryUsage.rss() / mb);
}
const peak = process.resourceUsage().maxRSS / 1024;
console.log(JSON.stringify({ milliseconds, before, resident, peak } satisfies Trained));
await training.stop();
