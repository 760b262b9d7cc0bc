import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { chromiumPath, launchChromium } from '../test/browser/browser.ts';
import type { RunList } from '../src/server/ui/api/routes.ts';
import type { BenchCase, BenchLine } from './case.ts';
import { makeRuns } from './many-runs.ts';
import { median } from './statistics.ts';
import { drawing } from './ui-drawing.ts';

const cli = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));

/** Folders as people have them, and curves that are long. */
const folders = [
  { count: 1000, epochs: 50 },
  { count: 1000, epochs: 1000 },
] as const;
/** So many runs are compared. */
const compared = 50;
/** How long a server is watched while somebody looks and nothing changes, in milliseconds. */
const quiet = 10_000;

export const uiCase: BenchCase = {
  name: 'ui',
  about:
    'the dashboard on 1,000 runs: first list, all of it, memory, curves of 50 runs, first paint and drawing in Chromium',
  byName: true,
  async *run({ repetitions }) {
    for (const size of folders) {
      const folder = mkdtempSync(path.join(tmpdir(), 'decalign-bench-ui-'));
      try {
        const ids = makeRuns(folder, size);
        yield { case: 'ui', runs: size.count, epochs: size.epochs, ...(await served(folder, ids, repetitions)) };
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    }
  },
};

async function served(folder: string, ids: readonly string[], repetitions: number): Promise<BenchLine> {
  const start = performance.now();
  const since = (): number => Math.round(performance.now() - start);
  const child = spawn(process.execPath, [cli, 'ui', folder, '--port', '0'], { stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    const url = await new Promise<string>((resolve) =>
      child.stdout.once('data', (text: Buffer) => resolve(String(text).trim())),
    );
    const ready = since();
    const list = async (): Promise<RunList> => (await (await fetch(new URL('/api/runs', url))).json()) as RunList;
    const first = await list();
    const firstList = since() - ready;
    for (let now = first; now.reading; now = await list()) await setTimeout(20);
    const whole = since() - ready;
    const lists = await times(repetitions, list);
    const query = ids.slice(0, compared).map((id) => `series=${encodeURIComponent(id)}`);
    const all = await times(3, () => events(new URL(`/api/events?${query.join('&')}`, url), compared));
    const one = await times(3, () =>
      events(new URL(`/api/events?${query.join('&')}&column=metric:mae`, url), compared),
    );
    const cpu = await quietCpu(child, url);
    const seen = chromiumPath === undefined ? {} : await inChromium(url, ids);
    return {
      ...{ ready_ms: ready, first_list_ms: firstList, first_list_runs: first.runs.length, whole_ms: whole },
      ...{ list_ms: median(lists), curves_of_50_ms: median(all), one_curve_of_50_ms: median(one) },
      ...{ quiet_cpu_share: cpu, ...seen, peak_rss_mb: peakOf(child) },
    };
  } finally {
    child.kill('SIGINT');
  }
}

async function times(count: number, what: () => Promise<unknown>): Promise<number[]> {
  const found: number[] = [];
  for (let i = 0; i < count; i++) {
    const start = performance.now();
    await what();
    found.push(Math.round(performance.now() - start));
  }
  return found;
}

/** Hears so many events of curves. */
async function events(url: URL, count: number): Promise<void> {
  const reader = (await fetch(url)).body!.getReader();
  const decoder = new TextDecoder();
  for (let heard = 0, text = ''; heard < count;) {
    const read: { readonly value?: Uint8Array } = await reader.read();
    text += decoder.decode(read.value, { stream: true });
    const parts = text.split('event: series');
    heard += parts.length - 1;
    text = parts.at(-1)!;
  }
  await reader.cancel();
}

/** The share of a core that a server takes while a page is open and nothing changes; on Linux. */
async function quietCpu(child: ChildProcess, url: string): Promise<number> {
  const stop = new AbortController();
  const listening = await fetch(new URL('/api/events', url), { signal: stop.signal });
  await setTimeout(1000);
  const before = cpuOf(child);
  await setTimeout(quiet);
  const share = (cpuOf(child) - before) / (quiet / 1000);
  stop.abort();
  await listening.body?.cancel().catch(() => undefined);
  return Number(share.toFixed(3));
}

/** Seconds of processor time, of which the system counts hundredths. */
function cpuOf({ pid }: ChildProcess): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function peakOf({ pid }: ChildProcess): number {
  const [, kilobytes] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))!;
  return Math.round(Number(kilobytes) / 1024);
}

/** When Chromium shows the list, and how long it draws the curves of as many settings as are compared. */
async function inChromium(url: string, ids: readonly string[]): Promise<BenchLine> {
  const browser = await launchChromium();
  try {
    const settings = ids.filter((id) => id.endsWith('/seed-1')).slice(0, compared);
    return { ...(await painting(browser, url)), ...(await drawing(browser, url, settings)) };
  } finally {
    await browser.close();
  }
}

/** When something of the list is shown, and its rows. */
async function painting(browser: Browser, url: string): Promise<BenchLine> {
  const paints: { readonly first: number; readonly rows: number }[] = [];
  for (let i = 0; i < 3; i++) {
    const page = await browser.newPage();
    const start = performance.now();
    await page.goto(url, { waitUntil: 'commit' });
    await page.locator('table tbody tr').first().waitFor();
    const rows = Math.round(performance.now() - start);
    const first = await page.evaluate<number>(
      `performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN`,
    );
    paints.push({ first: Math.round(first), rows });
    await page.close();
  }
  return {
    first_paint_ms: median(paints.map(({ first }) => first)),
    rows_ms: median(paints.map(({ rows }) => rows)),
  };
}
