/** The page of `decalign serve` in a real browser: nothing foreign, nothing wrong for assistive technology, by keyboard alone. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exportSum } from '../../src/server/serve/testing.ts';
import { temporaryFolder } from '../cli/decalign.ts';
import { served, stopped, type Served } from '../cli/served.ts';
import { launchChromium } from './browser.ts';

const folder = temporaryFolder();
const token = 'a-token-of-ours';
let browser: Browser;
let open: Served;
let guarded: Served;
beforeAll(async () => {
  await exportSum(path.join(folder, 'sum'));
  await exportSum(path.join(folder, 'classes'), { classes: true });
  const models = [path.join(folder, 'sum'), path.join(folder, 'classes')];
  [browser, open, guarded] = await Promise.all([
    launchChromium(),
    served(['--quiet', ...models]),
    served(['--quiet', '--token', token, ...models]),
  ]);
});
afterAll(async () => {
  await browser.close();
  await Promise.all([stopped(open), stopped(guarded)]);
});

interface Seen {
  readonly page: Page;
  /** What the browser complained of, and what was asked for elsewhere. */
  readonly complaints: string[];
}

async function inBrowser<T>(
  address: string,
  work: (seen: Seen) => Promise<T>,
  options: BrowserContextOptions = {},
): Promise<T> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  // Of a test as a whole there is a limit already.
  page.setDefaultTimeout(0);
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== new URL(address).origin && !request.url().startsWith('data:'))
      complaints.push(`asked for ${request.url()}`);
  });
  try {
    await page.goto(address);
    return await work({ page, complaints });
  } finally {
    await context.close();
  }
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
declare const axeRun: () => Promise<{ violations: { id: string; nodes: { target: unknown }[] }[] }>;

/** What axe finds wrong with the page as it is. */
async function violations(page: Page): Promise<unknown[]> {
  await page.evaluate(`${axe}; globalThis.axeRun = () => axe.run();`);
  const found = await page.evaluate(() => axeRun());
  return found.violations.map(({ id, nodes }) => [id, nodes.map(({ target }) => target)]);
}

const answer = '[role=status] pre';

describe('the page', () => {
  test('shows the models and what is answered, and asks nobody else', async () => {
    await inBrowser(`${open.url}/`, async ({ page, complaints }) => {
      await page.waitForSelector('h2');
      expect(new URL(page.url()).pathname).toBe('/docs');
      expect(await page.locator('h2').allTextContents()).toEqual(['sum', 'classes', 'Endpoints']);
      const text = await page.innerText('main');
      for (const expected of ['FP32 [N, 4, 3]', 'text_lengths', 'one of plus, zero', 'POST /v2/models/{model}/infer'])
        expect(text).toContain(expected);
      expect(complaints).toEqual([]);
    });
  });

  test('is used by the keyboard alone', async () => {
    await inBrowser(`${open.url}/docs`, async ({ page, complaints }) => {
      await page.waitForSelector('h2');
      const focused = (): Promise<string> =>
        page.evaluate('document.activeElement.id || document.activeElement.innerText || document.activeElement.type');
      const seen: string[] = [];
      while (seen.at(-1) !== 'model-0-body' && seen.length < 20) {
        await page.keyboard.press('Tab');
        seen.push(await focused());
      }
      expect(seen).toEqual(['sum', 'classes', 'Endpoints', 'radio', 'model-0-body']);
      await page.keyboard.press('Control+A');
      await page.keyboard.insertText('{"samples": [{"id": "mine", "audio": [40, 2]}]}');
      await page.keyboard.press('Tab');
      expect(await focused()).toBe('Send');
      await page.keyboard.press('Enter');
      await page.waitForSelector(answer);
      expect(await page.innerText(answer)).toContain('"prediction": 42');
      expect(complaints).toEqual([]);
    });
  });

  test('asks by the protocol too, and shows what is refused', async () => {
    await inBrowser(`${open.url}/docs`, async ({ page }) => {
      await page.waitForSelector('h2');
      const form = page.locator('form').nth(1);
      await form.getByText('Tensors of the Open Inference Protocol').click();
      await form.getByRole('button', { name: 'Send' }).click();
      await form.locator(answer).waitFor();
      const { outputs } = JSON.parse(await form.locator(answer).innerText()) as { outputs: { data: number[] }[] };
      expect(outputs.map(({ data }) => data)).toEqual([
        [0, 0],
        [0.5, 0.5],
      ]);
      await form.locator('textarea').fill('{"inputs": []}');
      await form.getByRole('button', { name: 'Send' }).click();
      await form.locator('.wrong').waitFor();
      expect(await form.locator(answer).innerText()).toContain('must be a list of tensors');
    });
  });

  test('wants the token where the server does, takes it out of the address, and keeps it in the tab', async () => {
    await inBrowser(`${guarded.url}/docs`, async ({ page }) => {
      await page.getByLabel('Token').fill('wrong-token');
      await page.keyboard.press('Enter');
      await page.getByText('That is not the token').waitFor();
      expect(await violations(page)).toEqual([]);
      await page.getByLabel('Token').fill(token);
      await page.keyboard.press('Enter');
      await page.waitForSelector('h2');
    });
    await inBrowser(guarded.address, async ({ page, complaints }) => {
      await page.waitForSelector('h2');
      expect(page.url()).toBe(`${guarded.url}/docs`);
      await page.locator('form').first().getByRole('button', { name: 'Send' }).click();
      await page.waitForSelector(answer);
      expect(await page.innerText(answer)).toContain('"prediction": 0');
      await page.reload();
      await page.waitForSelector('h2');
      expect(complaints).toEqual([]);
    });
  });

  test.each([
    ['wide', {}],
    ['dark', { colorScheme: 'dark' }],
    ['narrow', { viewport: { width: 400, height: 800 } }],
    ['narrow and dark', { viewport: { width: 400, height: 800 }, colorScheme: 'dark' }],
  ] as const)('%s: axe finds nothing, and nothing is cut off', async (_, options) => {
    await inBrowser(
      `${open.url}/docs`,
      async ({ page }) => {
        await page.waitForSelector('h2');
        await page.locator('form').first().getByRole('button', { name: 'Send' }).click();
        await page.waitForSelector(answer);
        await page.locator('summary').first().click();
        expect(await violations(page)).toEqual([]);
        expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
      },
      options,
    );
  });
});

test('its policy allows scripts and styles of the server alone', async () => {
  const response = await fetch(`${open.url}/docs`);
  const policy = response.headers.get('content-security-policy')!;
  expect(policy).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';/);
  expect(policy).not.toMatch(/unsafe|https?:|\*/);
  await inBrowser(`${open.url}/docs`, async ({ page, complaints }) => {
    await page.waitForSelector('h2');
    await page.evaluate(
      "document.body.append(Object.assign(document.createElement('script'), { text: 'globalThis.foreign = 1' }))",
    );
    expect(await page.evaluate('globalThis.foreign')).toBeUndefined();
    expect(complaints.join()).toMatch(/Content Security Policy/);
  });
});
