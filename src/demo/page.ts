/** The page as one HTML document: its script and style by their hashes, everything else as data. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { builtPage } from '../files/built-pages.ts';
import { html } from '../report/html.ts';
import type { DemoContent } from './content.ts';

/** What a page holds itself, by the id of its element. */
export interface Held {
  readonly runtime: Uint8Array;
  readonly model: Uint8Array;
}

/**
 * The document. What is `held` is in it, and it asks for nothing but itself; without, it fetches the files that `content` names
 * from beside it. Throws an Error where the page was not built.
 */
export function demoPage(content: DemoContent, held?: Held): string {
  const folder = builtPage('demo');
  // Within a script element these would end it, or hide its end; within a script they stand in texts alone.
  const script = readFileSync(path.join(folder, 'main.js'), 'utf8')
    .replaceAll('</script', String.raw`<\/script`)
    .replaceAll('<!--', String.raw`<\!--`);
  const style = readFileSync(path.join(folder, 'main.css'), 'utf8');
  const title = `${content.card.title} on ${content.card.dataset}`;
  const policy = [
    "default-src 'none'",
    `script-src 'wasm-unsafe-eval' '${hashOf(script)}'`,
    `style-src '${hashOf(style)}'`,
    ...(held ? [] : ["connect-src 'self'"]),
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="generator" content="decalign export --demo">',
    html`<title>${title}</title>`.text,
    `<style>${style}</style>`,
    '</head>',
    '<body>',
    html`<div id="page">
      <main>
        <h1>${title}</h1>
        <p role="status">Starting…</p>
      </main>
    </div>`.text,
    '<noscript><p>The model runs in this page, for which scripts must be allowed.</p></noscript>',
    dataBlock('content', Buffer.from(JSON.stringify(content))),
    ...(held ? [dataBlock('runtime', held.runtime), dataBlock('model', held.model)] : []),
    `<script type="module">${script}</script>`,
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

const hashOf = (text: string): string => `sha256-${createHash('sha256').update(text).digest('base64')}`;

/** Bytes that the script unpacks: compressed, as letters. */
const dataBlock = (id: string, bytes: Uint8Array): string =>
  `<script type="application/gzip" id="${id}">${gzipSync(bytes, { level: 9 }).toString('base64')}</script>`;
