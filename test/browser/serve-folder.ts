/** A folder on a server of files. */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';
import { contentTypes, isolate, siteOf, type Site } from './browser.ts';

/** Serves the files of a folder below two addresses. */
export function serveFolder(folder: string): Promise<Site> {
  const server = createServer((request, response) => {
    const [, kind = '', ...names] = new URL(request.url!, 'http://localhost').pathname.split('/');
    const name = names.join('/') || 'index.html';
    if (kind === 'isolated') isolate(response);
    readFile(path.join(folder, name)).then(
      (content) => {
        response.setHeader('Content-Type', contentTypes[path.extname(name)] ?? 'application/octet-stream');
        response.end(content);
      },
      (error: unknown) => response.writeHead(404).end(String(error)),
    );
  });
  return siteOf(server);
}
