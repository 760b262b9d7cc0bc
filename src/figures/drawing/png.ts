/** A picture as PNG, at 300 dots an inch. */
import { fontFiles, family, lettersMissing } from './font.ts';
import type { Picture } from './vector.ts';

const dotsPerPoint = 300 / 72;

export async function png({ svg, width }: Picture): Promise<Uint8Array> {
  const { Resvg } = await import('@resvg/resvg-js');
  const image = new Resvg(svg, {
    fitTo: { mode: 'width', value: Math.round(width * dotsPerPoint) },
    font: {
      fontFiles: [fontFiles.regular, fontFiles.bold],
      defaultFontFamily: family,
      // Letters that the font does not have, as of Chinese, are drawn by what the machine has, if it has any.
      loadSystemFonts: lettersMissing(svg.replaceAll(/\s/g, ' ')).length > 0,
    },
  });
  return image.render().asPng();
}
