/** A training that ranks share, small enough to be started many times. */
import { readCheckpoint } from '../../src/runs/record/checkpoint.ts';
import type { StateDict } from '../../src/train/index.ts';

/** Steps of six batches, those of the first epoch of pretraining. */
const settings = [
  ...['data.synthetic.samples=96', 'model.width=8', 'model.heads=2', 'model.layers=1', 'model.mixture.iterations=2'],
  ...['model.pretraining.steps=4', 'train.patience=null', 'train.batchSize=16', 'train.modalityDropout=0.2'],
].flatMap((pair) => ['--set', pair]);

/** The call of a run that is written to `out`. */
export const smallRun = (out: string, more: readonly string[]): string[] => [
  ...['train', 'synthetic', ...settings, '--threads', '1', '--no-references', '--out', out],
  ...more,
];

/** So many epochs that rounding would have grown: units of ReLUs have changed sides. */
export const many = ['--epochs', '22'];

/** The weights after the last epoch of a run. */
export async function lastWeights(run: string): Promise<StateDict> {
  const found = await readCheckpoint(run);
  return found!.state.parameters;
}
