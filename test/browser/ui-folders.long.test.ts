/** The pages of `decalign ui` in Chromium on folders of copied runs: many, few and none, and what goes away while one looks. */
import { rmSync } from 'node:fs';
import path from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Runs } from '../../src/server/ui/testing.ts';
import { chromiumPath, launchChromium } from './browser.ts';
import { axeFindings, openTab, startUi, type Look, type Tab, type Ui } from './ui.ts';

/** What comes to be true, however long it takes. */
const eventually: typeof expect.poll = (value) => expect.poll(value, { timeout: 300_000, interval: 50 });

// Machines of developers may have no browser; where tests run for all, there is one.
describe.skipIf(chromiumPath === undefined && !process.env['CI'])('in Chromium', () => {
  let browser: Browser;
  beforeAll(async () => (browser = await launchChromium()));
  afterAll(() => browser.close());

  let runs: Runs;
  const open: { close(): Promise<void> }[] = [];
  beforeEach(() => (runs = new Runs()));
  afterEach(async () => {
    for (const each of open.splice(0).toReversed()) await each.close();
    runs.remove();
  });
  async function serve(...args: readonly string[]): Promise<Ui> {
    const ui = await startUi(runs.root, ...args);
    open.push(ui);
    return ui;
  }
  async function tabAt(ui: Ui, address: string, look: Look = {}): Promise<Tab> {
    const { hash } = new URL(ui.url);
    const tab = await openTab(browser, `${new URL(address, ui.url).href}${hash}`, look);
    open.push(tab);
    return tab;
  }
  const pageAt = async (address: string, look: Look = {}): Promise<Page> =>
    (await tabAt(await serve(), address, look)).page;
  const startable = async (address: string, look: Look = {}): Promise<Page> =>
    (await tabAt(await serve('--allow-start', '--token', 'a token of tests'), address, look)).page;
  const title = (page: Page, name: string): Promise<void> => page.getByRole('heading', { level: 1, name }).waitFor();

  test('a page that could not be loaded comes by itself when the server is back', async () => {
    runs.add('one');
    const first = await serve();
    const { page } = await tabAt(first, '/');
    const link = page.getByRole('link', { name: 'one' });
    await link.waitFor();
    await first.close();
    await page.getByText('Connection lost, trying again').waitFor();
    await link.click();
    await title(page, 'This page could not be loaded');
    await serve('--port', new URL(first.url).port);
    await title(page, 'one');
    expect(new URL(page.url()).pathname).toBe('/run/one');
  });

  test('a server that is started anew with another token is asked for it, and shows the same page then', async () => {
    runs.add('one');
    const token = (text: string): readonly string[] => ['--allow-start', '--token', text];
    const first = await serve(...token('the first token'));
    const { page } = await tabAt(first, '/?q=one');
    await page.getByRole('link', { name: 'one' }).waitFor();
    await first.close();
    await page.getByText('Connection lost, trying again').waitFor();
    await serve(...token('the second token'), '--port', new URL(first.url).port);
    await title(page, 'A token is needed');
    await page.getByLabel('Token').fill('the second token');
    await page.getByRole('button', { name: 'Open' }).click();
    await page.getByRole('link', { name: 'one' }).waitFor();
    expect(new URL(page.url()).search).toBe('?q=one');
  });

  test('a comparison counts the runs that there are, and names the others', async () => {
    for (const id of ['one', 'two']) runs.add(id);
    const page = await pageAt('/compare?ids=one&ids=gone&ids=two&ids=one');
    await page.getByText('There is no run "gone" in').waitFor();
    await page.locator('.heading', { hasText: '2 runs in' }).waitFor();
  });

  test('an empty folder says what leads into it', async () => {
    const folder = path.basename(runs.root);
    const page = await pageAt('/');
    await page.getByText(`--out ${folder}/NAME`).waitFor();
    const main = page.locator('main');
    expect(await main.getByRole('link').count()).toBe(0);
    expect(await main.innerText()).not.toContain(path.dirname(runs.root));
    const startablePage = await startable('/');
    await startablePage.locator('main').getByRole('link', { name: 'Start one' }).click();
    await title(startablePage, 'Start a run');
  });

  describe('the form', () => {
    test('keeps what was typed when another model is chosen, and steps back to the one before', async () => {
      const page = await startable('/');
      await page.getByRole('link', { name: 'Start a run' }).click();
      const model = page.getByLabel('Model', { exact: true });
      await page.getByLabel('Name of its folder').fill('my run');
      await page.getByLabel('Seed', { exact: true }).fill('7');
      await page.getByLabel('Data', { exact: true }).selectOption('digits');
      await page.getByLabel('train.epochs').fill('5');
      await model.focus();
      await model.selectOption('mult');
      await eventually(() => page.getByRole('button', { name: 'Start' }).isEnabled()).toBe(true);
      expect(new URL(page.url()).search).toBe('?model=mult');
      const typed = async (): Promise<unknown> => ({
        name: await page.getByLabel('Name of its folder').inputValue(),
        seed: await page.getByLabel('Seed', { exact: true }).inputValue(),
        data: await page.getByLabel('Data', { exact: true }).inputValue(),
        epochs: await page.getByLabel('train.epochs').inputValue(),
      });
      const kept = { name: 'my run', seed: '7', data: 'digits', epochs: '5' };
      expect(await typed()).toEqual(kept);
      expect(await page.evaluate('document.activeElement.id')).toBe('field-model');
      await page.goBack();
      await eventually(() => model.inputValue()).toBe('decalign');
      expect(await typed()).toEqual(kept);
      await page.goBack();
      await title(page, 'Runs');
    });

    test.each([{ width: 1280 }, { width: 400 }])(
      'says all that is wrong in its own words, and leads there, at %j',
      async (look) => {
        runs.add('one');
        const page = await startable('/start', look);
        await page.getByLabel('Name of its folder').fill('a/b');
        await page.getByLabel('Seed', { exact: true }).fill('-1');
        await page.getByLabel('train.epochs').fill('abc');
        await page.getByRole('button', { name: 'Start' }).click();
        const told = page.getByRole('alert');
        await eventually(() => told.getByRole('listitem').allInnerTexts()).toEqual([
          'Seed: must be a whole number of 0 or more, not "-1".',
          'Name of its folder: cannot hold slashes: it is that of one folder.',
          'train.epochs: must be a number, not "abc".',
        ]);
        await page.getByText('Must be a number, not "abc".', { exact: true }).waitFor();
        expect(await axeFindings(page)).toEqual([]);
        for (const [link, id] of [
          [/^Name/, 'field-name'],
          [/^train/, 'field-train.epochs'],
        ] as const) {
          await told.getByRole('link', { name: link }).click();
          await eventually(() => page.evaluate('document.activeElement.id')).toBe(id);
        }
        // A name that is taken is told of its field, too; while it is asked for, nothing is wrong any more.
        await page.getByLabel('Name of its folder').fill('one');
        await page.getByLabel('Seed', { exact: true }).fill('');
        await page.getByLabel('train.epochs').fill('');
        let answer = (): void => undefined;
        const asked = new Promise<void>((resolve) => (answer = resolve));
        await page.route('**/api/start', async (route) => {
          await asked;
          await route.continue();
        });
        await page.getByRole('button', { name: 'Start' }).click();
        await page.getByText('Starting …').waitFor();
        expect(await told.count()).toBe(0);
        answer();
        await told.getByRole('link', { name: 'Name of its folder: "one" is there already' }).click();
        await eventually(() => page.evaluate('document.activeElement.id')).toBe('field-name');
      },
    );
  });

  test('a run whose folder goes away says so above all else', async () => {
    const directory = runs.add('one');
    const page = await pageAt('/run/one');
    await page.locator('.heading .status', { hasText: 'finished' }).waitFor();
    // What is read of a run comes after its row of the list.
    await page.getByText('All metrics').waitFor();
    rmSync(directory, { recursive: true });
    const told = page.getByRole('alert').filter({ hasText: 'The folder of this run is gone.' });
    await told.waitFor();
    await page.locator('.heading .status', { hasText: 'gone' }).waitFor();
    const y = async (place: Locator): Promise<number> => (await place.boundingBox())!.y;
    expect(await y(told)).toBeLessThan(await y(page.locator('dl').first()));
    await told.getByRole('link', { name: 'All runs' }).click();
    await title(page, 'Runs');
  });

  test('help on the filter is below all controls, and ends by Escape', async () => {
    runs.add('one');
    const page = await pageAt('/', { width: 1400 });
    const check = page.getByRole('checkbox', { name: 'Group seeds' });
    const y = async (): Promise<number> => (await check.boundingBox())!.y;
    await check.waitFor();
    const before = await y();
    const field = page.getByRole('searchbox', { name: 'Filter' });
    await page.getByRole('button', { name: 'How to filter' }).click();
    const help = page.getByText('Terms between spaces');
    await help.waitFor();
    expect(await y()).toBe(before);
    await field.fill('lr = 2');
    await page.getByText('There is no key "lr".').waitFor();
    await field.press('Escape');
    await help.waitFor({ state: 'hidden' });
    expect(await field.inputValue()).toBe('lr = 2');
  });

  describe('of many runs', () => {
    const count = 230;
    beforeEach(() => {
      for (let n = 1; n <= count; n++) runs.add(`lr/seed-${n}`);
    });

    test('the next page begins at its top, and all of the filter are ticked at once', async () => {
      const page = await pageAt('/?sort=name');
      const names = page.locator('table.runs tbody th.name a');
      await eventually(() => names.count()).toBe(100);
      expect((await names.allInnerTexts()).slice(0, 12)).toEqual(
        Array.from({ length: 12 }, (_, n) => `lr/seed-${n + 1}`),
      );
      await page.getByRole('button', { name: 'Next' }).click();
      await eventually(() => names.first().innerText()).toBe('lr/seed-101');
      const top = async (): Promise<number> => (await page.locator('table.runs').boundingBox())!.y;
      await eventually(async () => Math.abs(await top())).toBeLessThan(50);
      expect(await page.evaluate('document.activeElement.className')).toBe('runs');
      await page.getByRole('searchbox', { name: 'Filter' }).fill('seed=1 lr/seed-1');
      await page.getByText(/ of 230 runs/).waitFor();
      const found = Number.parseInt(await page.getByText(/ of 230 runs/).innerText());
      expect(found).toBeGreaterThan(100);
      await page.getByRole('checkbox', { name: 'Tick all runs that are shown' }).check();
      await page.getByText('100 runs ticked').waitFor();
      await page.getByRole('button', { name: `Tick all ${found} runs` }).click();
      await page.getByText(`${found} runs ticked`).waitFor();
      expect(await page.getByRole('button', { name: /^Tick all/ }).count()).toBe(0);
    });

    test('cards stand beside each other where the window has room for two', async () => {
      const page = await pageAt('/', { width: 700 });
      const cards = page.locator('.cards table.runs tbody tr');
      await eventually(() => cards.count()).toBe(100);
      const places = async (): Promise<readonly { readonly x: number; readonly y: number }[]> =>
        Promise.all([0, 1].map(async (n) => (await cards.nth(n).boundingBox())!));
      const [above, below] = await places();
      expect(above!.x).toBe(below!.x);
      await page.setViewportSize({ width: 960, height: 900 });
      await eventually(async () => {
        const [left, right] = await places();
        return left!.y === right!.y && left!.x < right!.x;
      }).toBe(true);
    });
  });

  test('a run that was started elsewhere is not offered to be gone on with', async () => {
    runs.begin('one', 3);
    const page = await startable('/run/one');
    await page.locator('.heading .status', { hasText: 'interrupted' }).waitFor();
    expect(await page.locator('.heading').getByRole('button').count()).toBe(0);
  });
});
