/** The sources compiled, once while they stay the same: for processes, which start on them in half a second. */
import { execFileSync } from 'node:child_process';
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

const root = path.resolve(import.meta.dirname, '..');

/** Every file below a folder, by its path in it. */
export const filesIn = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
        .sort()
    : [];

const isSource = (file: string): boolean => !/\.test\.tsx?$|testing\.ts$/.test(file);
/** What the compiler is given; pages are bundled. */
const isModule = (file: string): boolean => file.endsWith('.ts') && !file.startsWith(`pages${path.sep}`);
const made = new Map<string, string>();

/** A folder of its own for what `fill` makes of the sources in it, made once while they stay the same. */
function once(kind: string, fill: (folder: string, sources: ReadonlyMap<string, string>) => void): string {
  const known = made.get(kind);
  if (known !== undefined) return known;
  const names = filesIn(path.join(root, 'src')).filter(isSource);
  const sources = new Map(names.map((file) => [file, readFileSync(path.join(root, 'src', file), 'utf8')]));
  const hash = createHash('sha256')
    .update([...sources].flat().join('\0'))
    .digest('hex')
    .slice(0, 16);
  const cache = path.join(root, 'node_modules/.cache/decalign-test');
  const folder = path.join(cache, `${kind}-with-fonts-${hash}`);
  made.set(kind, folder);
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  // One that is a day old is in use by no test that still runs.
  for (const old of readdirSync(cache)) {
    const { mtimeMs = Infinity } = statSync(path.join(cache, old), { throwIfNoEntry: false }) ?? {};
    if (Date.now() - mtimeMs > 24 * 3_600_000) rmSync(path.join(cache, old), { recursive: true, force: true });
  }
  const fresh = mkdtempSync(path.join(cache, 'new-'));
  for (const name of ['package.json', 'fonts']) symlinkSync(path.join(root, name), path.join(fresh, name));
  fill(fresh, sources);
  try {
    renameSync(fresh, folder);
  } catch {
    // Another worker was faster, with the same files.
    rmSync(fresh, { recursive: true });
  }
  return folder;
}

/** The compiled entry file. Types are checked elsewhere; here each file is only stripped of them. */
export function compiled(): string {
  const folder = once('stripped', (fresh, sources) => {
    for (const [file, text] of sources) {
      if (!isModule(file)) continue;
      const to = path.join(fresh, 'dist', file.replace(/\.ts$/, '.js'));
      mkdirSync(path.dirname(to), { recursive: true });
      writeFileSync(to, ts.transpileModule(text, { compilerOptions }).outputText);
    }
    bundlePages(fresh);
  });
  return path.join(folder, 'dist/cli/main.js');
}

/** A folder with package.json, fonts/ and dist/ as `npm run build` makes it, types included: some ten seconds, the first time. */
export const built = (): string =>
  once('package', (fresh) => {
    const tsc = path.join(root, 'node_modules/typescript/bin/tsc');
    const args = [tsc, '-p', 'tsconfig.build.json', '--outDir', path.join(fresh, 'dist')];
    execFileSync(process.execPath, args, { cwd: root });
    bundlePages(fresh);
  });

function bundlePages(folder: string): void {
  const args = ['--import', 'tsx', 'build/pages.ts', path.join(folder, 'dist/pages')];
  execFileSync(process.execPath, args, { cwd: root });
}

const compilerOptions: ts.CompilerOptions = {
  module: ts.ModuleKind.ESNext,
  target: ts.ScriptTarget.ES2022,
  verbatimModuleSyntax: true,
  rewriteRelativeImportExtensions: true,
};
