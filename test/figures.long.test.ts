/** Figures as a browser lays them out: no text lies over another or leaves the frame. */
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chromiumPath, launchChromium } from './browser/browser.ts';

const root = path.resolve(import.meta.dirname, '..');
const gallery = path.join(root, 'docs/figures');
const faces = (['Regular', 'Bold'] as const)
  .map((name) => {
    const font = readFileSync(path.join(root, `fonts/Arimo-${name}.ttf`)).toString('base64');
    const weight = name === 'Bold' ? 'bold' : 'normal';
    return `@font-face { font-family: Arimo; font-weight: ${weight}; src: url(data:font/ttf;base64,${font}); }`;
  })
  .join('\n');

interface Text {
  readonly text: string;
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

interface Texts {
  readonly texts: readonly Text[];
  /** The box of the whole. */
  readonly frame: Text;
}

// In words for the browser, whose types are not those of Node.
const measuring = `(async () => {
  await Promise.all([document.fonts.load('8px Arimo'), document.fonts.load('bold 8px Arimo')]);
  const root = document.querySelector('svg');
  const scale = root.viewBox.baseVal.width / root.getBoundingClientRect().width;
  const boxOf = (element, text) => {
    const { left, top, right, bottom } = element.getBoundingClientRect();
    return { text, left: left * scale, top: top * scale, right: right * scale, bottom: bottom * scale };
  };
  const texts = [...document.querySelectorAll('svg text')].filter((each) => each.textContent.trim() !== '');
  return { texts: texts.map((each) => boxOf(each, each.textContent.trim())), frame: boxOf(root, '') };
})()`;

/** The boxes of all texts of an SVG in points, drawn by the font of the package. */
async function textsOf(page: Page, svg: string): Promise<Texts> {
  await page.setContent(`<style>${faces} body { margin: 0 } svg { display: block }</style>${svg}`);
  return page.evaluate<Texts>(measuring);
}

/** A box has the height of a line, with room above and below the letters, which may be shared. */
const room = 1.2;

const covers = (a: Text, b: Text): boolean =>
  Math.min(a.right, b.right) - Math.max(a.left, b.left) > 0.3 &&
  Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 2 * room;

const overlapping = (texts: readonly Text[]): string[] =>
  texts.flatMap((a, n) => texts.slice(n + 1).flatMap((b) => (covers(a, b) ? [`"${a.text}" and "${b.text}"`] : [])));

const leaving = (texts: readonly Text[], frame: Text): string[] =>
  texts
    .filter(
      ({ left, top, right, bottom }) =>
        left < -0.1 || top < -room || right > frame.right + 0.1 || bottom > frame.bottom + room,
    )
    .map(({ text }) => text);

// Machines of developers may have no browser; where tests run for all, there is one.
describe.skipIf(chromiumPath === undefined && !process.env['CI'])('in a browser', () => {
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    browser = await launchChromium();
    page = await browser.newPage();
  });
  afterAll(() => browser.close());

  const pictures = readdirSync(gallery, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.svg'));

  test.each(pictures)('the texts of %s lie apart and within the frame', async (file) => {
    const { texts, frame } = await textsOf(page, readFileSync(path.join(gallery, file), 'utf8'));
    expect(texts.length).toBeGreaterThan(5);
    expect(overlapping(texts)).toEqual([]);
    expect(leaving(texts, frame)).toEqual([]);
  });

  test.each(pictures.filter((name) => path.dirname(name) === '.'))(
    'no text of %s is cut in wider letters',
    async (file) => {
      const svg = readFileSync(path.join(gallery, file), 'utf8');
      const { texts, frame } = await textsOf(page, svg.replaceAll('Arimo, Arial', "'DejaVu Sans', Verdana"));
      const cut = texts.filter(({ left, right }) => left < -0.1 || right > frame.right + 0.1);
      expect(cut.map(({ text }) => text)).toEqual([]);
    },
  );

  test('texts that do not are found', async () => {
    const { texts, frame } = await textsOf(
      page,
      '<svg xmlns="http://www.w3.org/2000/svg" width="84pt" height="30pt" viewBox="0 0 84 30" font-family="Arimo" font-size="8"><text x="10" y="12">one</text><text x="20" y="13">two</text><text x="70" y="24">beyond it</text></svg>',
    );
    expect(overlapping(texts)).toEqual(['"one" and "two"']);
    expect(leaving(texts, frame)).toEqual(['beyond it']);
  });
});
