/** One run of the folder that is shown, as its files were when they were last looked at. */
import path from 'node:path';
import { hashOfJson } from '../../../experiments/benchmark/entries.ts';
import {
  dataNameOf,
  modifiedAt,
  recordAndResult,
  selectionOf,
  startsOf,
  type ListedRecord,
  type ListedResult,
} from '../../../experiments/listed-run.ts';
import { codeOf } from '../../../files/write-error.ts';
import { titleOf } from '../../../models/index.ts';
import type { Redaction } from '../../../report/shareable.ts';
import { readProgress, type RunProgress } from '../../../runs/record/progress.ts';
import { statusOf } from '../../../runs/record/status.ts';
import { placeOfEpoch } from '../../../train/index.ts';
import type { MetricFigure, RunRow, RunStatus } from '../api/routes.ts';
import { settingsOf } from './configuration.ts';
import { damageText } from './epoch-line.ts';
import { EpochsSoFar, headline } from './epochs-so-far.ts';
import { found, isSettled } from './found.ts';
import { WarningCount } from './warning-lines.ts';
import { aboutMetric } from './metric-about.ts';

/** The files by whose times and sizes a change is seen. Those that are replaced as a whole change their folder's time too. */
const watched = ['', 'config.json', 'result.json', 'progress.json', 'metrics.jsonl', 'warnings.jsonl'];

/** What of a run is read from its record and its result. */
interface Facts {
  readonly record: ListedRecord | undefined;
  readonly result: ListedResult | undefined;
  readonly problem: string | undefined;
  readonly starts: readonly [string, ...string[]];
  readonly progress: RunProgress | undefined;
  readonly settings: NonNullable<RunRow['set']>;
}

export interface WatchedRunOptions {
  /** The id of the experiment that it is part of. */
  readonly experiment: string | undefined;
  /** What is known of the run in a directory besides its files, which tell that status. */
  readonly about: ((directory: string, status: RunStatus) => Partial<RunRow>) | undefined;
  /** Takes this machine's paths out of what training said. */
  readonly redact: Redaction;
}

export class WatchedRun {
  row: RunRow;
  /** The JSON of `row`, to see what has changed. */
  private text = '';
  private signature = '';
  private facts: Facts | undefined;
  private epochs: EpochsSoFar | undefined;
  private readonly warnings: WarningCount;
  private status: RunStatus = 'unknown';
  /** Whether there may be epochs or warnings that were not read yet. */
  hasUnread = true;
  private areEpochsRead = true;

  constructor(
    readonly id: string,
    readonly directory: string,
    private readonly more: WatchedRunOptions,
  ) {
    this.row = { id, status: 'unknown', started: new Date(0).toISOString() };
    this.warnings = new WarningCount(directory);
  }

  /** What its files are like: another where they changed. */
  get version(): string {
    return this.signature;
  }

  /** Undefined where it cannot be read. */
  get record(): ListedRecord | undefined {
    return this.facts?.record;
  }

  /** Looks whether the files changed, all but the epochs; returns whether the row did. `problem` is known of its folder. */
  look(problem?: string): boolean {
    const files = watched.map((name) => found(path.join(this.directory, name)));
    const signature = `${files.map((file) => (file ? `${file.mtimeMs}:${file.size}` : '')).join(' ')} ${problem ?? ''}`;
    const isSame = signature === this.signature && files.every((file) => !file || isSettled(file.mtimeMs));
    // What is not finished may have lost the process that trains it, which changes no file.
    if (isSame && this.status === 'finished') return false;
    try {
      if (!isSame || !this.facts) {
        this.facts = factsOf(this.directory, problem);
        this.hasUnread = true;
        // A run that is new is told of before its epochs are read; later both are told together.
        if (this.epochs) this.readEpochs();
      }
      this.signature = signature;
      this.status = statusOf(this.directory);
      return this.show();
    } catch (error) {
      // The folder may go away, or be on a disk that does.
      this.signature = '';
      return this.become({
        ...this.row,
        status: 'unknown',
        problem: `cannot be read (${codeOf(error) || String(error)})`,
      });
    }
  }

  /** Reads epochs and warnings that came since; returns whether there is more to be read at once. */
  readEpochs(): boolean {
    if (!this.facts) return (this.hasUnread = false);
    this.epochs ??= new EpochsSoFar(path.join(this.directory, 'metrics.jsonl'), (valid) =>
      this.record ? selectionOf(this.record, valid) : 'mae',
    );
    const hasMoreWarnings = this.warnings.read();
    try {
      this.hasUnread = this.epochs.read() || hasMoreWarnings;
      this.areEpochsRead = true;
    } catch {
      [this.hasUnread, this.areEpochsRead] = [hasMoreWarnings, false];
    }
    return this.hasUnread;
  }

  /** Makes the row anew of what was read, after its epochs were; returns whether it changed. */
  show(): boolean {
    const { facts, status } = this;
    if (!facts) return false;
    const { record } = facts;
    return this.become({
      id: this.id,
      status,
      ...(this.more.experiment !== undefined && { experiment: this.more.experiment }),
      ...(record && recordedRow(record)),
      ...(Object.keys(facts.settings).length > 0 && { set: facts.settings }),
      ...this.trained(facts),
      ...timesOf(facts),
      ...(this.warnings.count > 0 && { warnings: this.warnings.count }),
      ...this.more.about?.(this.directory, status),
    });
  }

  private trained({ record, result, progress, problem }: Facts): Partial<RunRow> {
    const { epochs } = this;
    const done = epochs?.done ?? result?.epochs;
    const of = result?.epochs ?? progress?.epochs ?? record?.config.train.epochs;
    const best = result?.best_epoch ?? epochs?.best;
    const valid = headline(result?.valid ?? epochs?.figures ?? {});
    const test = result?.test && headline(result.test);
    const spark = epochs?.spark() ?? [];
    const unread = this.areEpochsRead ? undefined : 'has a metrics.jsonl that cannot be read';
    const failure = this.status === 'failed' ? failureText(this.more.redact(progress?.failure ?? '')) : undefined;
    const damage = problem ?? unread ?? damageText(epochs?.damaged ?? 0) ?? failure;
    return {
      ...(done !== undefined && {
        epochs: {
          done,
          ...(of !== undefined && { of }),
          ...(!result && progress?.stages && { within: placeOfEpoch(done, progress.epochs, progress.stages) }),
        },
      }),
      ...(best !== undefined && { bestEpoch: best }),
      ...(record && metricOf(record, valid, test)),
      ...(Object.keys(valid).length > 0 && { valid }),
      ...(test && { test }),
      ...(spark.length > 0 && { spark }),
      ...(damage !== undefined && { problem: damage }),
    };
  }

  private become(row: RunRow): boolean {
    const told = row.problem ?? strangeness(row);
    const whole = told === undefined ? row : { ...row, problem: told };
    const text = JSON.stringify(whole);
    if (text === this.text) return false;
    [this.row, this.text] = [whole, text];
    return true;
  }
}

function factsOf(directory: string, known: string | undefined): Facts {
  const { record, result, problem } = recordAndResult(directory);
  return {
    ...{ record, result, problem: known ?? problem },
    starts: record ? startsOf(directory) : [modifiedAt(directory)],
    progress: readProgress(directory),
    settings: record ? settingsOf(record) : {},
  };
}

function recordedRow(record: ListedRecord): Partial<RunRow> {
  const { config, seed, data, fold, code } = record;
  const { name: model } = config.model;
  return {
    ...{ model, title: titleOf(model), data: dataNameOf(record), seed },
    ...(fold && { fold: fold.index + 1 }),
    ...(config.recipe !== undefined && { recipe: config.recipe }),
    group: hashOfJson([config, data.hash ?? data.source, fold?.request ?? null, code?.sha256 ?? null]),
  };
}

function metricOf(record: ListedRecord, valid: RunRow['valid'], test: RunRow['test']): Pick<RunRow, 'metric'> {
  const name = selectionOf(record, valid ?? {});
  const [onValid, onTest] = [valid?.[name], test?.[name]];
  if (onValid === undefined) return {};
  const metric: MetricFigure = {
    ...aboutMetric(record.data.metrics, name),
    valid: onValid,
    ...(onTest !== undefined && { test: onTest }),
  };
  return { metric };
}

/** When it was started and how long it trained, as far as its clock tells. */
function timesOf({ starts, progress }: Facts): Pick<RunRow, 'started' | 'seconds' | 'secondsLeft' | 'stepsPerSecond'> {
  const [started] = starts;
  const { updated, step, seconds: trained, steps_per_second: speed, seconds_left: left } = progress ?? {};
  const passed = updated === undefined ? undefined : (Date.parse(updated) - Date.parse(started)) / 1000;
  // Between two starts it stood still, for nobody knows how long: then its training alone counts, as where a clock was put back. An
  // earlier release tells its speed.
  const isWhole = starts.length === 1 && passed !== undefined && passed >= 0;
  const seconds = isWhole ? passed : (trained ?? (step !== undefined && speed ? step / speed : undefined));
  return {
    started,
    ...(seconds !== undefined && { seconds: Math.round(10 * seconds) / 10 }),
    ...(left !== undefined && left !== null && left > 0 && { secondsLeft: left }),
    ...(speed !== undefined && speed !== null && { stepsPerSecond: speed }),
  };
}

/** Why a training ended, after `This run`. */
export const failureText = (message: string): string => `ended with an error: ${message.replace(/\.$/, '')}`;

/** So far clocks of two machines may be apart, in milliseconds. */
const apart = 5 * 60_000;

/** What else is not to be trusted of a run that could be read. */
function strangeness({ status, started }: RunRow): string | undefined {
  if (status === 'unknown')
    return 'is held by a process on another machine that gave no sign of life for minutes, as far as clocks tell';
  if (Date.parse(started) > Date.now() + apart) return 'was started in the future, by the clock of its machine';
  return undefined;
}
