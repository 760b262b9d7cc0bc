/** The run directory: the files that a training leaves, which every other command reads. */
import { existsSync, readFileSync } from 'node:fs';
import { arch, cpus, platform } from 'node:os';
import path from 'node:path';
import { appendLine } from '../../files/append.ts';
import { writeFileAtomic } from '../../files/atomic.ts';
import { parsedText } from '../../json/text.ts';
import { runtimeVersion } from '../../runtime/node.ts';
import type { TrainEvent, TrainingState } from '../../train/index.ts';
import type { RunWarning } from '../anomalies.ts';
import type { TrainedOn } from '../trained-model.ts';
import { version } from '../version.ts';
import { writeCheckpoint } from './checkpoint.ts';
import { writePredictions } from './predictions.ts';
import { ProgressFile } from './progress.ts';
import { encodeRecord, type RunRecord } from './run-record.ts';
import { readJson, type RunIdentity } from './started-run.ts';
import { EventWriter } from './tensorboard.ts';

/** What `config.json` records beside the identity: where the data was and what it is of, what the call asked for, and the fold. */
export interface RunOrigin extends Pick<RunRecord, 'overrides' | 'fold'>, Pick<RunRecord['data'], 'source'> {
  readonly data: Pick<TrainedOn, 'name' | 'task' | 'metrics'>;
}

/** How often a checkpoint is written within an epoch, besides the one after every epoch. */
export type CheckpointEvery = { readonly steps: number } | { readonly minutes: number };

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** Writes the files of a run as it is trained. */
export class RunDirectory {
  /** When the latest checkpoint was written, or the directory was opened; milliseconds as of `performance.now()`. */
  private checkpointed = performance.now();

  private constructor(
    readonly path: string,
    private readonly events: EventWriter,
    private readonly every: CheckpointEvery,
    private readonly progress: ProgressFile,
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
    const { source, overrides, fold, data } = origin;
    const { name, task, metrics } = data;
    if (!existsSync(file('config.json')))
      writeFileAtomic(
        file('config.json'),
        encodeRecord({ config, seed, code: own?.code, data: { source, hash, name, task, metrics }, overrides, fold }),
      );
    // The environment of each start and of each resuming is kept.
    const before = existsSync(file('environment.json')) ? [readJson(file('environment.json'))].flat() : [];
    writeFileAtomic(file('environment.json'), json([...before, environment()]));
    forgetAfter(file('metrics.jsonl'), state?.epoch ?? 0);
    const events = EventWriter.open(directory, { from: (state?.step ?? 0) + 1 });
    return new RunDirectory(directory, events, every, new ProgressFile(directory));
  }

  /** Writes what an event adds to the files: progress, a line of metrics, points of the TensorBoard curves, a checkpoint. */
  append(event: TrainEvent): void {
    this.progress.note(event);
    if (event.type === 'step') {
      for (const [name, value] of Object.entries(event.losses)) this.events.scalar(`train/${name}`, value, event.step);
      this.events.scalar('train/gradient_norm', event.gradientNorm, event.step);
      this.events.scalar('train/learning_rate', event.learningRate, event.step);
      if (this.isDue(event.step)) this.writeCheckpoint(event.state);
    }
    if (event.type === 'end' && event.reason === 'aborted') this.writeCheckpoint(event.state);
    if (event.type !== 'epoch') return;
    const { epoch, stage, losses, diagnostics, valid, learningRate, best, state } = event;
    const { step } = state;
    for (const [name, value] of Object.entries(valid)) this.events.scalar(`valid/${name}`, value, step);
    const { leftOut } = event;
    const more = leftOut > 0 ? { left_out: leftOut } : {};
    const line = { epoch, stage, step, losses, diagnostics, valid, learning_rate: learningRate, best, ...more };
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

  /** Writes `predictions.jsonl`, of lines of `predictionLines`. */
  writePredictions(lines: readonly string[]): void {
    writePredictions(this.path, lines);
  }

  /** Writes `result.json`, whose presence marks the run as finished. */
  writeResult(result: unknown): void {
    writeFileAtomic(this.file('result.json'), json(result));
  }

  /** Notes down that training ended with an error. */
  fail(error: unknown): void {
    this.progress.fail(error instanceof Error ? error.message : String(error));
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
