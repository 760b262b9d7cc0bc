/**
 * `npm run soak`: a run of 10,000 steps of a small model in one process, with its directory, checkpoints and curves; then
 * 50 runs that are broken off. Memory, open files and time of the last fifth are held against those of the first; it fails
 * where memory grew by more than 5 %, files were left open, or steps became slower by more than a tenth.
 * `-- --steps 2000 --runs 20` is shorter.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { resolveConfig } from '../../src/config/index.ts';
import { synthetic } from '../../src/data/datasets/synthetic.ts';
import { prepare } from '../../src/runs/prepare.ts';
import { runTraining } from '../../src/runs/training-run.ts';
import { lane, wholeFrom } from '../lane.ts';

const perEpoch = 10;
const { steps, runs } = lane('soak', 'One long run and many that are broken off, and what they leave in memory.')
  .option('--steps <n>', 'of the long run', wholeFrom(perEpoch), 10_000)
  .option('--runs <n>', 'that are broken off', wholeFrom(10), 50)
  .parse()
  .opts<{ readonly steps: number; readonly runs: number }>();
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

interface Sample {
  /** Bytes that the process has in memory, and of them those of JavaScript. */
  readonly resident: number;
  readonly heap: number;
  /** Open files; 0 where the system does not tell. */
  readonly files: number;
  readonly milliseconds: number;
}

const folder = mkdtempSync(path.join(tmpdir(), 'decalign-soak-'));
const config = resolveConfig({
  values: {
    model: { width: 8, heads: 2, layers: 1, mixture: { iterations: 2 } },
    train: { epochs: steps / perEpoch, batchSize: 16, patience: null, threads: 1 },
  },
});
const dataset = synthetic({ samples: { train: 16 * perEpoch, valid: 32, test: 32 } });

const prepared = prepare(config, dataset);
const failures: string[] = [];
await oneLongRun();
await runsBrokenOff();
rmSync(folder, { recursive: true });
for (const failure of failures) console.error(`soak: ${failure}`);
if (failures.length > 0) process.exitCode = 1;

async function oneLongRun(): Promise<void> {
  const samples: Sample[] = [];
  const start = performance.now();
  const directory = path.join(folder, 'run');
  let before = start;
  for await (const event of runTraining(prepared, {
    ...{ seed: 1, directory, resume: false, checkpointEvery: { steps: 25 } },
  })) {
    if (event.type === 'step') samples.push(sampleSince(before));
    before = performance.now();
  }
  const lines = readFileSync(path.join(directory, 'metrics.jsonl'), 'utf8').trim().split('\n').length;
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  console.log(`one run of ${samples.length} steps and ${lines} epochs: ${seconds} s`);
  compare(samples, 'resident memory, MiB', ({ resident }) => resident / 2 ** 20, 1.05);
  compare(samples, 'heap, MiB', ({ heap }) => heap / 2 ** 20);
  compare(samples, 'open files', ({ files }) => files, 1);
  compare(samples, 'milliseconds a step', ({ milliseconds }) => milliseconds, 1.1);
}

async function runsBrokenOff(): Promise<void> {
  const samples: Sample[] = [];
  for (let run = 0; run < runs; run++) {
    const start = performance.now();
    const directory = path.join(folder, `broken-${run}`);
    for await (const event of runTraining(prepared, { seed: run, directory, resume: false }))
      if (event.type === 'step' && event.step === 3) break;
    // What nothing holds any more is given back now, so that what is left is held.
    collect();
    samples.push(sampleSince(start));
  }
  console.log(`${samples.length} runs, each broken off at its third step`);
  compare(samples, 'resident memory, MiB', ({ resident }) => resident / 2 ** 20, 1.05);
  compare(samples, 'heap, MiB', ({ heap }) => heap / 2 ** 20);
  compare(samples, 'open files', ({ files }) => files, 1);
  compare(samples, 'milliseconds a run', ({ milliseconds }) => milliseconds);
}

function sampleSince(start: number): Sample {
  const milliseconds = performance.now() - start;
  const { rss: resident, heapUsed: heap } = process.memoryUsage();
  return { resident, heap, files: openFiles(), milliseconds };
}

/** Medians of the first and the last fifth; more than `most` times the first is a failure. */
function compare(samples: readonly Sample[], name: string, of: (sample: Sample) => number, most = Infinity): void {
  // What a process takes up in its first moments, compiled code above all, is no leak.
  const warm = samples.slice(Math.floor(samples.length / 10)).map(of);
  const fifth = Math.floor(warm.length / 5);
  const [first, last] = [median(warm.slice(0, fifth)), median(warm.slice(-fifth))];
  console.log(`  ${name}: ${first.toFixed(2)} in the first fifth, ${last.toFixed(2)} in the last`);
  if (last > first * most) failures.push(`${name} grew from ${first.toFixed(2)} to ${last.toFixed(2)}`);
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!;
}

function openFiles(): number {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return 0;
  }
}
