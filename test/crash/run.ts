/** A small run of the command line, as a process that can be killed or made to fail, and what it leaves. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { decalign, type Finished, type RunOptions } from '../process.ts';
import { save, tables } from '../cli/feature-file.ts';

/** Many short epochs with all that a checkpoint must hold: dropout, a moving average, a plateau of the learning rate. */
const call = (data: string): string[] => [
  ...[
    'train',
    data,
    '--quiet',
    '--threads',
    '1',
    '--epochs',
    '10',
    '--modalities',
    'text,audio',
    '--without',
    'heterogeneity,homogeneity',
    // Every checkpoint holds the best parameters besides, which one of pretraining has not.
    '--recipe',
    'paper',
  ],
  ...['--checkpoint-every', '2'],
  ...[
    ...['model.width=8', 'model.heads=2', 'model.layers=1', 'model.mixture.iterations=1', 'train.batchSize=6'],
    ...['train.average=0.5', 'train.patience=null', 'train.schedule.kind=plateau', 'train.schedule.patience=1'],
  ].flatMap((setting) => ['--set', setting]),
];

export class SmallRun {
  readonly data: string;

  constructor(folder: string) {
    this.data = save(path.join(folder, 'data.pkl'), tables());
  }

  /** Starts the run in `directory`, or goes on with it, until it ends. */
  start(directory: string, options: RunOptions = {}): Promise<Finished> {
    const begun = existsSync(path.join(directory, 'config.json'));
    const args = [...call(this.data), '--out', directory, ...(begun ? ['--resume'] : [])];
    return decalign(args, { cwd: path.dirname(this.data), ...options });
  }
}

/** All that training decides of a run, by name: equal for two runs only if every bit is. */
export function outcome(directory: string): Record<string, string> {
  const result = JSON.parse(readFileSync(path.join(directory, 'result.json'), 'utf8')) as Record<string, unknown>;
  return {
    best: readFileSync(path.join(directory, 'best.safetensors'), 'base64'),
    checkpoint: readFileSync(path.join(directory, 'checkpoint/latest.safetensors'), 'base64'),
    metrics: readFileSync(path.join(directory, 'metrics.jsonl'), 'utf8'),
    predictions: readFileSync(path.join(directory, 'predictions.jsonl'), 'utf8'),
    result: JSON.stringify({ ...result, run: '' }),
    leftovers: leftovers(directory).join(),
  };
}

/** What a killed process leaves: half-written files and its lock. */
export const leftovers = (directory: string): string[] =>
  existsSync(directory)
    ? (readdirSync(directory, { recursive: true }) as string[]).filter((name) => /\.partial$|\.lock\./.test(name))
    : [];
