/** The memory that `train --dry-run` foretells beside the memory that `train` takes, by the command line. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { NdArray } from '../src/formats/bytes/array.ts';
import { writeFile } from '../src/formats/write.ts';
import { inMemory } from '../src/data/features.ts';
import type { BenchCase } from './case.ts';
import { ran } from './command-line.ts';
import { samplesOf } from './samples.ts';
import { rounded } from './statistics.ts';

/** Of each model a small training, which is mostly the process itself, and two whose steps are most of it. */
const models = ['decalign', 'mult', 'self-mm'] as const;
const sizes = [
  { time: 30, batch: 32 },
  { time: 100, batch: 32 },
  { time: 200, batch: 16 },
] as const;
type Size = (typeof sizes)[number];

/** Numbers per time step. */
const widths = { text: 64, audio: 32, vision: 32 } as const;

/** Writes a dataset of two batches to train on, and 64 samples each to validate and to test on. */
async function writeData(file: string, { time, batch }: Size): Promise<void> {
  const features = Object.entries(widths).map(([name, width]) => ({ name, time, width, masked: true }));
  const split = (count: number): ReadonlyMap<string, NdArray> => {
    const samples = samplesOf({ features, task: { kind: 'regression' } }, count);
    return new Map([
      ...Object.entries(samples.features).map(([name, values]): [string, NdArray] => {
        const { shape, data } = inMemory(values);
        return [name, new NdArray(shape, 'float32', data)];
      }),
      ...Object.entries(samples.lengths).map(([name, lengths]): [string, NdArray] => [
        `${name}_lengths`,
        new NdArray([count], 'int32', lengths),
      ]),
      ['regression_labels', new NdArray([count], 'float32', samples.labels!)],
    ]);
  };
  await writeFile(
    file,
    new Map([['train', split(2 * batch)], ...['valid', 'test'].map((name) => [name, split(64)] as const)]),
  );
}

export const estimateCase: BenchCase = {
  name: 'estimate',
  about: 'memory that train --dry-run foretells over what train takes: three models, three sizes each (Linux)',
  async *run({ threads }) {
    if (process.platform !== 'linux') {
      yield { case: 'estimate', skipped: 'needs Linux' };
      return;
    }
    const folder = mkdtempSync(path.join(tmpdir(), 'decalign-estimate-'));
    const data = path.join(folder, 'features.npz');
    try {
      for (const size of sizes) {
        await writeData(data, size);
        for (const model of models) {
          const settings = ['--epochs', '1', '--set', `train.batchSize=${size.batch}`, '--threads', String(threads)];
          const call = ['train', data, '--model', model, ...settings];
          const planned = await ran(...call, '--dry-run', '--json');
          const { memory_mb: parts } = JSON.parse(planned.stdout) as { memory_mb: Record<string, number> };
          const { peak } = await ran(...call, '--out', path.join(folder, `${model}-${size.time}`));
          const foretold = parts['total']!;
          yield {
            ...{ case: 'estimate', model, ...size, threads, foretold_mb: foretold, peak_rss_mb: rounded(peak) },
            ...{ foretold_over_peak: rounded(foretold / peak, 3), parts },
          };
        }
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
