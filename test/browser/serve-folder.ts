/** A folder on a server of files. */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.css': 'text/css',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};

export interface ServedFolder {
  /** With the headers that let a page have threads. */
  readonly isolated: string;
  /** Without them. */
  readonly plain: string;
  close(): void;
}

/** Serves the files of a folder below two addresses. */
export async function serveFolder(folder: string): Promise<ServedFolder> {
  const server = createServer((request, response) => {
    const [, kind = '', ...names] = new URL(request.url!, 'http://localhost').pathname.split('/');
    const name = names.join('/') || 'index.html';
    if (kind === 'isolated') {
      response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
      response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
    }
    readFile(path.join(folder, name)).then(
      (content) => {
        response.setHeader('Content-Type', contentTypes[path.extname(name)] ?? 'application/octet-stream');
        response.end(content);
      },
      (error: unknown) => response.writeHead(404).end(String(error)),
    );
  });
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
