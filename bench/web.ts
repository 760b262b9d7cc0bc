import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser } from 'playwright-core';
import { compile } from '../src/runtime/node.ts';
import { runtimeFiles } from '../src/web.ts';
import { bundlePage, launchChromium, runtimeFolder, servePage } from '../test/browser/browser.ts';
import type { BenchCase, BenchLine } from './case.ts';
import { configuration, type Request } from './configurations.ts';
import { median, rounded } from './statistics.ts';
import { stepping } from './stepping.ts';
import type { BenchPage } from './web-page.ts';

declare const benchPage: BenchPage;

const request: Request = { name: 'step-mosi', recipe: 'paper' };

/** Steps before the first that counts: a browser compiles its WebAssembly better while it runs. */
const warmUp = 3;

/** What a page of these files has to fetch. */
async function sizes(): Promise<BenchLine> {
  const { script } = await bundlePage('src/web.ts', { minify: true });
  const runtime = await Promise.all(runtimeFiles.map((name) => readFile(path.join(runtimeFolder, name))));
  const kilobytes = (parts: readonly Buffer[]): number =>
    Math.round(parts.reduce((sum, { length }) => sum + length, 0) / 1000);
  const zipped = (parts: readonly Buffer[]): number => kilobytes(parts.map((part) => gzipSync(part)));
  const own = [Buffer.from(script)];
  return {
    case: 'web',
    script_kb: kilobytes(own),
    script_gzip_kb: zipped(own),
    runtime_kb: kilobytes(runtime),
    runtime_gzip_kb: zipped(runtime),
  };
}

/** Steps in Node and in the page by turns, so that both see the same machine. */
async function compared(browser: Browser, url: string, threads: number, repetitions: number): Promise<BenchLine> {
  const tab = await browser.newPage();
  await tab.goto(url);
  const started = await tab.evaluate(
    ([asked, count]) => benchPage.start(asked, { files: 'onnxruntime/', threads: count }),
    [request, threads] as const,
  );
  if (started.threads !== threads)
    throw new Error(`The page has ${started.threads} threads instead of ${threads}: nothing to compare.`);
  const node = await stepping(configuration(request), { compile, threads });
  const times = { node: [] as number[], web: [] as number[] };
  for (let i = 0; i < warmUp + repetitions; i++) {
    const { step: inNode } = await node.step();
    const inPage = await tab.evaluate(() => benchPage.step());
    if (i < warmUp) continue;
    times.node.push(inNode);
    times.web.push(inPage);
  }
  await node.stop();
  await tab.close();
  return {
    case: 'web',
    recipe: request.recipe,
    threads,
    node_compile_ms: Math.round(node.readyMs),
    web_compile_ms: Math.round(started.readyMs),
    node_ms: rounded(median(times.node)),
    web_ms: rounded(median(times.web)),
    ratio: rounded(median(times.web.map((web, i) => web / times.node[i]!)), 2),
  };
}

export const webCase: BenchCase = {
  name: 'web',
  about: 'what a page fetches, and a step at the size of CMU-MOSI in Chromium against Node, with 1 and 2 threads',
  async *run({ repetitions }) {
    yield await sizes();
    const { script } = await bundlePage('bench/web-page.ts');
    const site = await servePage(script);
    const browser = await launchChromium();
    try {
      // A third of the usual repetitions: these steps are slow, and compared in pairs.
      for (const threads of [1, 2]) yield await compared(browser, site.isolated, threads, Math.ceil(repetitions / 3));
    } finally {
      await browser.close();
      site.close();
    }
  },
};
