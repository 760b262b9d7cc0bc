/** Every figure of small made data. The pictures are the gallery of docs/figures.md; `-u` draws them anew. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { inflateSync } from 'node:zlib';
import { describe, expect, test, vi } from 'vitest';
import { draw } from './drawing/draw.ts';
import { pictureOf } from './drawing/vector.ts';
import { figureNames } from './figures.ts';
import { columnWidths } from './style.ts';
import { gallery } from './testing.ts';

const folder = path.resolve(import.meta.dirname, '../../docs/figures');
const sizes = (svg: string): number[] =>
  [...svg.matchAll(/font-size="([\d.]+)(?:px)?"/g)].map(([, size]) => Number(size));

/** The lines that a page of PDF is drawn by. */
function contentOf(pdf: Buffer): string {
  const text = pdf.toString('latin1');
  const streams = Array.from(text.matchAll(/\/Length (\d+)\n\/Filter \/FlateDecode\n>>\nstream\n/g), (head) => {
    const from = head.index + head[0].length;
    return inflateSync(pdf.subarray(from, from + Number(head[1]))).toString('latin1');
  });
  return streams.find((stream) => stream.includes(' cm\n'))!;
}

describe.each(figureNames)('the figure %s', (name) => {
  const drawing = gallery[name];

  test('is that of the gallery', async () => {
    const [svg] = await draw(drawing, ['svg']);
    await expect(svg).toMatchFileSnapshot(path.join(folder, `${name}.svg`));
  });

  test('is as wide as its columns, with text of 7 to 9 points', async () => {
    const { svg, width } = await pictureOf(drawing);
    expect(width).toBe(columnWidths[drawing.columns]);
    expect(sizes(svg).length).toBeGreaterThan(0);
    expect(sizes(svg).filter((size) => size < 7 || size > 9)).toEqual([]);
  });

  test('has a title and a description inside', async () => {
    const { svg } = await pictureOf(drawing);
    expect(svg).toContain(`<title id="title">${drawing.title}</title>`);
    expect(/<desc id="description">([^<]*)</.exec(svg)![1]!.length).toBeGreaterThan(40);
  });

  test('has the same bytes in each format, whenever it is drawn', async () => {
    const formats = ['svg', 'png', 'pdf', 'json'] as const;
    const drawn = (when: string): ReturnType<typeof draw> => {
      vi.useFakeTimers({ toFake: ['Date'], now: new Date(when) });
      return draw(drawing, formats).finally(() => vi.useRealTimers());
    };
    const [first, second] = [await drawn('2024-02-29T23:59:59Z'), await drawn('2031-05-06T07:08:09Z')];
    for (const [n, content] of first.entries()) expect(Buffer.from(content).equals(Buffer.from(second[n]!))).toBe(true);
  });

  test('is a page of PDF with the font embedded as TrueType, none of Type 3', async () => {
    const [pdf] = await draw(drawing, ['pdf']);
    const text = Buffer.from(pdf!).toString('latin1');
    expect(text).toMatch(/^%PDF-1\.\d/);
    expect(text).not.toContain('/Type3');
    const subtypes = [...text.matchAll(/\/Subtype \/(Type0|Type1|TrueType|CIDFontType\d)/g)].map(([, type]) => type);
    expect(new Set(subtypes)).toEqual(new Set(['Type0', 'CIDFontType2']));
    expect(text).toContain('/FontFile2');
  });

  test('fills its page of PDF, no larger and no smaller', async () => {
    const [pdf] = await draw(drawing, ['pdf']);
    const scales = /\nW n\n(\S+) 0 0 (\S+) /.exec(contentOf(Buffer.from(pdf!)))!.slice(1);
    for (const scale of scales) expect(Number(scale)).toBeCloseTo(1, 4);
  });

  test('can be edited: the JSON draws the same picture', async () => {
    const { spec, svg } = await pictureOf(drawing);
    const again = {
      ...drawing,
      spec: () => JSON.parse(JSON.stringify({ ...spec, title: undefined, config: undefined })) as never,
    };
    expect((await pictureOf(again)).svg).toBe(svg);
  });
});

test('the gallery has nothing else', () => {
  // Folders beside it are of what the demo and docs/results.md came to.
  const pictures = readdirSync(folder, { withFileTypes: true }).filter((entry) => !entry.isDirectory());
  expect(pictures.map(({ name }) => name).sort()).toEqual(figureNames.map((name) => `${name}.svg`).sort());
});
