/** A dataset of 4 GB by the command line: looking at it, packing it, and training from where it is. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, fsyncSync, mkdtempSync, openSync, closeSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { BenchCase } from './case.ts';
import { ran, type Ran } from './command-line.ts';
import { hasNumpy, script } from './load.ts';
import { median, rounded } from './statistics.ts';

const fileBytes = 4e9;
const rounds = 5;

/** Copies a file until it is on the disk: how many milliseconds that takes. */
function copied(file: string, to: string): number {
  const start = performance.now();
  copyFileSync(file, to);
  const descriptor = openSync(to, 'r+');
  fsyncSync(descriptor);
  closeSync(descriptor);
  const ms = performance.now() - start;
  rmSync(to);
  return ms;
}

export const largeCase: BenchCase = {
  name: 'large',
  about: 'inspect, convert and train a pickle of 4 GB (by --case only: some 15 minutes, 13 GB of disk, NumPy, Linux)',
  byName: true,
  async *run({ python, threads }) {
    if (!hasNumpy(python) || process.platform !== 'linux') {
      yield { case: 'large', skipped: `needs Linux, and NumPy for ${python}` };
      return;
    }
    const folder = mkdtempSync(path.join(tmpdir(), 'decalign-large-'));
    const at = (name: string): string => path.join(folder, name);
    const file = at('features.pkl');
    try {
      execFileSync(python, [script, 'write', file, String(fileBytes), 'float32']);
      const mb = rounded(statSync(file).size / 1e6);
      const idle = await ran('--version');
      // What was just written may still be on its way to the disk.
      copied(file, at('copy'));
      const inspected = await ran('inspect', file, '--json');
      yield {
        case: 'large-inspect',
        file_mb: mb,
        seconds: rounded(inspected.ms / 1e3),
        memory_over_idle_mb: rounded(inspected.peak - idle.peak),
      };

      const copies: number[] = [];
      const packs: Ran[] = [];
      for (let round = 0; round < rounds; round++) {
        rmSync(at('packed'), { recursive: true, force: true });
        copies.push(copied(file, at('copy')));
        packs.push(await ran('convert', file, at('packed')));
      }
      const [copyMs, packMs] = [median(copies), median(packs.map(({ ms }) => ms))];
      yield {
        case: 'large-convert',
        file_mb: mb,
        copy_ms: rounded(copyMs),
        ms: rounded(packMs),
        speed_over_copy: rounded(copyMs / packMs, 2),
        peak_rss_mb: rounded(Math.max(...packs.map(({ peak }) => peak))),
      };

      const epoch = (source: string, out: string): Promise<Ran> =>
        ran('train', source, '--out', at(out), '--set', 'train.epochs=1', '--set', `train.threads=${threads}`);
      const memory = await epoch(file, 'run-memory');
      const packed = await epoch(at('packed'), 'run-packed');
      const weights = (out: string): Buffer => readFileSync(path.join(at(out), 'best.safetensors'));
      yield {
        case: 'large-train',
        threads,
        memory_ms: rounded(memory.ms),
        packed_ms: rounded(packed.ms),
        packed_over_memory: rounded(packed.ms / memory.ms, 3),
        memory_rss_mb: rounded(memory.peak),
        packed_rss_mb: rounded(packed.peak),
        same_weights: weights('run-memory').equals(weights('run-packed')),
      };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
