/** The run directory: the files that a training leaves, which every other command reads. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { arch, cpus, platform } from 'node:os';
import path from 'node:path';
import type { RunConfig } from '../../config/index.ts';
import { parsedText } from '../../json/text.ts';
import { isTree } from '../../json/tree.ts';
import type { TrainEvent, TrainingState } from '../../train/index.ts';
import type { RunWarning } from '../anomalies.ts';
import { writeCheckpoint } from './checkpoint.ts';
import { codeDifference, type OwnModel } from '../own-model/code.ts';
import { isLock, lockRun } from './run-lock.ts';
import { encodeRecord, readRecord, type RunRecord } from './run-record.ts';
import { severalKind } from './several-runs.ts';
import { EventWriter } from './tensorboard.ts';
import { runtimeVersion } from '../../runtime/node.ts';
import { version } from '../version.ts';
import { appendLine, makeFolder } from '../../files/append.ts';
import { isTemporary, writeFileAtomic } from '../../files/atomic.ts';

/** All that must be the same for a run to be resumed. */
export interface RunIdentity {
  readonly config: RunConfig;
  readonly seed: number;
  /** The hash of all samples as they were read (`hashOf`). */
  readonly hash: string;
  /** The model of one's own; absent for a model of the table. */
  readonly own?: OwnModel | undefined;
}

/** What `config.json` records beside the identity: where the data was, what the call asked for, and the fold. */
export type RunOrigin = Pick<RunRecord, 'overrides' | 'fold'> & Pick<RunRecord['data'], 'source'>;

/** How often a checkpoint is written within an epoch, besides the one after every epoch. */
export type CheckpointEvery = { readonly steps: number } | { readonly minutes: number };

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** A directory that does not exist yet: `runs/NAME-TIME`, or `runs/NAME-TIME-2` and so on where that exists. */
export function freshDirectory(name: string): string {
  const time = new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
  const base = path.join('runs', `${name}-${time}`);
  for (let n = 1; ; n++) {
    const directory = n === 1 ? base : `${base}-${n}`;
    if (!existsSync(directory)) return directory;
  }
}

/** Throws an Error where a directory holds anything but leftovers of killed processes: a run is never overwritten. */
export function checkVacant(directory: string): void {
  if (!existsSync(directory)) return;
  const held = namesIn(directory).filter((name) => !isTemporary(name) && !isLock(name));
  if (held.length === 0) return;
  const run = held.includes('config.json') || severalKind(held) !== undefined;
  throw new Error(
    run
      ? `${directory} holds a run, which is never overwritten: go on with it by --resume, or give --out another directory.`
      : `${directory} is not empty (${held[0]!}): give --out a new directory.`,
  );
}

/** The names in the folder that --out names; an Error says that it is a file or cannot be read. */
export function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    const file = (error as NodeJS.ErrnoException).code === 'ENOTDIR';
    throw new Error(`${directory} ${file ? 'is a file' : 'cannot be read'}: give --out a new directory.`, {
      cause: error,
    });
  }
}

/** Whether a directory holds a run, finished or not. */
export const isStarted = (directory: string): boolean => existsSync(path.join(directory, 'config.json'));

/**
 * Makes and locks a directory for a new run; the function that is returned unlocks it. Throws where it holds something.
 */
export function lockVacant(directory: string): () => void {
  makeFolder(directory);
  const release = lockRun(directory);
  try {
    // Another process may have begun a run here since the directory was first found vacant.
    checkVacant(directory);
    return release;
  } catch (error) {
    release();
    throw error;
  }
}

/** A run that is to be resumed. */
export interface StartedRun {
  readonly record: RunRecord;
  /** The content of `result.json`; undefined where the run is unfinished. */
  readonly result: unknown;
}

/**
 * Reads a run that is to be resumed. Throws where it is another run than the one asked for; with `extend`, the number of
 * epochs may differ.
 */
export function readStarted(
  directory: string,
  { config, seed, hash, own }: RunIdentity,
  { extend = false }: { readonly extend?: boolean } = {},
): StartedRun {
  const file = path.join(directory, 'config.json');
  const several = existsSync(directory) ? severalKind(namesIn(directory)) : undefined;
  if (several !== undefined)
    throw new Error(`${directory} holds the runs of several ${several}s; resume them with --${several}s.`);
  if (!existsSync(file))
    throw new Error(
      `${directory} holds no run (no config.json), so there is nothing to resume; start it without --resume.`,
    );
  const before = readRecord(file, own?.model);
  // Samples are compared themselves below, so how fractions were met and padding read is no difference of its own.
  const { fractions, padding } = before.config.data;
  const { epochs } = extend ? before.config.train : config.train;
  const now = { ...config, data: { ...config.data, fractions, padding }, train: { ...config.train, epochs } };
  const [was, is] = [before.config, now].map((each) => JSON.parse(JSON.stringify(each)) as unknown);
  const different = firstDifference(was, is) ?? firstDifference(before.seed, seed, 'seed');
  if (different)
    throw new Error(
      `${file}: cannot resume with another configuration: "${different.key}" was ${different.before} and is now ${different.after}` +
        (different.key === 'train.epochs'
          ? `; --epochs ${different.before} goes on with it, and another number extends it.`
          : '.'),
    );
  const otherwise = codeDifference(before.code, own?.code);
  if (otherwise !== undefined)
    throw new Error(
      `${file}: cannot resume with other code: ${otherwise}. Put it back as it was, or start the run anew in another directory.`,
    );
  if (before.data.hash !== hash)
    throw new Error(
      `${file}: cannot resume on other data: these are not the samples that the run was started with` +
        (config.data.fractions === fractions && config.data.padding === padding
          ? '.'
          : `; it divided fractions of a dataset.yaml or read padding otherwise: --set data.fractions=${fractions} --set data.padding=${padding}.`),
    );
  const result = path.join(directory, 'result.json');
  return { record: before, result: existsSync(result) ? readJson(result) : undefined };
}

/** Writes the files of a run as it is trained. */
export class RunDirectory {
  /** When the latest checkpoint was written, or the directory was opened; milliseconds as of `performance.now()`. */
  private checkpointed = performance.now();

  private constructor(
    readonly path: string,
    private readonly events: EventWriter,
    private readonly every: CheckpointEvery,
  ) {}

  /**
   * Opens a vacant directory for a new run, or the directory of the same run to go on from `state`. It must be locked.
   */
  static open(
    directory: string,
    { config, seed, hash, own }: RunIdentity,
    origin: RunOrigin,
    { state, every = { minutes: 10 } }: { readonly state?: TrainingState; readonly every?: CheckpointEvery } = {},
  ): RunDirectory {
    const file = (name: string): string => path.join(directory, name);
    const { source, overrides, fold } = origin;
    if (!existsSync(file('config.json')))
      writeFileAtomic(
        file('config.json'),
        encodeRecord({ config, seed, code: own?.code, data: { source, hash }, overrides, fold }),
      );
    // The environment of each start and of each resuming is kept.
    const before = existsSync(file('environment.json')) ? [readJson(file('environment.json'))].flat() : [];
    writeFileAtomic(file('environment.json'), json([...before, environment()]));
    forgetAfter(file('metrics.jsonl'), state?.epoch ?? 0);
    return new RunDirectory(directory, EventWriter.open(directory, { from: (state?.step ?? 0) + 1 }), every);
  }

  /** Writes what an event adds to the files: a line of metrics, points of the TensorBoard curves, a checkpoint. */
  append(event: TrainEvent): void {
    if (event.type === 'step') {
      for (const [name, value] of Object.entries(event.losses)) this.events.scalar(`train/${name}`, value, event.step);
      this.events.scalar('train/gradient_norm', event.gradientNorm, event.step);
      this.events.scalar('train/learning_rate', event.learningRate, event.step);
      if (this.isDue(event.step)) this.writeCheckpoint(event.state);
    }
    if (event.type === 'end' && event.reason === 'aborted') this.writeCheckpoint(event.state);
    if (event.type !== 'epoch') return;
    const { epoch, losses, diagnostics, valid, learningRate, best, state } = event;
    const { step } = state;
    for (const [name, value] of Object.entries(valid)) this.events.scalar(`valid/${name}`, value, step);
    const { leftOut } = event;
    const more = leftOut > 0 ? { left_out: leftOut } : {};
    const line = { epoch, step, losses, diagnostics, valid, learning_rate: learningRate, best, ...more };
    appendLine(this.file('metrics.jsonl'), JSON.stringify(line));
    this.writeCheckpoint(state);
  }

  /**
   * Records a warning unless the run has it already: one `about` the same, or else one of the same words. Returns
   * whether it is new.
   */
  warn({ kind, message, about }: RunWarning): boolean {
    const file = this.file('warnings.jsonl');
    const before = existsSync(file) ? readFileSync(file, 'utf8') : '';
    const told = before
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => parsedText(line) as Partial<RunWarning>);
    const isKnown = (one: Partial<RunWarning>): boolean =>
      about === undefined ? one.about === undefined && one.message === message : one.about === about;
    if (told.some(isKnown)) return false;
    // Warnings are few, so the whole file is replaced for each: a kill never leaves half of a line.
    writeFileAtomic(file, `${before}${JSON.stringify({ kind, about, message })}\n`);
    return true;
  }

  /** Replaces the model of the best epoch, `best.safetensors`. */
  writeBest(model: Uint8Array): void {
    writeFileAtomic(this.file('best.safetensors'), model);
  }

  /** Writes `result.json`, whose presence marks the run as finished. */
  writeResult(result: unknown): void {
    writeFileAtomic(this.file('result.json'), json(result));
  }

  close(): void {
    this.events.close();
  }

  private isDue(step: number): boolean {
    const { every } = this;
    if ('steps' in every) return step % every.steps === 0;
    return performance.now() - this.checkpointed >= every.minutes * 60_000;
  }

  private writeCheckpoint(state: TrainingState): void {
    writeCheckpoint(this.path, state);
    this.checkpointed = performance.now();
  }

  private file(name: string): string {
    return path.join(this.path, name);
  }
}

/**
 * Cuts a file of lines after `epoch`: a kill before an epoch's checkpoint may leave a line that resuming writes again.
 */
function forgetAfter(file: string, epoch: number): void {
  if (!existsSync(file)) return;
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, epoch);
  writeFileAtomic(file, lines.map((line) => `${line}\n`).join(''));
}

/** The surroundings that a result depends on besides `config.json`: versions, command, processor, time of start. */
export const environment = (): unknown => ({
  started: new Date().toISOString(),
  command: ['decalign', ...process.argv.slice(2)].join(' '),
  decalign: version,
  onnxruntime: runtimeVersion(),
  node: process.version,
  platform: `${platform()} ${arch()}`,
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
});

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as unknown;
  } catch (error) {
    throw new Error(`${file} cannot be read (${(error as Error).message}); start the run anew in another directory.`, {
      cause: error,
    });
  }
}

interface Difference {
  readonly key: string;
  readonly before: string;
  readonly after: string;
}

/** The first key (dotted, from the root) in which two JSON values differ; undefined where they are equal. */
function firstDifference(before: unknown, after: unknown, key = ''): Difference | undefined {
  if (isTree(before) && isTree(after)) {
    for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
      const found = firstDifference(before[name], after[name], key ? `${key}.${name}` : name);
      if (found) return found;
    }
    return undefined;
  }
  const [a, b] = [JSON.stringify(before), JSON.stringify(after)] as (string | undefined)[];
  return a === b ? undefined : { key, before: a ?? 'absent', after: b ?? 'absent' };
}
