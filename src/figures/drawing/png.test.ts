import { inflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { png } from './png.ts';

const picture = (svg: string): Parameters<typeof png>[0] => ({
  ...{ title: '', description: '', width: 84, height: 24, spec: {} },
  svg: `<svg xmlns="http://www.w3.org/2000/svg" width="84pt" height="24pt" viewBox="0 0 84 24" font-family="Arimo, Arial, sans-serif"><rect width="84" height="24" fill="white"/>${svg}</svg>`,
});

/** The share of a PNG's bytes of colour that are not white. */
function inkOf(bytes: Uint8Array): number {
  const buffer = Buffer.from(bytes);
  const parts: Buffer[] = [];
  for (let at = 8; at < buffer.length; at += 12 + buffer.readUInt32BE(at))
    if (buffer.toString('latin1', at + 4, at + 8) === 'IDAT')
      parts.push(buffer.subarray(at + 8, at + 8 + buffer.readUInt32BE(at)));
  const pixels = inflateSync(Buffer.concat(parts));
  return pixels.filter((byte) => byte > 0 && byte < 255).length / pixels.length;
}

test('a PNG has its text, drawn by the font of the package alone', async () => {
  const empty = inkOf(await png(picture('')));
  expect(inkOf(await png(picture('<text x="4" y="16" font-size="9">MAE 0.29</text>')))).toBeGreaterThan(empty + 0.01);
  // No machine has this font: what is drawn is the one that every text falls back to.
  const unknown = '<text x="4" y="16" font-size="9" font-family="No Such Font">MAE 0.29</text>';
  expect(inkOf(await png(picture(unknown)))).toBeGreaterThan(empty + 0.01);
});

test('a PNG has 300 dots an inch', async () => {
  const header = Buffer.from(await png(picture('')));
  expect([header.readUInt32BE(16), header.readUInt32BE(20)]).toEqual([350, 100]);
});
