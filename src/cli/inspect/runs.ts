import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parsedText } from '../../json/text.ts';
import { readProgress, type RunProgress } from '../../runs/record/progress.ts';
import { runsIn } from '../../runs/record/several-runs.ts';
import { statusOf, type RunStatus } from '../../runs/record/status.ts';

/** The run, or the runs of several seeds or folds, that a folder holds; undefined where it holds none. */
export function inspectRuns(directory: string): unknown {
  const run = inspectRun(directory);
  if (run) return run;
  const { kind, directories } = runsIn(directory);
  if (kind === undefined) return undefined;
  const runs = directories.flatMap((each) => {
    const one = inspectRun(each);
    return one
      ? [[path.basename(each), { status: one.status, epochs_done: one.epochs_done, result: one.result }] as const]
      : [];
  });
  if (runs.length === 0) return undefined;
  return { format: `runs of several ${kind}s`, status: statusOf(directory), runs: Object.fromEntries(runs) };
}

/** A run, as inspect prints it. */
interface InspectedRun {
  readonly format: 'run';
  readonly status: RunStatus;
  readonly epochs_done: number;
  /** How far the training is; absent for runs of format 2 and before. */
  readonly progress: RunProgress | undefined;
  readonly last_epoch: unknown;
  readonly result: unknown;
  /** The figures of simple references on the same data; absent where none were fitted. */
  readonly references: unknown;
  readonly environment: unknown;
}

/** The configuration, progress and result of a run; undefined for a folder without a `config.json`. */
function inspectRun(directory: string): InspectedRun | undefined {
  const read = (name: string): unknown => {
    const file = path.join(directory, name);
    return existsSync(file) ? parsedText(readFileSync(file, 'utf8')) : undefined;
  };
  const config = read('config.json');
  if (typeof config !== 'object') return undefined;
  const result = read('result.json');
  const metrics = path.join(directory, 'metrics.jsonl');
  const epochs = existsSync(metrics) ? readFileSync(metrics, 'utf8').trim().split('\n').filter(Boolean) : [];
  const about = {
    format: 'run',
    status: statusOf(directory),
    epochs_done: epochs.length,
    progress: readProgress(directory),
    last_epoch: epochs.length > 0 ? parsedText(epochs.at(-1)!) : undefined,
    result,
    references: read('references.json'),
  } as const;
  // `format` of the configuration's record is replaced: it names the version of the record.
  return { ...about, ...config, format: 'run', environment: read('environment.json') };
}
