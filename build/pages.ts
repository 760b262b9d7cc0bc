/**
 * Bundles the pages of `src/pages/`, one folder of scripts and styles for each: `dist/pages/NAME/main.js`, `main.css` and the
 * pieces that a page loads when it needs them.
 *
 *   tsx build/pages.ts [OUT]
 */
import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { build } from 'esbuild';

const root = path.resolve(import.meta.dirname, '..');

const pages = path.join(root, 'src/pages');
const [out = path.join(root, 'dist/pages')] = process.argv.slice(2);

for (const name of readdirSync(pages)) {
  const entry = path.join(pages, name, 'main.tsx');
  if (!existsSync(entry)) continue;
  const made = path.join(out, `.${name}`);
  rmSync(made, { recursive: true, force: true });
  await build({
    entryPoints: [entry],
    outdir: made,
    absWorkingDir: root,
    tsconfig: path.join(pages, 'tsconfig.json'),
    bundle: true,
    // A page that is one file has its script in itself, which can load no piece of it.
    splitting: name !== 'demo',
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    minify: true,
    legalComments: 'none',
    logLevel: 'warning',
  });
  // Pieces of before have other names, and would stay. Whoever serves the page meanwhile misses it for an instant.
  rmSync(path.join(out, name), { recursive: true, force: true });
  renameSync(made, path.join(out, name));
}
