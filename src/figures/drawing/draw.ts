import type { Drawing } from '../figure.ts';
import type { Format } from './packages.ts';
import { withWidths } from './font.ts';
import { pdf } from './pdf.ts';
import { png } from './png.ts';
import { pictureOf, type Picture } from './vector.ts';

/** A figure as the content of a file of each of the formats, in their order. The same drawing gives the same bytes. */
export async function draw(drawing: Drawing, wanted: readonly Format[]): Promise<readonly (string | Uint8Array)[]> {
  const picture = await pictureOf(drawing);
  const contents: (string | Uint8Array)[] = [];
  for (const format of wanted) contents.push(await writers[format](picture));
  return contents;
}

const writers: Readonly<Record<Format, (picture: Picture) => string | Uint8Array | Promise<Uint8Array>>> = {
  svg: ({ svg }) => withWidths(svg),
  png,
  pdf,
  json: ({ spec }) => `${JSON.stringify(spec, null, 2)}\n`,
};
