import { expect, test } from 'vitest';
import { decoupling } from './decoupling.ts';
import { pictureOf } from './drawing/vector.ts';
import { ink, palette } from './style.ts';

test('bars have an edge, so that the lightest of seven is told from the grey bar behind it', async () => {
  const runs = palette.map((_, n) => ({ name: `run ${n}`, seeds: 1 }));
  const measures = [{ title: 'D', wanted: 1 as const, values: palette.map(() => [0.5]) }];
  const { svg } = await pictureOf(
    decoupling({ title: 'Decoupling', axis: 'measure', panels: [{ title: 'D', measures }], runs, of: 7 }),
  );
  for (const colour of palette) {
    const [bar] = svg.match(new RegExp(`<path[^>]*d="M[^"]*h[^"]*"[^>]*fill="${colour}"[^>]*>`)) ?? [];
    expect(bar).toContain(`stroke="${ink}"`);
  }
});
