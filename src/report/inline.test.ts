import { expect, test } from 'vitest';
import { pictureOf } from '../figures/drawing/vector.ts';
import { figureNames } from '../figures/figures.ts';
import { gallery } from '../figures/testing.ts';
import { inlineSvg } from './inline.ts';

test('pictures in one page share no id, and each names its own', async () => {
  const svgs = await Promise.all(
    figureNames.map(async (name) => inlineSvg((await pictureOf(gallery[name])).svg, `a-${name}`).text),
  );
  const ids = svgs.flatMap((svg) => [...svg.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id!));
  expect(new Set(ids).size).toBe(ids.length);
  for (const [n, svg] of svgs.entries()) {
    const own = ids.filter((id) => id.startsWith(`a-${figureNames[n]!}-`));
    const used = [
      ...[...svg.matchAll(/url\(#([^)]*)\)/g)].map(([, id]) => id!),
      ...[...svg.matchAll(/aria-labelledby="([^"]*)"/g)].flatMap(([, all]) => all!.split(' ')),
    ];
    expect(used.length).toBeGreaterThanOrEqual(2);
    for (const id of used) expect(own).toContain(id);
  }
});

test('each line of text is as wide as the font of figures has it, but for those with a subscript', () => {
  const svg =
    '<svg><text font-size="10px" font-weight="bold">a &amp; b</text><text font-size="7px"><tspan>one</tspan><tspan x="0" dy="9">two</tspan></text><text font-size="8px">L<tspan dy="0.2em" font-size="75%">dec</tspan></text></svg>';
  const { text } = inlineSvg(svg, 'p');
  expect([...text.matchAll(/textLength="([\d.]+)"/g)]).toHaveLength(3);
  // Arimo has the widths of Arial: a 0.556, space 0.278, & 0.722 and b 0.611 of the size when bold.
  expect(text).toContain('textLength="24.4" lengthAdjust="spacingAndGlyphs">a &amp; b<');
  expect(text).toContain('<tspan dy="0.2em" font-size="75%">dec<');
});
