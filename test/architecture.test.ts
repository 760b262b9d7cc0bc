/** The picture of the layers in docs/architecture.md is that of the imports, and its table has every folder. */
import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { layerOf, projectSources } from './sources.ts';

/** By layer, those that it imports. */
type Arrows = ReadonlyMap<string, ReadonlySet<string>>;

const page = readFileSync(new URL('../docs/architecture.md', import.meta.url), 'utf8');

const arrowsOf = (pairs: readonly (readonly [string, string])[]): Arrows =>
  new Map(
    pairs.map(([from]) => [from, new Set(pairs.filter(([other]) => other === from).map(([, to]) => to))] as const),
  );

const [, picture = ''] = /^```mermaid\n([^]*?)^```$/m.exec(page) ?? [];
const drawn = arrowsOf(
  [...picture.matchAll(/^ +(\S+) --> (\S+)$/gm)].map(([, from, to]): [string, string] => [from!, to!]),
);

const imported = arrowsOf(
  [...projectSources()].flatMap(([file, { imports }]) =>
    imports.flatMap(({ path }): [string, string][] =>
      path === undefined || layerOf(path) === layerOf(file) ? [] : [[layerOf(file), layerOf(path)]],
    ),
  ),
);

/** The arrows that no way over others leads along: as few as say the same. */
function fewest(arrows: Arrows): string[] {
  const reaches = (from: string, to: string, direct: boolean): boolean =>
    [...(arrows.get(from) ?? [])].some((next) => (next === to ? direct : reaches(next, to, true)));
  return [...arrows].flatMap(([from, layers]) =>
    [...layers].flatMap((to) => (reaches(from, to, false) ? [] : [`${from} --> ${to}`])),
  );
}

describe('the picture of the layers', () => {
  test('has the arrows of the imports, but for those that follow from others', () => {
    const shown = [...drawn].flatMap(([from, layers]) => [...layers].map((to) => `${from} --> ${to}`));
    expect(shown.toSorted()).toEqual(fewest(imported).toSorted());
  });

  test('leaves out what follows, and nothing else', () => {
    const arrows = arrowsOf([
      ['a', 'b'],
      ['b', 'c'],
      ['a', 'c'],
      ['a', 'd'],
    ]);
    expect(fewest(arrows)).toEqual(['a --> b', 'a --> d', 'b --> c']);
  });
});

test('the table of folders has each of them, and no other', () => {
  const folders = readdirSync(new URL('../src', import.meta.url), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  const named = [...page.matchAll(/^\| `src\/([\w-]+)\/` \|/gm)].map(([, name]) => name!);
  expect(named.toSorted()).toEqual(folders.toSorted());
});
