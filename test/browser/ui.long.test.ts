/** The pages of `decalign ui` in Chromium, on the real server and real runs. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { metricText } from '../../src/pages/base/texts.ts';
import type { DecouplingReport } from '../../src/runs/decoupling.ts';
import { complete, decalign, temporaryFolder } from '../cli/decalign.ts';
import { chromiumPath, launchChromium } from './browser.ts';
import { axeFindings, openTab, startUi, type Look, type Tab, type Ui } from './ui.ts';

const folder = temporaryFolder();
const runs = path.join(folder, 'runs');
const few = [...complete, '--set', 'data.synthetic.samples=64', '--no-references', '--quiet'];
const train = (out: string, ...more: readonly string[]): string[] => [
  ...['train', 'synthetic', ...few, '--out', path.join('runs', out)],
  ...more,
];
const oneStep = ['--epochs', '1', '--seed', '1', '--set', 'data.digits.samples=64'];
const benchmarked = [
  ...[
    '--models',
    'decalign:small=model.width=8,model.heads=2,model.layers=1,model.pretraining.steps=2,ridge',
    '--seeds',
    '1,2',
    '--epochs',
    '1',
  ],
  ...['--set', 'data.synthetic.samples=64'],
];
async function ok(args: readonly string[]): Promise<void> {
  const { code, stderr } = await decalign(args, { cwd: folder });
  expect(code, stderr).toBe(0);
}

/** It ends by its epochs alone. */
const patient = ['--set', 'train.patience=1000000'];

/** What comes to be true, however long it takes. */
const eventually: typeof expect.poll = (value) => expect.poll(value, { timeout: 300_000, interval: 50 });

// Machines of developers may have no browser; where tests run for all, there is one.
describe.skipIf(chromiumPath === undefined && !process.env['CI'])('in Chromium', () => {
  let browser: Browser;
  let ui: Ui;
  beforeAll(async () => {
    await ok(train('wide', '--epochs', '3', '--seeds', '1,2'));
    await ok(train('short', '--epochs', '1', '--seed', '1'));
    // Each of its modalities is a single step.
    await ok(['train', 'digits', ...complete, ...oneStep, '--no-references', '--quiet', '--out', 'runs/digits']);
    await ok(['benchmark', 'synthetic', ...benchmarked, '--out', 'runs/bench']);
    browser = await launchChromium();
    ui = await startUi(runs);
  });
  afterAll(async () => {
    await browser.close();
    await ui.close();
  });

  const at = (address: string): string => new URL(address, ui.url).href;
  async function inTab(address: string, look: Look, work: (page: Page, tab: Tab) => Promise<void>): Promise<void> {
    const tab = await openTab(browser, at(address), look);
    try {
      await work(tab.page, tab);
      expect(tab.said).toEqual([]);
    } finally {
      await tab.close();
    }
  }
  const inPage = (address: string, work: (page: Page, tab: Tab) => Promise<void>): Promise<void> =>
    inTab(address, {}, work);
  const names = (page: Page): Promise<string[]> =>
    page.locator('table.runs tbody th.name > :first-child').allInnerTexts();

  describe('the list of runs', () => {
    test('has every run, and leads to it', async () => {
      await inPage('/', async (page) => {
        // Where the focus is as soon as the page is there, before any key can be pressed.
        await page.evaluate(`new MutationObserver(() => {
          if (document.querySelector('h1')?.textContent === 'wide/seed-1') window.focused ??= document.activeElement.tagName;
        }).observe(document.body, { subtree: true, childList: true, characterData: true })`);
        await page.getByRole('link', { name: 'wide/seed-1' }).click();
        await page.getByRole('heading', { level: 1, name: 'wide/seed-1' }).waitFor();
        expect(new URL(page.url()).pathname).toBe('/run/wide%2Fseed-1');
        expect(await page.evaluate('window.focused')).toBe('H1');
        await page.goBack();
        await page.getByRole('heading', { level: 1, name: 'Runs' }).waitFor();
      });
    });

    test('is filtered as one types, and says what it does not understand', async () => {
      await inPage('/', async (page) => {
        await page.getByRole('searchbox', { name: 'Filter' }).fill('name=wide/* seed=2');
        await eventually(() => names(page)).toEqual(['wide/seed-2']);
        await page.getByRole('searchbox', { name: 'Filter' }).fill('train.epochs=3 seed=1');
        await eventually(() => names(page)).toEqual(['wide/seed-1']);
        await page.getByText('train.epochs=3').waitFor();
        await page.getByRole('searchbox', { name: 'Filter' }).fill('modle=mult name~short');
        await page.getByText('There is no key "modle". Did you mean "model"?').waitFor();
        await eventually(() => names(page)).toEqual(['short']);
      });
    });

    test('groups seeds to their mean and deviation', async () => {
      const mae = [1, 2].map(
        (seed) =>
          (
            JSON.parse(readFileSync(path.join(runs, `wide/seed-${seed}/result.json`), 'utf8')) as {
              test: { mae: number };
            }
          ).test.mae,
      ) as [number, number];
      const mean = (mae[0] + mae[1]) / 2;
      const deviation = Math.abs(mae[0] - mae[1]) / Math.SQRT2;
      await inPage('/?q=name~wide', async (page) => {
        await page.getByRole('checkbox', { name: 'Group seeds' }).check();
        await eventually(() => page.getByRole('row', { name: /wide/ }).innerText()).toContain(
          `${mean.toFixed(3)} ± ${deviation.toFixed(3)}`,
        );
        await page.getByRole('button', { name: 'wide' }).click();
        await eventually(() => page.getByRole('link', { name: /wide\/seed/ }).count()).toBe(2);
      });
    });

    test('a run has its tags and its note on its own page, too', async () => {
      await inPage('/run/wide%2Fseed-2', async (page) => {
        await page.getByRole('button', { name: 'Add a note: tags and note of wide/seed-2' }).click();
        await page.getByLabel('Tags', { exact: true }).fill('own-page');
        await page.getByRole('button', { name: 'Save' }).click();
        await page.getByRole('button', { name: 'Filter by tag own-page' }).click();
        await page.getByRole('heading', { level: 1, name: 'Runs' }).waitFor();
        expect(new URL(page.url()).search).toBe('?q=tag%3Down-page');
        await eventually(() => names(page)).toEqual(['wide/seed-2']);
      });
    });

    test('shows the same to whoever opens its address', async () => {
      const address = await new Promise<string>((resolve, reject) => {
        inPage('/', async (page) => {
          await page.getByRole('searchbox', { name: 'Filter' }).fill('experiment!=bench');
          await page.getByRole('button', { name: /Run/ }).click();
          await page.getByRole('checkbox', { name: 'Tick short' }).check();
          await page.getByRole('checkbox', { name: 'Tick wide/seed-2' }).check();
          await page.getByText('2 runs ticked').waitFor();
          resolve(page.url());
        }).catch(reject);
      });
      await inPage(address, async (page) => {
        await page.getByText('2 runs ticked').waitFor();
        await eventually(() => names(page)).toEqual(['digits', 'short', 'wide/seed-1', 'wide/seed-2']);
      });
    });

    test('keeps tags and notes, which another tab sees', async () => {
      await inPage('/', async (page) => {
        await inPage('/', async (other) => {
          await page.getByRole('button', { name: 'tags and note of short' }).click();
          await page.getByLabel('Tags', { exact: true }).fill('baseline, to repeat');
          await page.getByLabel('Note', { exact: true }).fill('a first try');
          await page.getByRole('button', { name: 'Save' }).click();
          await other.getByRole('button', { name: 'Filter by tag to repeat' }).click();
          await eventually(() => names(other)).toEqual(['short']);
          expect(new URL(other.url()).searchParams.get('q')).toBe('tag="to repeat"');
          await other.getByText('a first try').waitFor();
        });
      });
    });

    test('a note that another tab changes meanwhile is shown before it is written over', async () => {
      const type = async (page: Page, text: string): Promise<void> => {
        await page.getByRole('button', { name: 'tags and note of wide/seed-1' }).click();
        await page.getByLabel('Note', { exact: true }).fill(text);
      };
      const save = (page: Page): Promise<void> => page.getByRole('button', { name: 'Save' }).click();
      await inPage('/', async (page) => {
        const tab = await openTab(browser, at('/'));
        const other = tab.page;
        try {
          await type(other, 'theirs');
          await type(page, 'ours');
          await save(page);
          await page.getByText('ours', { exact: true }).waitFor();
          await save(other);
          await other.getByText('It was changed elsewhere meanwhile, to “ours”.').waitFor();
          expect(tab.said).toEqual([expect.stringContaining('409')]);
          await save(other);
          await page.getByText('theirs', { exact: true }).waitFor();
        } finally {
          await tab.close();
        }
      });
    });
  });

  test('a curve of many is found by its name, which the address keeps, and the count is told', async () => {
    const charts = (page: Page): Promise<string[]> => page.locator('.curve-section h3').allInnerTexts();
    let address = '';
    await inPage('/run/wide%2Fseed-1', async (page) => {
      await page.getByRole('heading', { name: 'Validation MAE ↓' }).waitFor();
      const all = await charts(page);
      await page.getByRole('searchbox', { name: 'Find a curve' }).pressSequentially('ACC-2');
      const found = all.filter((title) => title.toLowerCase().includes('acc-2'));
      expect(found.length).toBeGreaterThan(0);
      await eventually(() => charts(page)).toEqual(found);
      await page.getByRole('status').getByText(`${found.length} of ${all.length} curves`).waitFor();
      await page.keyboard.press('x');
      await page.getByRole('status').getByText(`none of ${all.length} curves`).waitFor();
      await page.keyboard.press('Escape');
      await eventually(() => charts(page)).toEqual(all);
      await page.keyboard.type('total');
      await eventually(() => charts(page)).toEqual(['L_total']);
      address = page.url();
    });
    await inPage(address, async (page) => {
      await page.getByRole('heading', { name: 'L_total' }).waitFor();
      expect(await charts(page)).toEqual(['L_total']);
    });
  });

  test('epochs of pretraining, which curves count too, are told beside the best one', async () => {
    const files = readdirSync(path.join(runs, 'bench'), { recursive: true, encoding: 'utf8' });
    const file = files.find((name) => /decalign.*seed-1.metrics\.jsonl$/.test(name))!;
    const lines = readFileSync(path.join(runs, 'bench', file), 'utf8')
      .trimEnd()
      .split('\n');
    const pretraining = lines.filter((line) => line.includes('"stage":"pretraining"')).length;
    expect(pretraining).toBeGreaterThan(0);
    await inPage('/?q=experiment=bench model=decalign seed=1', async (page) => {
      await page.getByRole('link', { name: /seed-1/ }).click();
      await page.getByText(`of ${lines.length}, ${pretraining} of them pretraining`).waitFor();
    });
  });

  test('what can be done with ticked runs stands above them, and stays in the window', async () => {
    await inTab('/', { height: 300 }, async (page) => {
      const bar = page.getByRole('region', { name: 'Runs that are ticked' });
      const table = page.locator('table.runs');
      const top = async (place: Locator): Promise<number> => (await place.boundingBox())!.y;
      await table.waitFor();
      const before = await top(table);
      expect(await top(bar)).toBeLessThan(before);
      await page.getByRole('checkbox', { name: 'Tick short' }).check();
      await page.getByRole('checkbox', { name: 'Tick wide/seed-1' }).check();
      await page.evaluate('scrollTo(0, 0)');
      await eventually(() => top(table)).toBe(before);
      await page.evaluate('scrollTo(0, document.documentElement.scrollHeight)');
      await eventually(() => top(table)).toBeLessThan(0);
      expect(await top(bar)).toBe(0);
      await bar.getByRole('link', { name: 'Compare' }).click();
      await page.getByRole('heading', { level: 1, name: 'Comparison' }).waitFor();
    });
  });

  test('the names of groups stay where metrics of a comparison scroll, by keyboard too', async () => {
    await inTab('/compare?ids=wide/seed-1&ids=short', { width: 400 }, async (page) => {
      const table = page.getByRole('region', { name: 'Table: results' });
      const left = async (place: Locator): Promise<number> => (await place.boundingBox())!.x;
      await table.waitFor();
      const before = await left(table.getByRole('rowheader').first());
      const metric = await left(table.getByRole('columnheader').last());
      await table.focus();
      await page.keyboard.press('End');
      await page.keyboard.press('ArrowRight');
      await eventually(() => left(table.getByRole('columnheader').last())).toBeLessThan(metric);
      expect(await left(table.getByRole('rowheader').first())).toBe(before);
    });
  });

  test('measures of decoupling are those of the command line, with what is read of true factors', async () => {
    const { code, stdout, stderr } = await decalign(['decoupling', 'runs/wide/seed-1', '--json'], { cwd: folder });
    expect(code, stderr).toBe(0);
    const { decoupling, factors } = JSON.parse(stdout) as DecouplingReport;
    const { agreement: a, leak: l, overlap: u, score: d } = decoupling;
    const { commonShared, commonOwn, uniqueShared, uniqueOwn } = factors!;
    await inPage('/run/wide%2Fseed-1?view=features', async (page) => {
      const table = page.getByRole('region', { name: 'Measures of decoupling' });
      await table.waitFor();
      expect(await table.locator('th[scope=rowgroup]').allInnerTexts()).toEqual([
        'agreement A, leak L, overlap U, and D = A (1 − L)(1 − U)',
        'R² of true factors from common features',
        'R² of true factors from unique features',
      ]);
      expect(await table.locator('td.number').allInnerTexts()).toEqual(
        [a, l, u, d, commonShared, commonOwn, uniqueShared, uniqueOwn].map((value) => metricText(value!)),
      );
    });
  });

  test('pictures of a sample have the scale of their shades, which is that of the table behind them', async () => {
    await inPage('/sample/wide%2Fseed-1/test-0', async (page) => {
      const figure = page.getByRole('figure', { name: 'audio looks at vision' });
      await figure.locator('.ends').waitFor();
      const ends = await figure.locator('.ends > span:not(.unseen)').allInnerTexts();
      await figure.getByRole('button', { name: 'Table' }).click();
      await figure.locator('td').first().waitFor();
      const cells = (await figure.locator('td').allInnerTexts()).map(Number);
      expect(ends.map(Number)).toEqual(
        [Math.min(...cells), Math.max(...cells)].map((value) => Number(value.toPrecision(3))),
      );
    });
  });

  test('of a single step there are words, and no picture of what has no choice', async () => {
    await inPage('/sample/digits/test-0', async (page) => {
      await page.getByText('first looks at second, which has one step').waitFor();
      await page.getByText('second has one step: what it pushes is in the table.').waitFor();
      expect(await page.getByRole('img', { name: 'Attention of' }).count()).toBe(0);
      expect(await page.getByRole('img', { name: 'Gradient times input' }).count()).toBe(0);
      expect(await page.getByRole('img', { name: 'Numbers of' }).count()).toBe(2);
    });
  });

  test('the table of a chart lists the epochs that are shown; where there are none, the page says so', async () => {
    await inPage('/run/wide%2Fseed-1?from=1.7&to=3.2', async (page) => {
      await page.getByRole('button', { name: 'Table of Validation MAE ↓' }).click();
      await page.getByText('Epochs 2 to 3 alone.').waitFor();
      const table = page.getByRole('region', { name: 'Table of Validation MAE ↓' });
      expect(await table.getByRole('rowheader').allInnerTexts()).toEqual(['2', '3']);
      expect(await page.getByLabel('First epoch shown').inputValue()).toBe('2');
    });
    await inPage('/run/wide%2Fseed-1?from=200&to=300', async (page) => {
      await page.getByText('There is nothing from epoch 200 to 300.').waitFor();
      expect(await page.locator('.curves').count()).toBe(0);
      await page.getByRole('button', { name: 'Show all epochs' }).click();
      await page.locator('.curves canvas').first().waitFor();
      expect(new URL(page.url()).search).toBe('');
    });
  });

  describe('a training', () => {
    test('appears, grows, is interrupted, goes on and finishes while one looks', async () => {
      await inPage('/', async (page) => {
        let child: Parameters<NonNullable<NonNullable<Parameters<typeof decalign>[1]>['onStart']>>[0] | undefined;
        const first = decalign(train('grows', '--epochs', '100000', ...patient), {
          cwd: folder,
          onStart: (started) => (child = started),
        });
        await page.getByRole('link', { name: 'grows' }).click();
        // The last epoch of the curves that are drawn.
        const last = async (): Promise<number> => Number(await page.getByLabel('Last epoch shown').getAttribute('max'));
        const status = (word: string): Locator => page.locator('.heading .status', { hasText: word });
        const before = await last();
        await eventually(last).toBeGreaterThan(before + 1);
        await status('running').waitFor();
        child!.kill('SIGINT');
        await first;
        await status('interrupted').waitFor();
        const lines = readFileSync(path.join(runs, 'grows/metrics.jsonl'), 'utf8').trimEnd().split('\n').length;
        await eventually(last).toBe(lines);
        const resumed = train('grows', '--resume', '--epochs', String(lines + 5), ...patient);
        const { code, stderr } = await decalign(resumed, { cwd: folder });
        expect(code, stderr).toBe(0);
        await status('finished').waitFor();
        await eventually(last).toBeGreaterThan(lines);
      });
    });
  });

  describe('with --allow-start', () => {
    test('a run is started by the form, which says what is wrong, stopped, and goes on', async () => {
      const starting = await startUi(runs, '--allow-start', '--token', 'a token of tests');
      const tab = await openTab(browser, starting.url);
      const { page } = tab;
      try {
        await page.getByRole('link', { name: 'Start a run' }).click();
        await page.getByLabel('Name of its folder').fill('made');
        await page.getByLabel('train.epochs').fill('many');
        await page.getByRole('button', { name: 'Start' }).click();
        await page.getByText('Nothing was started.').waitFor();
        expect(await page.getByLabel('train.epochs').getAttribute('aria-invalid')).toBe('true');
        await page.getByLabel('train.epochs').fill('100000');
        await page.getByLabel('train.patience').fill('1000000');
        await page.getByRole('button', { name: 'Start' }).click();
        await page.getByRole('heading', { level: 1, name: 'made' }).waitFor();
        await page.getByRole('button', { name: 'Stop' }).click();
        await page.getByRole('button', { name: 'Go on with it' }).click();
        await page.getByRole('button', { name: 'Stop' }).click();
        await page.locator('.heading .status', { hasText: 'interrupted' }).waitFor();
        // The answer to what was wrong, which a browser logs.
        expect(tab.said.filter((text) => !text.includes('422'))).toEqual([]);
      } finally {
        await tab.close();
        await starting.close();
      }
    });
  });

  test('the list is printed as cards, with the names of groups', async () => {
    await inTab('/?group=seeds', { width: 1600 }, async (page) => {
      await page.locator('table.runs tbody tr').first().waitFor();
      await page.evaluate(
        'addEventListener("beforeprint", () => queueMicrotask(() => (window.printed = document.querySelectorAll(".cards").length)))',
      );
      await page.pdf();
      expect(await page.evaluate('window.printed')).toBe(1);
      await page.emulateMedia({ media: 'print' });
      expect(await page.getByRole('button', { name: 'wide' }).isVisible()).toBe(true);
      expect(await page.getByRole('searchbox').count()).toBe(0);
    });
  });

  test('charts that nobody scrolled to are printed', async () => {
    await inPage('/run/wide%2Fseed-1', async (page) => {
      await page.getByRole('heading', { name: 'Validation MAE ↓' }).waitFor();
      await page.locator('.curves canvas').first().waitFor();
      const places = await page.locator('.curves').count();
      expect(await page.locator('.curves canvas').count()).toBeLessThan(places);
      const widths = '[...document.querySelectorAll(".curves canvas")].map((canvas) => canvas.clientWidth)';
      const drawn = await page.evaluate<number[]>(widths);
      await page.evaluate(
        `addEventListener("beforeprint", () => queueMicrotask(() => queueMicrotask(() => (window.printed = ${widths}))))`,
      );
      await page.pdf();
      expect(await page.evaluate('window.printed')).toEqual(Array.from({ length: places }, () => 330));
      await eventually(async () => (await page.evaluate<number[]>(widths)).slice(0, drawn.length)).toEqual(drawn);
    });
  });

  test('paper is light, and what is drawn for it', async () => {
    await inTab('/run/wide%2Fseed-1', { colorScheme: 'dark' }, async (page) => {
      const canvas = page.locator('.curves canvas').first();
      await canvas.waitFor();
      // Of the numbers of an axis, in a copy: Chromium complains of charts that are read.
      const lightness = `(() => {
        const canvas = document.querySelector('.curves canvas');
        const copy = new OffscreenCanvas(50, canvas.height).getContext('2d', { willReadFrequently: true });
        copy.drawImage(canvas, 0, 0);
        const { data } = copy.getImageData(0, 0, 50, canvas.height);
        return Math.max(...data.filter((_, n) => n % 4 === 0 && data[n + 3] === 255));
      })()`;
      const before = await page.evaluate<number>(lightness);
      expect(before).toBeGreaterThan(0x80);
      await page.evaluate('dispatchEvent(new Event("beforeprint"))');
      await eventually(() => page.evaluate(lightness)).toBeLessThan(0x80);
      await page.evaluate('dispatchEvent(new Event("afterprint"))');
      await eventually(() => page.evaluate(lightness)).toBe(before);
    });
  });

  test('on paper charts lie beside each other in its width, and no column of a comparison is cut', async () => {
    await inTab('/compare?ids=wide/seed-1&ids=short', { width: 1400 }, async (page) => {
      await page.locator('table.compared').waitFor();
      await page.locator('.curves canvas').first().waitFor();
      await page.emulateMedia({ media: 'print' });
      // A4 less its margins.
      await page.setViewportSize({ width: 703, height: 1000 });
      await page.evaluate('dispatchEvent(new Event("beforeprint"))');
      const rights = 'document.querySelectorAll("table.compared th, table.compared td, .curves canvas")';
      const beyond = `[...${rights}].filter((node) => node.getBoundingClientRect().right > innerWidth).length`;
      await eventually(() => page.evaluate(beyond)).toBe(0);
      const tops = await page.evaluate<number[]>(
        '[...document.querySelectorAll(".curves canvas")].slice(0, 2).map((canvas) => canvas.getBoundingClientRect().top)',
      );
      expect(tops[0]).toBe(tops[1]);
      expect(await page.getByRole('link', { name: 'All runs' }).count()).toBe(0);
    });
  });

  describe('by keyboard alone', () => {
    test('one comes from the list to a sample, and back', async () => {
      await inPage('/?q=name=wide/seed-1', async (page) => {
        await page.getByRole('link', { name: 'wide/seed-1' }).waitFor();
        const tabTo = async (name: RegExp): Promise<void> => {
          for (let n = 0; n < 60; n++) {
            await page.keyboard.press('Tab');
            const text = await page.evaluate<string>(
              'document.activeElement.getAttribute("aria-label") ?? document.activeElement.innerText ?? ""',
            );
            if (name.test(text)) return;
          }
          throw new Error(`There is no ${String(name)} to be reached by Tab.`);
        };
        await tabTo(/^wide\/seed-1$/);
        await page.keyboard.press('Enter');
        await page.getByRole('heading', { level: 1, name: 'wide/seed-1' }).waitFor();
        await tabTo(/^Errors$/);
        await page.keyboard.press('Enter');
        await page.getByRole('heading', { name: 'Largest errors' }).waitFor();
        await tabTo(/^test-\d+$/);
        await page.keyboard.press('Enter');
        await page.getByRole('heading', { name: 'What it rests on' }).waitFor();
        expect(new URL(page.url()).pathname).toMatch(/^\/sample\/wide%2Fseed-1\//);
        await page.goBack();
        await page.getByRole('heading', { name: 'Largest errors' }).waitFor();
      });
    });

    test('a point of a chart is opened by the table behind it', async () => {
      await inPage('/run/wide%2Fseed-1?view=features', async (page) => {
        await page.getByRole('button', { name: 'Table of Unique features' }).press('Enter');
        const table = page.getByRole('region', { name: 'Table of Unique features' });
        await table.getByRole('link', { name: 'test-3', exact: true }).first().press('Enter');
        await page.getByRole('heading', { name: 'What it rests on' }).waitFor();
        expect(new URL(page.url()).pathname).toBe('/sample/wide%2Fseed-1/test-3');
      });
    });

    test('the first stop is the way past the head', async () => {
      await inPage('/', async (page) => {
        await page.getByRole('heading', { level: 1 }).waitFor();
        await page.keyboard.press('Tab');
        expect(await page.evaluate('document.activeElement.innerText')).toContain('Skip to the page');
        await page.keyboard.press('Enter');
        await eventually(() => page.evaluate('document.activeElement.id')).toBe('main');
      });
    });
  });

  const addresses: readonly (readonly [string, string])[] = [
    ['/', 'Runs'],
    ['/?group=seeds&select=short', 'Runs'],
    ['/?q=nothing', 'Runs'],
    ['/run/wide%2Fseed-1', 'Validation MAE ↓'],
    ['/run/wide%2Fseed-1?view=predictions', 'Largest errors'],
    ['/run/wide%2Fseed-1?view=features', 'Common features'],
    ['/run/wide%2Fseed-1?view=transport', ''],
    ['/run/wide%2Fseed-1?view=robustness', ''],
    ['/run/wide%2Fseed-1?view=figures&figure=curves', 'curves'],
    ['/run/wide%2Fseed-1?view=settings&keys=all', 'Configuration'],
    ['/compare?ids=wide/seed-1&ids=wide/seed-2&ids=short', 'Results'],
    ['/benchmark/bench', 'synthetic'],
    ['/run/nothing', 'nothing'],
    ['/sample/wide%2Fseed-1/test-0', 'What it rests on'],
  ];
  // 320 is a window of 1280 at 400 %.
  const looks = [1280, 400, 320].flatMap((width) =>
    (['light', 'dark'] as const).map((colorScheme) => ({ width, colorScheme })),
  );

  const beyondWindow = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';

  test('an address at which there is nothing says so, and leads to all runs', async () => {
    const tab = await openTab(browser, at('/nothing'), { width: 400 });
    await tab.page.getByRole('heading', { level: 1, name: 'There is no such page' }).waitFor();
    expect(await axeFindings(tab.page)).toEqual([]);
    await tab.page.locator('main').getByRole('link', { name: 'All runs' }).click();
    await tab.page.getByRole('heading', { level: 1, name: 'Runs' }).waitFor();
    // Of the document itself Chromium tells, too.
    expect(tab.said).toEqual([expect.stringContaining('404')]);
    await tab.close();
  });

  test('the list is as wide as its window at every width, a table where that fits', async () => {
    await inTab('/?group=seeds&select=short', { width: 1600 }, async (page) => {
      await page.locator('table.runs tbody tr').first().waitFor();
      const headings = page.locator('table.runs thead');
      const heights: number[] = [];
      for (let width = 1600; width >= 320; width -= 16) {
        await page.setViewportSize({ width, height: 900 });
        await eventually(() => page.evaluate(beyondWindow)).toBe(0);
        heights.push((await headings.boundingBox())!.height);
      }
      // The headings of cards are for those who hear them.
      expect(heights[0]).toBeGreaterThan(10);
      expect(heights.at(-1)).toBeLessThan(2);
      await page.setViewportSize({ width: 1600, height: 900 });
      await eventually(async () => (await headings.boundingBox())!.height).toBe(heights[0]);
    });
  });

  describe.each(looks)('at $width, $colorScheme', (look) => {
    test.each(addresses)('%s is as wide as its window, and axe finds nothing', async (address, heading) => {
      await inTab(address, look, async (page, tab) => {
        await page
          .getByRole('heading', heading === '' ? { level: 1 } : { name: heading })
          .first()
          .waitFor();
        await eventually(() => page.locator('main').getByText(/ …$/).count()).toBe(0);
        expect(await axeFindings(page)).toEqual([]);
        await eventually(() => page.evaluate(beyondWindow)).toBe(0);
        // What is not there is told by the status of the answer, which a browser logs.
        if (address.includes('nothing')) (tab.said as string[]).length = 0;
      });
    });
  });
});
