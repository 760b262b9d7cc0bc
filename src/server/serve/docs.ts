/** The page on a server of models, and what it is made of. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Context } from 'hono';
import { builtPage } from '../../files/built-pages.ts';
import { Refusal } from './refusal.ts';

const headers = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-cache',
} as const;

const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Models served by decalign</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="docs/main.css">
<script type="module" src="docs/main.js"></script>
</head>
<body><noscript>This page is made by a script. What it shows is in <a href="openapi.json">/openapi.json</a>.</noscript></body>
</html>
`;

export const docsPage = (context: Context): Response =>
  context.body(page, 200, { ...headers, 'Content-Type': 'text/html; charset=utf-8' });

const files: Readonly<Record<string, string>> = {
  'main.js': 'text/javascript; charset=utf-8',
  'main.css': 'text/css; charset=utf-8',
};

/** One of the page's own files, by name alone. */
export async function docsFile(context: Context): Promise<Response> {
  const name = context.req.param('file') ?? '';
  if (!Object.hasOwn(files, name)) throw new Refusal(404, 'The page has no such file.');
  const content = await readFile(path.join(builtPage('docs'), name));
  return context.body(new Uint8Array(content), 200, { ...headers, 'Content-Type': files[name]! });
}
