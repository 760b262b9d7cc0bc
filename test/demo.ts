/** What a demo page holds, as tests read it. */
import { gunzipSync } from 'node:zlib';
import type { DemoContent } from '../src/demo/content.ts';

/** The bytes of one of the page's elements of data. */
export function blockOf(page: string, id: string): Buffer {
  const start = `<script type="application/gzip" id="${id}">`;
  const from = page.indexOf(start) + start.length;
  return gunzipSync(Buffer.from(page.slice(from, page.indexOf('</script>', from)), 'base64'));
}

export const contentOf = (page: string): DemoContent => JSON.parse(blockOf(page, 'content').toString()) as DemoContent;
