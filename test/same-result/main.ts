/** `main.ts DATA OUT [--reversed]`: runs every case, one after the other, in this order or the reverse. */
import path from 'node:path';
import { resolveConfig } from '../../src/config/index.ts';
import { foldOf } from '../../src/data/folds.ts';
import { foldsFor } from '../../src/experiments/folds.ts';
import { loadRunData } from '../../src/runs/load.ts';
import { prepare } from '../../src/runs/prepare.ts';
import { runTraining } from '../../src/runs/training-run.ts';
import { cases, directoryOf, type Case } from './cases.ts';

const [data, out, order] = process.argv.slice(2);
if (data === undefined || out === undefined) throw new Error('main.ts DATA OUT [--reversed]');

async function run({ data: name, values, fold }: Case, directory: string): Promise<void> {
  const source = name === 'synthetic' ? name : path.join(data!, name);
  const config = resolveConfig({ values });
  const synthetic = { samples: { train: 40, valid: 12, test: 12 } };
  const loaded = await loadRunData(source, config, name === 'synthetic' ? { synthetic } : {});
  const dataset = fold === undefined ? loaded : foldOf(loaded, foldsFor(loaded, 3), fold);
  const prepared = prepare(resolveConfig({ values, dataset: loaded.name }), dataset, { source });
  const events = runTraining(prepared, { seed: 1, directory, resume: false });
  while (!(await events.next()).done);
}

const numbered = [...cases.entries()];
for (const [index, each] of order === '--reversed' ? numbered.reverse() : numbered) {
  const start = performance.now();
  await run(each, directoryOf(out, index)).catch((error: unknown) => {
    throw new Error(`${each.name}: ${(error as Error).message}`, { cause: error });
  });
  console.log(`${String(Math.round(performance.now() - start)).padStart(6)} ms  ${each.name}`);
}
