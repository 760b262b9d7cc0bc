/** The command line as its users start it: a process of its own, on sources compiled here and kept while they stay the same. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import ts from 'typescript';
import { afterAll } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');

const small = [
  ...['--set', 'model.width=8', '--set', 'model.heads=2', '--set', 'model.layers=1'],
  ...['--set', 'model.mixture.iterations=1', '--threads', '1'],
];

/** A configuration so small that an epoch takes a second or two, with every term of the objective, or with few. */
export const complete = small;
export const tiny = [...small, '--without', 'heterogeneity,homogeneity'];

/** A folder that goes when the test file is done. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'decalign-cli-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  /** Largest file in KiB, as `ulimit -f` has it: a disk that is full. */
  readonly largestFile?: number;
  /** Sees what arrives on stderr, to act on the process. */
  readonly onStderr?: (text: string, child: ChildProcess) => void;
}

/** Runs `decalign ...args` to its end. */
export function decalign(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const { cwd = tmpdir(), largestFile, onStderr } = options;
  const call = [process.execPath, compiled(), ...args];
  const env = { ...process.env, CI: '1' };
  const child =
    largestFile === undefined
      ? spawn(call[0]!, call.slice(1), { cwd, env })
      : spawn('bash', ['-c', `ulimit -f ${largestFile}; exec "$@"`, 'bash', ...call], { cwd, env });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
  child.stderr.on('data', (data: Buffer) => {
    stderr += data.toString();
    onStderr?.(stderr, child);
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      resolve({ code, signal, stdout, stderr });
    });
  });
}

/** Every file below a folder, by its path in it. */
export const filesIn = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
        .sort()
    : [];

let entry: string | undefined;

/** The compiled entry file. Types are checked elsewhere; here each file is only stripped of them. */
function compiled(): string {
  if (entry) return entry;
  const sources = filesIn(path.join(root, 'src')).filter(
    (file) => file.endsWith('.ts') && !/\.test\.ts$|testing\.ts$/.test(file),
  );
  const texts = sources.map((file) => readFileSync(path.join(root, 'src', file), 'utf8'));
  const hash = createHash('sha256').update(texts.join('\0')).digest('hex').slice(0, 16);
  const cache = path.join(root, 'node_modules/.cache/decalign-test');
  const built = path.join(cache, hash);
  entry = path.join(built, 'dist/cli/main.js');
  if (existsSync(built)) return entry;
  mkdirSync(cache, { recursive: true });
  for (const old of readdirSync(cache))
    if (!old.includes('-')) rmSync(path.join(cache, old), { recursive: true, force: true });
  const fresh = mkdtempSync(path.join(cache, 'new-'));
  for (const [i, file] of sources.entries()) {
    const to = path.join(fresh, 'dist', file.replace(/\.ts$/, '.js'));
    mkdirSync(path.dirname(to), { recursive: true });
    writeFileSync(to, ts.transpileModule(texts[i]!, { compilerOptions }).outputText);
  }
  symlinkSync(path.join(root, 'package.json'), path.join(fresh, 'package.json'));
  try {
    renameSync(fresh, built);
  } catch {
    // Another worker was faster, with the same files.
    rmSync(fresh, { recursive: true });
  }
  return entry;
}

const compilerOptions: ts.CompilerOptions = {
  module: ts.ModuleKind.ESNext,
  target: ts.ScriptTarget.ES2022,
  verbatimModuleSyntax: true,
  rewriteRelativeImportExtensions: true,
};
