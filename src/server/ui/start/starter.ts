/** Starts trainings as processes of the same installation, and stops those that it started. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmdirSync } from 'node:fs';
import path from 'node:path';
import { isMade } from '../../../data/datasets/made.ts';
import { makeFolder } from '../../../files/append.ts';
import { attempt } from '../../../files/write-error.ts';
import { freshDirectory } from '../../../runs/record/out-directory.ts';
import type { StartRequest } from '../api/start.ts';
import { baseOf } from '../data-of-run.ts';
import { holdsRunsOfAnyName } from '../folder/places.ts';
import { settingsOf } from './start-form.ts';

/** A run cannot be started, stopped or gone on with: one line, of the field `key` where it has one. */
export class StartError extends Error {
  override readonly name = 'StartError';

  constructor(
    message: string,
    readonly key?: string,
  ) {
    super(message);
  }
}

interface Started {
  /** The arguments of `decalign` that began it, without those of where it goes. */
  readonly args: readonly string[];
  child: ChildProcess | undefined;
  /** Whether its process was asked to end. */
  isStopped: boolean;
  /** Why its process ended, where nobody stopped it. */
  failure: string | undefined;
}

/** Milliseconds between two looks whether a run has begun. */
const interval = 50;

export class Starter {
  private readonly started = new Map<string, Started>();

  /** `command` starts `decalign`; `root` is the folder that runs go to, `files` the data that may be named. */
  constructor(
    private readonly command: readonly [string, ...string[]],
    private readonly root: string,
    private readonly files: readonly string[],
  ) {}

  /** What there is to say of the run in a directory: undefined where another started it. */
  about(directory: string): { readonly lives: boolean; readonly failure: string | undefined } | undefined {
    const run = this.started.get(directory);
    return run && { lives: run.child !== undefined, failure: run.failure };
  }

  /** The directories of those that train now. */
  running(): readonly string[] {
    return [...this.started].flatMap(([directory, { child }]) => (child ? [directory] : []));
  }

  /**
   * Starts a run whose values were checked, and returns its directory when it has begun. Throws a StartError where it did not: for
   * a name that is taken, and with what the process said.
   */
  async start({ model, recipe, data, seed = '1', name, values }: StartRequest): Promise<string> {
    const source = isMade(data) ? data : this.files.find((file) => baseOf(file) === data);
    if (source === undefined)
      throw new StartError(`There is no data "${data}" to be named: start decalign ui with --data FILE.`);
    const directory = this.vacant(name, `${path.parse(data).name}-${model}`);
    const args = [
      ...[
        'train',
        path.isAbsolute(source) || isMade(source) ? source : `./${source}`,
        '--model',
        model,
        '--seed',
        seed,
      ],
      ...(recipe === undefined ? [] : ['--recipe', recipe]),
      ...settingsOf(values).flatMap((pair) => ['--set', pair]),
    ];
    const run: Started = { args, child: undefined, isStopped: false, failure: undefined };
    this.started.set(directory, run);
    try {
      await this.spawn(directory, run, []);
    } catch (error) {
      this.started.delete(directory);
      giveBack(directory);
      throw error;
    }
    return directory;
  }

  /** Asks a run to write its checkpoint and end. Throws a StartError for one that was not started here, or does not train. */
  stop(directory: string): void {
    const run = this.ownRun(directory);
    if (!run.child) throw new StartError('It does not train.');
    // A second signal would end it at once, without its checkpoint.
    if (!run.isStopped) run.child.kill('SIGTERM');
    run.isStopped = true;
  }

  /** Goes on with a run that was started here and stopped. Throws a StartError where it cannot. */
  async resume(directory: string): Promise<void> {
    const run = this.ownRun(directory);
    if (run.child) throw new StartError('It trains already.');
    run.failure = undefined;
    await this.spawn(directory, run, ['--resume']);
  }

  private ownRun(directory: string): Started {
    const run = this.started.get(directory);
    if (!run)
      throw new StartError('It was started elsewhere: stop it there, and go on with it by decalign train --resume.');
    return run;
  }

  /** Makes the folder of a new run, so that nobody else takes the name. */
  private vacant(name: string | undefined, usual: string): string {
    const directory = name === undefined ? freshDirectory(usual, { folder: this.root }) : path.join(this.root, name);
    const own = path.basename(directory);
    try {
      makeFolder(this.root);
      if (!holdsRunsOfAnyName(readdirSync(this.root)))
        throw new StartError('The folder that is shown is that of a run or an experiment: show the one above it.');
      // It would make the folder that is shown that of a run, and hide all others.
      if (own === 'node_modules' || !holdsRunsOfAnyName([own]))
        throw new StartError(`"${own}" is what a part of a run is called: give the run another name.`, 'name');
      attempt(own, () => mkdirSync(directory));
    } catch (error) {
      if (existsSync(directory)) throw new StartError(`"${own}" is there already: give the run another name.`, 'name');
      throw error instanceof StartError ? error : new StartError((error as Error).message);
    }
    return directory;
  }

  /** Resolves when the run has begun; throws a StartError where its process ends before. */
  private spawn(directory: string, run: Started, more: readonly string[]): Promise<void> {
    const [program, ...before] = this.command;
    const args = [...before, ...run.args, '--quiet', '--out', directory, ...more];
    // In a group of its own: Ctrl-C ends the server alone, and the training goes on.
    const child = spawn(program, args, { detached: true, stdio: ['ignore', 'ignore', 'pipe'] });
    [run.child, run.isStopped] = [child, false];
    let said = '';
    child.stderr.on('data', (data: Buffer) => (said = (said + data.toString()).slice(-4000)));
    return new Promise((resolve, reject) => {
      const timer = setInterval(() => {
        if (existsSync(path.join(directory, 'config.json'))) begun();
      }, interval);
      const begun = (): void => {
        clearInterval(timer);
        resolve();
      };
      const ended = (reason: string | undefined): void => {
        clearInterval(timer);
        run.child = undefined;
        run.failure = reason;
        if (reason === undefined) resolve();
        else reject(new StartError(reason));
      };
      child.on('error', (error) => ended(error.message));
      child.on('close', (code, signal) => {
        // It may not have heard of signals yet.
        const isStopped = run.isStopped && signal === 'SIGTERM';
        ended(isStopped ? undefined : reasonOf(code, signal, said));
      });
    });
  }
}

/** Takes the folder of a run that never began away again, where it is empty. */
function giveBack(directory: string): void {
  try {
    rmdirSync(directory);
  } catch {
    // What there is in it stays.
  }
}

/** Why a process ended, in what it said last; undefined where it finished, or was asked to stop. */
function reasonOf(code: number | null, signal: NodeJS.Signals | null, said: string): string | undefined {
  if (code === 0 || code === 143 || code === 130) return undefined;
  if (signal !== null) return `Its process was ended by ${signal}, as happens when memory runs out.`;
  const last = said
    .split('\n')
    .filter((line) => line.trim() !== '')
    .at(-1);
  return last?.replace(/^decalign: /, '') ?? `Its process ended with ${code}.`;
}
