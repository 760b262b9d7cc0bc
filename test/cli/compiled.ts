/** The sources compiled, once while they stay the same: a process starts on them in half a second. */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

const root = path.resolve(import.meta.dirname, '../..');

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
export function compiled(): string {
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
  // One that is an hour old is in use by no test that still runs.
  for (const old of readdirSync(cache)) {
    const { mtimeMs = 0 } = statSync(path.join(cache, old), { throwIfNoEntry: false }) ?? {};
    if (Date.now() - mtimeMs > 3_600_000) rmSync(path.join(cache, old), { recursive: true, force: true });
  }
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
