/** How long Chromium takes to draw the curves of many runs, from a click to charts that are seen. */
import type { Browser } from 'playwright-core';
import { median } from './statistics.ts';

const repetitions = 5;

export interface Drawing {
  /** How many charts are in the window. */
  readonly charts_in_view: number;
  /** Milliseconds until all of these are drawn. */
  readonly drawn_ms: number;
}

/** Draws the curves of some runs, each a line of its own, on the page that compares them. */
export async function drawing(browser: Browser, url: string, ids: readonly string[]): Promise<Drawing> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  await page.goto(new URL(`/compare?${ids.map((id) => `ids=${encodeURIComponent(id)}`).join('&')}`, url).href);
  await page.locator('#settings').waitFor();
  await page.locator('.curves canvas').first().waitFor();
  const one = page.getByRole('button', { name: 'Only the first' });
  const all = page.getByRole('button', { name: 'All', exact: true });
  const took: number[] = [];
  let charts = 0;
  for (let i = 0; i < repetitions; i++) {
    await one.click();
    await all.waitFor();
    await page.evaluate(`document.querySelector('#curves').scrollIntoView()`);
    await page.evaluate(settled);
    const found = await page.evaluate<{ readonly charts: number; readonly ms: number }>(redrawn);
    charts = found.charts;
    took.push(Math.round(found.ms));
  }
  await page.close();
  return { charts_in_view: charts, drawn_ms: median(took) };
}

/** Two frames that were painted. */
const settled = `new Promise((resolve) =>
  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(resolve, 0))))`;

/** Shows all lines, and waits for every chart that is in the window to be another one, and painted. */
const redrawn = `(async () => {
  const isSeen = (chart) => {
    const { top, bottom } = chart.getBoundingClientRect();
    return top < innerHeight && bottom > 0;
  };
  const charts = [...document.querySelectorAll('.curves')].filter(isSeen);
  const before = charts.map((chart) => chart.querySelector('canvas'));
  const isDrawn = (chart, n) => ![null, before[n]].includes(chart.querySelector('canvas'));
  const start = performance.now();
  document.querySelector('.toggles .plain').click();
  while (!charts.every(isDrawn)) await new Promise((resolve) => setTimeout(resolve, 0));
  await ${settled};
  return { charts: charts.length, ms: performance.now() - start };
})()`;
