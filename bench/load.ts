/** Reading a feature file of a gigabyte, in turn with Python's unpickling of the same file. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Built } from './built.ts';
import type { BenchCase } from './case.ts';
import type { Loaded, LoadTold } from './load-child.ts';
import { median, rounded } from './statistics.ts';

export const script = fileURLToPath(new URL('load.py', import.meta.url));
const fileBytes = 1e9;
const rounds = 5;

export async function loaded(built: Built, told: LoadTold): Promise<Loaded> {
  const lines: string[] = [];
  await built.run('load-child', told, { onLine: (line) => void lines.push(line) });
  return JSON.parse(lines[0]!) as Loaded;
}

export function hasNumpy(python: string): boolean {
  try {
    execFileSync(python, ['-c', 'import numpy'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

export const loadCase: BenchCase = {
  name: 'load',
  about: 'a feature file of 1 GB, float32 and float64, in turn with pickle.load; needs NumPy and 1 GB of disk',
  async *run({ python }) {
    if (!hasNumpy(python)) {
      yield { case: 'load', skipped: `needs NumPy, which ${python} does not have` };
      return;
    }
    const folder = mkdtempSync(path.join(tmpdir(), 'decalign-load-'));
    const built = await build();
    try {
      for (const dtype of ['float32', 'float64']) {
        const file = path.join(folder, 'features.pkl');
        execFileSync(python, [script, 'write', file, String(fileBytes), dtype]);
        const unpickled = (): number => Number(execFileSync(python, [script, 'load', file], { encoding: 'utf8' }));
        // What was just written may still be on its way to the disk.
        unpickled();
        const idle = await loaded(built, { file, read: 'nothing' });
        const times: { readonly python: number; readonly arrays: Loaded; readonly dataset: Loaded }[] = [];
        for (let round = 0; round < rounds; round++)
          times.push({
            python: unpickled(),
            arrays: await loaded(built, { file, read: 'arrays' }),
            dataset: await loaded(built, { file, read: 'dataset' }),
          });
        const pythonMs = median(times.map((time) => time.python));
        const arraysMs = median(times.map((time) => time.arrays.ms));
        const datasetMs = median(times.map((time) => time.dataset.ms));
        const excess = times.flatMap(({ arrays, dataset }) =>
          [arrays, dataset].map(({ peak, bytes }) => (peak - idle.peak) / bytes),
        );
        yield {
          case: 'load',
          dtype,
          file_mb: rounded(statSync(file).size / 1e6),
          python_ms: rounded(pythonMs),
          arrays_ms: rounded(arraysMs),
          dataset_ms: rounded(datasetMs),
          arrays_over_python: rounded(arraysMs / pythonMs, 2),
          dataset_over_python: rounded(datasetMs / pythonMs, 2),
          peak_over_arrays: rounded(Math.max(...excess), 2),
          idle_rss_mb: rounded(idle.peak / 1e6),
        };
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
      built.remove();
    }
  },
};
