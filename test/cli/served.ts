/** `decalign serve` as a process, and curl, which knows nothing of it. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { tmpdir } from 'node:os';
import { compiled } from '../compiled.ts';
import { finished, type Finished } from '../process.ts';

export interface Served {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** What was printed as the address. */
  readonly address: string;
  readonly child: ChildProcessWithoutNullStreams;
  /** How it ends. */
  readonly ended: Promise<Finished>;
  /** Resolves when stderr holds what is looked for. */
  told(what: RegExp): Promise<void>;
}

/** Starts `decalign serve ...args` at any free port, and resolves when it listens. Rejects with its errors where it ends first. */
export async function served(
  args: readonly string[],
  { env = {}, node = [] }: { readonly env?: Readonly<Record<string, string>>; readonly node?: readonly string[] } = {},
): Promise<Served> {
  const call = [...node, compiled(), 'serve', '--port', '0', '--threads', '1', ...args];
  const child = spawn(process.execPath, call, { cwd: tmpdir(), env: { ...process.env, CI: '1', ...env } });
  let seen = '';
  const watching = new Set<() => void>();
  const ended = finished(child, (text) => {
    seen = text;
    for (const look of watching) look();
  });
  const address = await new Promise<string>((resolve, reject) => {
    let printed = '';
    child.stdout.on('data', (data: Buffer) => {
      printed += data.toString();
      if (printed.includes('\n')) resolve(printed.trim());
    });
    void ended.then(({ code, stderr }) => reject(new Error(`exit code ${code}: ${stderr}`)));
  });
  return {
    url: new URL(address).origin,
    ...{ address, child, ended },
    told: (what) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!what.test(seen)) return;
          watching.delete(look);
          resolve();
        };
        watching.add(look);
        look();
      }),
  };
}

/** Ends a server as whoever runs services does, and says how it ended. */
export function stopped({ child, ended }: Served): Promise<Finished> {
  child.kill('SIGTERM');
  return ended;
}

export interface Curled {
  readonly status: number;
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** What curl gets; `input` is sent where an argument is `@-`. */
export function curl(args: readonly string[], input?: Uint8Array | string): Promise<Curled> {
  const child = spawn('curl', ['--silent', '--show-error', '--include', '--http1.1', ...args]);
  const pieces: Buffer[] = [];
  let problem = '';
  child.stdout.on('data', (piece: Buffer) => pieces.push(piece));
  child.stderr.on('data', (piece: Buffer) => (problem += piece.toString()));
  // A server that refuses a body closes what it would come by.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(parsed(Buffer.concat(pieces)));
      else reject(new Error(`curl ended with ${code}: ${problem}`));
    });
  });
}

/** The last answer of those that came: a client that asks whether it may go on gets one before. */
function parsed(all: Buffer): Curled {
  const end = all.indexOf('\r\n\r\n');
  const [first = '', ...lines] = all.subarray(0, end).toString().split('\r\n');
  const status = Number(first.split(' ')[1]);
  const body = all.subarray(end + 4);
  if (status === 100) return parsed(body);
  const headers = lines.map((line): [string, string] => {
    const at = line.indexOf(':');
    return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()];
  });
  return { status, headers: Object.fromEntries(headers), body };
}

export const jsonOf = ({ body }: Curled): unknown => JSON.parse(body.toString());
