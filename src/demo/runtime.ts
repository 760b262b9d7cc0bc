/** ONNX Runtime for browsers, as it is installed beside this package: its WebAssembly is what a page is given. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { checkInstalled } from '../files/packages.ts';

const name = 'onnxruntime-web';
export const runtimeFile = 'ort-wasm-simd-threaded.wasm';

/**
 * The content of `runtimeFile`. Throws an Error that says what to install where the package is missing, or of another version
 * than the scripts of the page, which fit that one alone.
 */
export function runtimeBytes(): Uint8Array {
  checkInstalled([name], 'A page that predicts is made');
  const dist = path.dirname(createRequire(import.meta.url).resolve(name));
  const { version } = json(path.join(dist, '../package.json'));
  const { peerDependencies } = json(new URL('../../package.json', import.meta.url));
  const wanted = peerDependencies?.[name];
  if (version !== wanted)
    throw new Error(
      `${name} ${version!} is installed, and the page is made for ${wanted!}: npm install ${name}@${wanted!}`,
    );
  return readFileSync(path.join(dist, runtimeFile));
}

const json = (file: string | URL): { readonly version?: string; readonly peerDependencies?: Record<string, string> } =>
  JSON.parse(readFileSync(file, 'utf8')) as ReturnType<typeof json>;
