/** What charts of `src/pages/base/line-plot.ts` draw, and where their cursors are, in Chromium. */
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Browser, Page } from 'playwright-core';
import { bundlePage, chromiumPath, inPage, launchChromium, servePage, type Site } from './browser.ts';

/** `draw(props, ...)` makes a chart of 600 × 200 pixels for each, tells what is written in them, and keeps them in `charts`. */
const script = `
  import uPlot from 'uplot';
  import { dataOf, optionsOf } from './src/pages/base/line-plot.ts';
  const root = document.documentElement.style;
  for (const name of ['--quiet', '--line', '--series-1', '--series-2']) root.setProperty(name, '#0000ff');
  root.setProperty('--ground', '#ffffff');
  const written = [];
  const fillText = CanvasRenderingContext2D.prototype.fillText;
  CanvasRenderingContext2D.prototype.fillText = function (text, ...place) {
    written.push(text);
    fillText.call(this, text, ...place);
  };
  globalThis.draw = async (...all) => {
    written.length = 0;
    globalThis.charts = all.map((current) =>
      new uPlot(optionsOf({ current }, { width: 600, height: 200 }, () => {}), dataOf(current.lines), document.body));
    await new Promise((resolve) => setTimeout(resolve));
    return written;
  };`;

const styles = path.resolve(import.meta.dirname, '../../node_modules/uplot/dist/uPlot.min.css');

interface Drawing {
  readonly y: readonly number[];
  readonly isLog?: boolean;
  readonly marks?: readonly { readonly x: number; readonly word: string }[];
}

describe.skipIf(chromiumPath === undefined && !process.env['CI'])('in Chromium', () => {
  let browser: Browser;
  let site: Site;
  beforeAll(async () => {
    site = await servePage((await bundlePage({ text: script })).script);
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser.close();
    site.close();
  });

  async function drawn(drawings: readonly Drawing[], work: (page: Page, texts: readonly string[]) => Promise<void>) {
    const props = drawings.map(({ y, ...more }) => ({
      ...{ lines: [{ name: 'a', look: 0, x: y.map((_, n) => n + 1), y }], together: 'epochs', ...more },
    }));
    await inPage(browser, site.plain, async (page) => {
      await page.addStyleTag({ path: styles });
      await page.waitForFunction('globalThis.draw !== undefined');
      await work(page, await page.evaluate<string[]>(`draw(...${JSON.stringify(props)})`));
    });
  }
  const textsOf = async (drawing: Drawing): Promise<readonly string[]> => {
    let found: readonly string[] = [];
    await drawn([drawing], (_, texts) => Promise.resolve(void (found = texts)));
    // After the axis of epochs, which ends at 3, comes that of values.
    return found.slice(found.indexOf('3') + 1);
  };

  test('numbers of a narrow range differ', async () => {
    const texts = await textsOf({ y: [1.47801, 1.47812, 1.47803] });
    expect(texts.length).toBeGreaterThan(2);
    expect(new Set(texts).size).toBe(texts.length);
    expect(new Set(texts.map((text) => text.length)).size).toBe(1);
  });

  test('a constant lies in a small range, and its axis is named', async () => {
    await drawn([{ y: [0, 0, 0] }], async (page, texts) => {
      expect(texts).toContain('epoch');
      expect(await page.evaluate('[charts[0].scales.y.min, charts[0].scales.y.max]')).toEqual([-0.1, 0.1]);
    });
  });

  test('an axis of powers of ten has round numbers alone', async () => {
    const texts = await textsOf({ y: [0.0214, 0.1, 0.23], isLog: true });
    expect(texts).toEqual(['0.02', '0.05', '0.1', '0.2']);
  });

  test('the cursor lies on an epoch, in every chart, and has no height', async () => {
    await drawn([{ y: [1, 2, 3] }, { y: [5, 4, 5] }], async (page) => {
      const { x, y, width } = (await page.locator('.u-over').first().boundingBox())!;
      await page.mouse.move(x + 0.6 * width, y + 20);
      await page.waitForFunction('charts[1].cursor.idx === 1');
      const places = await page.evaluate<number[]>('charts.map((chart) => chart.posToVal(chart.cursor.left, "x"))');
      for (const place of places) expect(place).toBeCloseTo(2, 6);
      expect(await page.locator('.u-cursor-y:not(.u-off)').count()).toBe(0);
    });
  });

  test('no curve strikes a word through', async () => {
    // A steep curve at the place of the word, and none.
    const words = (y: readonly number[]): Drawing => ({ y, marks: [{ x: 2, word: 'MMMMMMMM' }] });
    const inked = `charts.map((chart) => {
      const left = Math.round(chart.valToPos(2, 'x', true)) + 4;
      const { data } = chart.ctx.getImageData(left, chart.bbox.top + 4, 60, 12);
      return [...data].filter((value, n) => n % 4 === 0 && data[n + 3] > 0 && value < 255).length;
    })`;
    await drawn([words([0, 1, 1]), words([0, 0, 0.000001])], async (page) => {
      const [crossed, free] = await page.evaluate<number[]>(inked);
      expect(free).toBeGreaterThan(0);
      expect(crossed).toBe(free);
    });
  });
});
