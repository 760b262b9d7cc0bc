/** What the kernels are compiled from is what is committed. `npm run build:kernels` makes src/kernels/wasm.ts anew. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { temporaryFolder } from './cli/decalign.ts';

const file = path.join(temporaryFolder(), 'kernels.wasm');
const compiler = fileURLToPath(import.meta.resolve('assemblyscript/bin/asc.js'));

const options = [
  ...['--optimizeLevel', '3', '--shrinkLevel', '0', '--converge', '--noAssert'],
  // Kernels allocate nothing; src/kernels/memory.ts lays their memory out.
  ...['--runtime', 'stub', '--enable', 'simd'],
];

test('src/kernels/wasm.ts is assembly/kernels.ts compiled', async () => {
  execFileSync(process.execPath, [compiler, 'assembly/kernels.ts', '--outFile', file, ...options], {
    cwd: path.resolve(import.meta.dirname, '..'),
  });
  const wasm = readFileSync(file);
  const module = `/** assembly/kernels.ts compiled, in base64: made by \`npm run build:kernels\`. */
export const wasm =
  '${wasm.toString('base64')}';
`;
  await expect(module).toMatchFileSnapshot('../src/kernels/wasm.ts');
  // More than this a browser refuses to compile at once on its main thread.
  expect(wasm.length).toBeLessThan(4096);
});
