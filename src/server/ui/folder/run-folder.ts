/** The folder that is shown: its runs and experiments, looked at anew every two seconds while somebody wants to know. */
import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import path from 'node:path';
import { codeOf } from '../../../files/write-error.ts';
import type { Redaction } from '../../../report/shareable.ts';
import type { ExperimentRow, RunChanges, RunRow, RunStatus } from '../api/routes.ts';
import { redacted } from '../redacted.ts';
import { idOf } from './ids.ts';
import { NumberedRows } from './numbered-rows.ts';
import { placesIn, type Place } from './places.ts';
import { WatchedExperiment } from './watched-experiment.ts';
import { WatchedRun } from './watched-run.ts';

/** Milliseconds: between two looks; of a look, before others have their turn, and before listeners hear how far it is. */
const [interval, turn, patience] = [2000, 10, 250];

/** The folder as it was when it was last looked at, or the part of it that changed. */
type FolderNow = Omit<RunChanges, 'all' | 'gone'>;

export interface RunFolderOptions {
  /** What is known of the run in a directory besides its files, which tell that status. */
  readonly about?: ((directory: string, status: RunStatus) => Partial<RunRow>) | undefined;
}

export class RunFolder {
  /** The name of the folder, without its path. */
  readonly name: string;
  private readonly redact: Redaction;
  private readonly runs = new Map<string, WatchedRun>();
  private readonly experiments = new Map<string, WatchedExperiment>();
  private readonly runRows = new NumberedRows<RunRow>(() => ++this.revision);
  private readonly experimentRows = new NumberedRows<ExperimentRow>(() => ++this.revision);
  private readonly listeners = new Set<() => void>();
  /** Numbers of changes are those of this process. */
  private readonly boot = randomBytes(4).toString('hex');
  private revision = 0;
  /** The revision, and what else there is to tell, that listeners have heard of. */
  private told = '';
  private looking: Promise<void> | undefined;
  private lookedAt = -Infinity;
  private timer: NodeJS.Timeout | undefined;
  private problem: string | undefined;
  private isRead = false;
  private device: number | undefined;

  constructor(
    readonly root: string,
    private readonly options: RunFolderOptions = {},
  ) {
    this.name = path.basename(path.resolve(root)) || '/';
    this.redact = redacted(root);
  }

  run(id: string): WatchedRun | undefined {
    return this.runs.get(id);
  }

  experiment(id: string): WatchedExperiment | undefined {
    return this.experiments.get(id);
  }

  rows(): readonly RunRow[] {
    return this.runRows.all();
  }

  /** Resolves when the folder was looked at within the last two seconds, or after so many milliseconds anyway. */
  async fresh({ within = Infinity }: { readonly within?: number } = {}): Promise<void> {
    if (performance.now() - this.lookedAt < interval) return;
    const looked = this.look();
    if (within === Infinity) return looked;
    await Promise.race([looked, new Promise((resolve) => setTimeout(resolve, within).unref())]);
  }

  /** Resolves when the folder was looked at from its beginning since this was called. */
  async lookAnew(): Promise<void> {
    await this.looking;
    await this.look();
  }

  /** Calls `listener` after changes, and keeps looking until the function that is returned is called. */
  listen(listener: () => void): () => void {
    this.listeners.add(listener);
    if (this.listeners.size === 1) this.keepLooking();
    return () => this.listeners.delete(listener);
  }

  /** All there is. */
  list(): FolderNow {
    return this.since(0).now;
  }

  /** What changed since a cursor; everything where there is none, or it is of another process. */
  changes(cursor?: string): RunChanges {
    const since = this.numberOf(cursor);
    const { now, gone } = this.since(since ?? 0);
    return since === undefined ? { ...now, all: true, gone: [] } : { ...now, gone };
  }

  private since(number: number): { readonly now: FolderNow; readonly gone: readonly string[] } {
    const [runs, experiments] = [this.runRows.since(number), this.experimentRows.since(number)];
    const now = {
      cursor: `${this.boot}.${this.revision}`,
      ...(!this.isRead && { reading: true as const }),
      ...(this.problem !== undefined && { problem: this.problem }),
      runs: newestFirst(runs.rows),
      experiments: newestFirst(experiments.rows),
    };
    return { now, gone: [...runs.gone, ...experiments.gone] };
  }

  private numberOf(cursor = ''): number | undefined {
    const [boot, number] = cursor.split('.');
    const since = boot === this.boot ? Number(number) : NaN;
    const forgotten = Math.max(this.runRows.forgotten, this.experimentRows.forgotten);
    return since >= forgotten && since <= this.revision ? since : undefined;
  }

  private keepLooking(): void {
    clearTimeout(this.timer);
    if (this.listeners.size === 0) return;
    void this.look().then(() => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.keepLooking(), interval);
      this.timer.unref();
    });
  }

  /** Looks at the folder now; who asks while it is looked at is told with the others. */
  look(): Promise<void> {
    this.looking ??= this.lookAtAll().finally(() => {
      this.looking = undefined;
      this.lookedAt = performance.now();
    });
    return this.looking;
  }

  private async lookAtAll(): Promise<void> {
    const breathe = turns(() => this.tell());
    try {
      this.checkDevice();
      const seen = new Set<string>();
      for (const place of placesIn(this.root, (directory) => this.runs.has(idOf(this.root, directory)))) {
        seen.add(this.lookAt(place));
        await breathe();
      }
      for (const run of this.runs.values()) {
        if (!run.hasUnread) continue;
        while (run.readEpochs()) await breathe();
        if (run.show()) this.runRows.set(run.row);
        await breathe();
      }
      this.forgetAllBut(seen);
      const rows = this.rows();
      for (const experiment of this.experiments.values())
        if (experiment.look(rows.filter((row) => row.experiment === experiment.id)))
          this.experimentRows.set(experiment.row);
      this.problem = undefined;
    } catch (error) {
      this.problem = this.problemOf(error);
    }
    this.isRead = true;
    this.tell();
  }

  private lookAt(place: Place): string {
    const { directory, kind, within } = place;
    const id = idOf(this.root, directory);
    if (kind === 'experiment') {
      const experiment = this.experiments.get(id) ?? new WatchedExperiment(id, directory);
      this.experiments.set(id, experiment);
      return id;
    }
    const known = this.runs.get(id);
    const experiment = within === undefined ? undefined : idOf(this.root, within);
    const run = known ?? new WatchedRun(id, directory, { experiment, about: this.options.about, redact: this.redact });
    this.runs.set(id, run);
    if (run.look(place.problem)) this.runRows.set(run.row);
    return id;
  }

  private forgetAllBut(seen: ReadonlySet<string>): void {
    for (const id of this.runs.keys())
      if (!seen.has(id)) {
        this.runs.delete(id);
        this.runRows.remove(id);
      }
    for (const id of this.experiments.keys())
      if (!seen.has(id)) {
        this.experiments.delete(id);
        this.experimentRows.remove(id);
      }
  }

  /** Of a disk that was taken off, the empty folder is left on which it was. */
  private checkDevice(): void {
    const { dev } = statSync(this.root);
    this.device ??= dev;
    if (dev !== this.device) throw new Unmounted();
  }

  private problemOf(error: unknown): string {
    const { name } = this;
    if (codeOf(error) === 'ENOENT' && this.device === undefined)
      return `${name} is not there yet: runs come when something is trained.`;
    return `${name} ${wrongWith(error)}: what is shown is how it was.`;
  }

  private tell(): void {
    const now = [this.revision, this.problem, this.isRead].join();
    if (now === this.told) return;
    this.told = now;
    for (const listener of this.listeners) listener();
  }
}

class Unmounted extends Error {}

function wrongWith(error: unknown): string {
  if (error instanceof Unmounted) return 'is on another disk than before, as where one was unmounted';
  return codeOf(error) === 'ENOENT' ? 'is not there any more' : `cannot be read (${codeOf(error) || String(error)})`;
}

/** Lets others have their turn from time to time, and calls `after` where that took long. */
function turns(after: () => void): () => Promise<void> {
  let [last, heard] = [performance.now(), performance.now()];
  return async () => {
    if (performance.now() - last < turn) return;
    await new Promise((resolve) => setImmediate(resolve));
    last = performance.now();
    if (last - heard < patience) return;
    heard = last;
    after();
  };
}

const newestFirst = <T extends { readonly started: string }>(rows: readonly T[]): readonly T[] =>
  rows.toSorted((a, b) => (a.started < b.started ? 1 : a.started > b.started ? -1 : 0));
