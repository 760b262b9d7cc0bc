import { expect, test } from 'vitest';
import { categories } from '../categories.ts';
import { confusion } from '../confusion.ts';
import type { Drawing } from '../figure.ts';
import { pictureOf } from './vector.ts';

// Vega keeps groups in plain objects, in which such a name finds what every object has.
test.each(['__proto__', 'constructor'])('a class or a run may be called %s', async (name) => {
  const labels = ['calm', name];
  const share = { accuracy: 0.5, low: 0.4, high: 0.6 };
  const drawings: readonly Drawing[] = [
    confusion({ labels, panels: [{ name, counts: [[1, 2], [3, 4]] }], seeds: 1 }), // prettier-ignore
    categories({ runs: labels, categories: labels.map((each) => ({ name: each, count: 4, shares: [share, share] })) }),
  ];
  for (const drawing of drawings) {
    const { svg, spec } = await pictureOf(drawing);
    expect(svg).toMatch(new RegExp(`>${name}\\s*</text>`));
    // The editable form is drawn by Vega, too.
    const again = JSON.parse(JSON.stringify({ ...spec, title: undefined, config: undefined })) as typeof spec;
    expect((await pictureOf({ ...drawing, spec: () => again })).svg).toBe(svg);
  }
});
