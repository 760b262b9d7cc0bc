/**
 * Bundles the pages of `src/pages/`, one folder of scripts and styles for each: `dist/pages/NAME/main.js`, `main.css` and the
 * pieces that a page loads when it needs them.
 *
 *   tsx build/pages.ts [OUT]
 */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { build } from 'esbuild';

const root = path.resolve(import.meta.dirname, '..');

const pages = path.join(root, 'src/pages');
const [out = path.join(root, 'dist/pages')] = process.argv.slice(2);

for (const name of readdirSync(pages)) {
  const entry = path.join(pages, name, 'main.tsx');
  if (!existsSync(entry)) continue;
  // Pieces of before have other names, and would stay.
  rmSync(path.join(out, name), { recursive: true, force: true });
  await build({
    entryPoints: [entry],
    outdir: path.join(out, name),
    absWorkingDir: root,
    tsconfig: path.join(pages, 'tsconfig.json'),
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    minify: true,
    legalComments: 'none',
    logLevel: 'warning',
  });
}
