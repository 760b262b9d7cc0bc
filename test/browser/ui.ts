/** The server of `decalign ui` as its users start it, and tabs that hear whatever a browser has to complain of. */
import { spawn, type ChildProcess } from 'node:child_process';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { compiled } from '../compiled.ts';

export interface Ui {
  /** With a slash at its end. */
  readonly url: string;
  readonly child: ChildProcess;
  close(): Promise<void>;
}

/** Starts `decalign ui FOLDER ...args` on a port that is free. */
export async function startUi(folder: string, ...args: readonly string[]): Promise<Ui> {
  const child = spawn(process.execPath, [compiled(), 'ui', folder, '--port', '0', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()));
  let stderr = '';
  child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (data: Buffer) => {
      const found = /http:\S+/.exec(data.toString());
      if (found) resolve(found[0]);
    });
    child.on('close', (code) => reject(new Error(`decalign ui ended with ${code}: ${stderr}`)));
  });
  return {
    ...{ url, child },
    async close() {
      child.kill('SIGINT');
      await ended;
    },
  };
}

export interface Look {
  readonly width?: number;
  readonly height?: number;
  readonly colorScheme?: 'light' | 'dark';
}

export interface Tab {
  readonly page: Page;
  /** What the console said, errors of scripts, and what the policy of the pages forbade. */
  readonly said: readonly string[];
  close(): Promise<void>;
}

export async function openTab(browser: Browser, url: string, look: Look = {}): Promise<Tab> {
  const { width = 1280, height = 900, colorScheme = 'light' } = look;
  const context = await browser.newContext({ viewport: { width, height }, colorScheme, acceptDownloads: true });
  const page = await context.newPage();
  // Of a test as a whole there is a limit already.
  page.setDefaultTimeout(0);
  const said: string[] = [];
  page.on('console', (message) => said.push(message.text()));
  page.on('pageerror', (error) => said.push(error.message));
  await page.addInitScript(`addEventListener('securitypolicyviolation', (event) =>
    console.error('the policy forbids', event.violatedDirective, event.blockedURI, event.sample));`);
  await page.goto(url);
  return { page, said, close: () => context.close() };
}

interface Found {
  readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly html: string }[] }[];
}

/** What axe finds on a page, a line each. */
export async function axeFindings(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<Found>('axe.run()');
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}
