/** A real browser on a real server: what the tests and the bench need to run a page. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { build } from 'esbuild';
import { chromium, type Browser, type Page } from 'playwright-core';

/** Where Chromium is: named by the environment variable CHROMIUM, or where Linux distributions put it. */
export const chromiumPath = [
  process.env['CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((file) => file !== undefined && existsSync(file));

/** What lets pages use WebGPU on a machine without a GPU, by the rasteriser in software that comes with Chromium. */
export const softwareGpu = [
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--enable-features=Vulkan',
] as const;

export async function launchChromium(flags: readonly string[] = []): Promise<Browser> {
  if (chromiumPath === undefined)
    throw new Error('There is no Chromium here. Install it, or name it by the environment variable CHROMIUM.');
  // Chromium refuses to sandbox what root starts.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  // Of a hook as a whole there is a limit already.
  return chromium.launch({ executablePath: chromiumPath, args: [...args, ...flags], timeout: 0 });
}

export interface Bundle {
  /** An ES module. */
  readonly script: string;
  /** What the script imports when it runs, from outside itself. */
  readonly imports: readonly string[];
  /** Files in it, below the project root. */
  readonly files: readonly string[];
}

/** A page's script from a TypeScript file (or its text), as a user's bundler would make it. */
export async function bundlePage(
  entry: string | { readonly text: string },
  { minify = false }: { readonly minify?: boolean } = {},
): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    ...(typeof entry === 'string'
      ? { entryPoints: [entry] }
      : { stdin: { contents: entry.text, resolveDir: root, loader: 'ts' } }),
    alias: { 'decalign/web': path.join(root, 'src/web.ts') },
    absWorkingDir: root,
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    minify,
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  const outputs = Object.values(metafile.outputs);
  return {
    script: outputFiles[0]!.text,
    imports: outputs.flatMap(({ imports }) => imports.map(({ path: name }) => name)),
    files: outputs.flatMap(({ inputs }) => Object.keys(inputs)),
  };
}

const root = path.resolve(import.meta.dirname, '../..');
/** Where the files of ONNX Runtime that a page fetches are installed. */
export const runtimeFolder = path.join(root, 'node_modules/onnxruntime-web/dist');

export interface Site {
  /** With the headers that let a page have threads. */
  readonly isolated: string;
  /** Without them. */
  readonly plain: string;
  close(): void;
}

export const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.css': 'text/css',
  '.json': 'application/json',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
};

/**
 * A page with that script at two addresses, and relative to each: `onnxruntime/` with the runtime's files,
 * `start-page/` that answers whatever is asked with a page, and `no-header/` with scripts that lack the headers.
 */
export async function servePage(script: string): Promise<Site> {
  const send = (response: ServerResponse, name: string, content: string | Buffer): void => {
    response.setHeader('Content-Type', contentTypes[path.extname(name)]!);
    response.end(content);
  };
  const page = '<!doctype html><link rel="icon" href="data:,"><script type="module" src="page.js"></script>';
  const server = createServer((request, response) => {
    const [, kind, ...rest] = request.url!.split('/');
    const [folder, file] = rest.length > 1 ? rest : ['', rest[0]];
    if (kind === 'isolated' && folder !== 'no-header') isolate(response);
    if (file === '' || folder === 'start-page') send(response, 'index.html', page);
    else if (file === 'page.js') send(response, file, script);
    else if (folder === 'onnxruntime' || folder === 'no-header')
      readFile(path.join(runtimeFolder, path.basename(file!))).then(
        (content) => send(response, file!, content),
        (error: unknown) => response.writeHead(404).end(String(error)),
      );
    else response.writeHead(404).end();
  });
  return siteOf(server);
}

/** Adds the headers that let a page have threads. */
export function isolate(response: ServerResponse): void {
  response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
  response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
}

/** Lets a server listen that answers below `isolated/` with the headers of `isolate`, and below `plain/` without. */
export async function siteOf(server: Server): Promise<Site> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    isolated: `${address}/isolated/`,
    plain: `${address}/plain/`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Does something in a page of its own at an address. */
export async function inPage<T>(browser: Browser, url: string, work: (tab: Page) => Promise<T>): Promise<T> {
  const tab = await browser.newPage();
  // Of a test as a whole there is a limit already.
  tab.setDefaultTimeout(0);
  try {
    await tab.goto(url);
    return await work(tab);
  } finally {
    await tab.close();
  }
}
