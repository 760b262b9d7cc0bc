/** The names of representations: the same in every model, and as docs/explain.md has them. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Scope } from '../nn/index.ts';
import { placeholders } from '../train/index.ts';
import { models, titleOf, type Model } from './index.ts';

const modalities = ['text', 'audio', 'vision'];
const spec = {
  features: modalities.map((name) => ({ name, time: 8, width: 10, masked: true })),
  task: { kind: 'regression' as const },
};
const given = Object.entries<Model>(models).map(([name, model]) => {
  const inputs = placeholders(spec, 4, { labels: false });
  const { representations } = model.build(new Scope(), inputs, model.config.parse({}));
  return { title: titleOf(name), names: Object.keys(representations) };
});

/** The models of each row of the table, by the names in its first cell. */
const page = readFileSync(new URL('../../docs/explain.md', import.meta.url), 'utf8');
const rows = [...page.matchAll(/^\| (`[^|]*) \|[^|]*\| ([^|]*) \|$/gm)].flatMap(([, names, of]) =>
  [...names!.matchAll(/`([^`]+)`/g)].map(([, name]) => [name!, of!.split(', ')] as const),
);

describe.each(rows)('%s', (name, of) => {
  test.each(modalities)('is of the models that the page says: %s', (modality) => {
    const own = name.replace(/\bM$/, modality);
    expect(given.flatMap(({ title, names }) => (names.includes(own) ? [title] : [])).toSorted()).toEqual(of.toSorted());
  });
});

test('every other name is said below the table', () => {
  const below = page.slice(page.indexOf('\nThe others: ')).split('\n\n')[0]!;
  const known = new Set(rows.flatMap(([name]) => modalities.map((m) => name.replace(/\bM$/, m))));
  const others = given.flatMap(({ names }) => names.filter((name) => !known.has(name)));
  expect([...below.matchAll(/`([^`]+)`/g)].map(([, name]) => name).toSorted()).toEqual(others.toSorted());
});
