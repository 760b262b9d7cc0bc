/** The pages: one document, and the scripts and styles that `npm run build` made for it. */
import { readFile, realpath } from 'node:fs/promises';
import path from 'node:path';
import { Hono, type Context } from 'hono';
import { compress } from 'hono/compress';

const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>decalign</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/assets/main.css">
<script type="module" src="/assets/main.js"></script>
</head>
<body>
<div id="app"></div>
<noscript>These pages need JavaScript; <code>decalign runs</code> lists the same in a terminal.</noscript>
</body>
</html>
`;

const types: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

/** Serves the pages, and what they load of a folder. */
export function pages(folder: string): Hono {
  const app = new Hono();
  app.use('/assets/*', compress());
  app.get('/assets/:name', async (context) => {
    const name = context.req.param('name');
    const type = types[path.extname(name)];
    const content = type === undefined ? undefined : await contentOf(folder, name);
    if (type === undefined || content === undefined) return context.notFound();
    // Names of pieces have a hash of what is in them.
    const isForever = /-[A-Z0-9]{8}\.js$/.test(name);
    return context.body(content, 200, {
      'Content-Type': type,
      'Cache-Control': isForever ? 'public, max-age=31536000, immutable' : 'no-cache',
    });
  });
  for (const route of ['/', '/compare', '/start', '/run/:id', '/benchmark/:id', '/sample/:run/:id'])
    app.get(route, (context) => answerPage(context, 200));
  return app;
}

/** The document, which says itself what there is at its address, or that there is nothing. */
export const answerPage = (context: Context, status: 200 | 404): Response | Promise<Response> =>
  context.html(page, status, { 'Cache-Control': 'no-cache' });

/** Whether a person looks at the answer: a browser that opens an address asks for a page. */
export const wantsPage = ({ req }: Context): boolean =>
  !/^\/api(?:\/|$)/.test(req.path) && (req.header('accept') ?? '').includes('text/html');

/** A file that lies in the folder itself; undefined where there is none, also behind a link that leads out of it. */
async function contentOf(folder: string, name: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    const [root, file] = await Promise.all([realpath(folder), realpath(path.join(folder, name))]);
    return path.dirname(file) === root ? new Uint8Array(await readFile(file)) : undefined;
  } catch {
    return undefined;
  }
}
