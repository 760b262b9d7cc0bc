/** Has views made in a process of their own, one at a time, and keeps what was made. */
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { RecentlyUsed } from '../folder/recently-used.ts';
import type { ViewName, ViewReply, ViewRequest, Views } from './views.ts';

/** The runs lack what a view shows: the message says what. */
export class NoViewError extends Error {
  override readonly name = 'NoViewError';
}

/** So many answers are kept, those that were asked for last. */
const mostKept = 100;
/** Milliseconds without a question after which the process is ended: models and data take memory. */
const usualPatience = 5 * 60_000;

// The package that is published is JavaScript; Node 20 needs help to run the TypeScript that it is made from.
const fromSource = import.meta.url.endsWith('.ts');
const entry = fileURLToPath(new URL(fromSource ? './main.ts' : './main.js', import.meta.url));
const execArgv = fromSource ? ['--import', import.meta.resolve('tsx')] : [];

interface Kept {
  readonly made: Promise<string>;
  /** Asks each of those who wait for it whether they still do; absent once it is made. */
  wanted: (() => boolean)[] | undefined;
}

interface Waiting {
  readonly resolve: (json: string) => void;
  readonly reject: (error: Error) => void;
}

export class ViewMaker {
  private readonly kept = new RecentlyUsed<Kept>(mostKept);
  private readonly waiting = new Map<number, Waiting>();
  private last: Promise<unknown> = Promise.resolve();
  private child: ChildProcess | undefined;
  private idle: NodeJS.Timeout | undefined;
  private requests = 0;
  private readonly patience: number;

  /** `patience`: the milliseconds after which an idle process is ended. Default: five minutes. */
  constructor({ patience = usualPatience }: { readonly patience?: number } = {}) {
    this.patience = patience;
  }

  /**
   * The JSON of a view. What was made of the same arguments is given again. `isWanted` is asked when its turn comes: nobody may
   * wait for it any more. Throws a NoViewError where the runs lack what it shows.
   */
  make<N extends ViewName>(
    view: N,
    args: Parameters<Views[N]>,
    { isWanted = () => true }: { readonly isWanted?: () => boolean } = {},
  ): Promise<string> {
    const key = JSON.stringify([view, args]);
    const kept = this.kept.get(key, () => this.begin(key, () => this.ask(view, args)));
    kept.wanted?.push(isWanted);
    return kept.made;
  }

  /** Ends the process. */
  close(): void {
    clearTimeout(this.idle);
    this.child?.kill('SIGKILL');
  }

  private begin(key: string, ask: () => Promise<string>): Kept {
    const wanted: (() => boolean)[] = [];
    const kept: Kept = { made: this.inTurn(ask, wanted), wanted };
    kept.made.then(
      () => (kept.wanted = undefined),
      // What failed may be made when it is asked for again.
      () => this.kept.forget(key),
    );
    return kept;
  }

  private inTurn(ask: () => Promise<string>, wanted: readonly (() => boolean)[]): Promise<string> {
    const turn = this.last.then(() => {
      if (wanted.some((isWanted) => isWanted())) return ask();
      throw new NoViewError('Nobody waits for it any more.');
    });
    this.last = turn.catch(() => undefined);
    return turn;
  }

  private ask(view: ViewName, args: readonly unknown[]): Promise<string> {
    clearTimeout(this.idle);
    const id = ++this.requests;
    const request: ViewRequest = { id, view, args };
    return new Promise<string>((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      const child = this.started();
      child.channel?.ref();
      child.send(request);
    }).finally(() => {
      // What is idle keeps no process alive.
      this.child?.channel?.unref();
      this.child?.unref();
      this.idle = setTimeout(() => this.rest(), this.patience).unref();
    });
  }

  /** Ends the process; whoever asks before it has ended gets another. */
  private rest(): void {
    this.child?.kill();
    this.child = undefined;
  }

  private started(): ChildProcess {
    if (this.child) return this.child;
    const child = fork(entry, { execArgv, stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    child.on('message', (reply: ViewReply) => this.settle(reply));
    child.on('error', (error) => this.end(child, error.message));
    child.on('exit', () => this.end(child, 'its process was ended, as happens when memory runs out'));
    this.child = child;
    return child;
  }

  private end(child: ChildProcess, reason: string): void {
    if (this.child !== child) return;
    this.child = undefined;
    for (const { reject } of this.waiting.values()) reject(new Error(`This could not be made: ${reason}.`));
    this.waiting.clear();
  }

  private settle(reply: ViewReply): void {
    const waiting = this.waiting.get(reply.id);
    this.waiting.delete(reply.id);
    if ('json' in reply) waiting?.resolve(reply.json);
    else waiting?.reject(reply.expected ? new NoViewError(reply.error) : new Error(reply.error));
  }
}
