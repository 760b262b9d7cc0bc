/** The names of representations: the same in every model, and as docs/explain.md has them. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Scope } from '../nn/index.ts';
import { compile } from '../runtime/node.ts';
import { random } from '../data/random.ts';
import { initialize, parametersOf } from '../train/index.ts';
import { placeholders } from '../train/index.ts';
import { models, titleOf, type Model, type ModelInputs } from './index.ts';

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

test('means over time leave padding out: what stands there changes none of them', async () => {
  const { decalign } = models;
  const config = decalign.config.parse({});
  const network = {
    name: 'decalign',
    build: (scope: Scope, inputs: ModelInputs) => decalign.build(scope, inputs, config),
  };
  const inputs = placeholders(spec, 4, { labels: false });
  const program = await compile(network.build(new Scope(), inputs).representations);
  const parameters = initialize(parametersOf(network, spec), 1);
  const draws = random(1, 'padding');
  const values = (length: number): Float32Array => Float32Array.from({ length }, () => draws.normal());
  const masks = modalities.map((m, i) => [
    `mask.${m}`,
    Float32Array.from({ length: 4 * 8 }, (_, t) => Number(t % 8 < 3 + i)),
  ]);
  const features = modalities.map((m) => [`features.${m}`, values(4 * 8 * 10)] as const);
  const padded = features.map(([name, data], i) => [
    name,
    data.map((x, n) => (Math.floor(n / 10) % 8 < 3 + i ? x : 9 * draws.normal())),
  ]);
  const feeds = { ...parameters, ...(Object.fromEntries(masks) as Record<string, Float32Array>) };
  const found = await program.run({ ...feeds, ...Object.fromEntries(features) });
  const again = await program.run({ ...feeds, ...(Object.fromEntries(padded) as Record<string, Float32Array>) });
  await program.dispose();
  expect(Object.keys(found)).toHaveLength(5 * modalities.length + 1);
  for (const [name, expected] of Object.entries(found))
    for (const [n, x] of expected.entries()) expect(Number(again[name]![n]), name).toBeCloseTo(Number(x), 5);
});
