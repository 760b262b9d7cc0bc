/** Folders of runs for tests: copies of a run that is kept for them, which a test may change. */
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Tree } from '../../json/tree.ts';
import { uiApp, type UiOptions, type UiServer } from './app.ts';

const fixtures = path.resolve(import.meta.dirname, '../../../test/fixtures/runs');

/** A folder with runs, which `remove` takes away. */
export class Runs {
  readonly root = mkdtempSync(path.join(tmpdir(), 'decalign-ui-'));

  /** Copies the run that a release of that format wrote. */
  add(id: string, { format = 3 }: { readonly format?: 1 | 2 | 3 } = {}): string {
    const directory = path.join(this.root, id);
    mkdirSync(path.dirname(directory), { recursive: true });
    cpSync(path.join(fixtures, `run-${format}`), directory, { recursive: true });
    return directory;
  }

  /** A run that has begun and not finished, with so many epochs on record. */
  begin(id: string, epochs: number): string {
    const directory = this.add(id);
    for (const name of ['result.json', 'predictions.jsonl', 'metrics.jsonl']) rmSync(path.join(directory, name));
    this.grow(id, epochs);
    return directory;
  }

  /** Adds epochs to a run, as training does. */
  grow(id: string, epochs: number): void {
    const file = path.join(this.root, id, 'metrics.jsonl');
    const first = lineCount(file);
    for (let n = first + 1; n <= first + epochs; n++) appendFileSync(file, `${JSON.stringify(epochLine(n))}\n`);
  }

  /** Changes a JSON file of a run. */
  edit(id: string, name: string, change: (tree: Tree) => Tree): void {
    const file = path.join(this.root, id, name);
    writeFileSync(file, JSON.stringify(change(JSON.parse(readFileSync(file, 'utf8')) as Tree)));
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** An epoch, better than those before it. */
export const epochLine = (epoch: number): Tree => ({
  epoch,
  step: 2 * epoch,
  losses: { task: 1 / epoch, total: 2 / epoch },
  diagnostics: {},
  valid: { mae: 1 + 1 / epoch, corr: null },
  learning_rate: 0.002,
  best: true,
});

function lineCount(file: string): number {
  try {
    return readFileSync(file, 'utf8').split('\n').length - 1;
  } catch {
    return 0;
  }
}

/** A server of a folder; its pages are those of `pages`, a folder that is empty unless a test fills it. */
export function serverOf(root: string, options: Partial<UiOptions> = {}): UiServer {
  return uiApp({ root, pages: root, ...options });
}

interface AskedWith extends RequestInit {
  readonly headers?: Record<string, string>;
}

/** Asks a server, as a browser does that is on its machine. */
export const asked = async (server: UiServer, route: string, init: AskedWith = {}): Promise<Response> =>
  server.request(route, { ...init, headers: { host: 'localhost:4680', ...init.headers } });

export async function answer<T>(server: UiServer, route: string, init: AskedWith = {}): Promise<T> {
  const response = await asked(server, route, init);
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status}: ${text}`);
  return JSON.parse(text) as T;
}

export interface HeardEvent {
  readonly event: string;
  readonly id: string;
  readonly data: unknown;
}

/** The events of a stream, one by one, until `close`. */
export class Events {
  private readonly reader: ReadableStreamDefaultReader<Uint8Array>;
  private text = '';

  constructor(response: Response) {
    this.reader = response.body!.getReader();
  }

  /** The next event of a kind; those before it are passed over. */
  async next(kind: string): Promise<HeardEvent> {
    for (;;) {
      const end = this.text.indexOf('\n\n');
      if (end < 0) {
        const { done, value } = await this.reader.read();
        if (done) throw new Error('The stream has ended.');
        this.text += new TextDecoder().decode(value);
        continue;
      }
      const lines = this.text.slice(0, end).split('\n');
      this.text = this.text.slice(end + 2);
      const field = (name: string): string =>
        lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2) ?? '';
      if (field('event') === kind) return { event: kind, id: field('id'), data: JSON.parse(field('data')) };
    }
  }

  close(): Promise<void> {
    return this.reader.cancel();
  }
}
