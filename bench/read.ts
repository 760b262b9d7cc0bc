/** Reading one array from files of several formats, in turn with NumPy. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from './built.ts';
import type { BenchCase } from './case.ts';
import { hasNumpy, loaded, script } from './load.ts';
import { median, rounded } from './statistics.ts';

const arrayBytes = 4e8;
const rounds = 5;
const files = ['array.npy', 'stored.npz', 'compressed.npz', 'array.pkl', 'array.safetensors'];

export const readCase: BenchCase = {
  name: 'read',
  about: 'an array of 400 MB from npy, npz, pickle and safetensors, in turn with NumPy; needs NumPy and 2 GB of disk',
  async *run({ python }) {
    if (!hasNumpy(python)) {
      yield { case: 'read', skipped: `needs NumPy, which ${python} does not have` };
      return;
    }
    const folder = mkdtempSync(path.join(tmpdir(), 'decalign-read-'));
    const built = await build();
    try {
      execFileSync(python, [script, 'arrays', folder, String(arrayBytes)]);
      for (const name of files) {
        const file = path.join(folder, name);
        const numpy = (): number => Number(execFileSync(python, [script, 'read', file], { encoding: 'utf8' }));
        // What was just written may still be on its way to the disk.
        numpy();
        const times: { readonly numpy: number; readonly ours: number }[] = [];
        for (let round = 0; round < rounds; round++)
          times.push({ numpy: numpy(), ours: (await loaded(built, { file, read: 'array' })).ms });
        const [numpyMs, ours] = [median(times.map((time) => time.numpy)), median(times.map((time) => time.ours))];
        yield {
          case: 'read',
          file: name,
          file_mb: rounded(statSync(file).size / 1e6),
          numpy_ms: rounded(numpyMs),
          ms: rounded(ours),
          speed_over_numpy: rounded(numpyMs / ours, 2),
        };
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
      built.remove();
    }
  },
};
