/** Every model and every term of DecAlign is described, and where README.md lists them it has all. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ablations, termNames, terms } from '../src/models/index.ts';
import { otherModels, remade } from './model-docs.ts';

const read = (name: string): string => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8');
const headings = (page: string): string[] => [...page.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading!);

// To write them anew: npx vitest run test/model-docs.test.ts -u
test('the lists of models and switches in README.md are those of the tables in src/models', async () => {
  await expect(remade(read('README.md'))).toMatchFileSnapshot('../README.md');
});

test('docs/models has a page for each model but DecAlign, whose page is docs/paper.md, and no other', () => {
  const pages = readdirSync(new URL('../docs/models', import.meta.url));
  expect(pages.toSorted()).toEqual(otherModels.map(([name]) => `${name}.md`).toSorted());
});

describe.each(otherModels)('docs/models/%s.md', (name, { title }) => {
  const page = (): string => read(`docs/models/${name}.md`);

  test('begins with the title', () => {
    expect(page().split('\n')[0]).toMatch(new RegExp(`^# ${title!}\\b`));
  });

  test('says what is computed, with which settings, what differs from the source, and what was checked', () => {
    const found = headings(page());
    expect(found).toEqual(expect.arrayContaining(['Equations', 'Settings', 'What was checked']));
    // Where there was no code to depart from, all that is not in the paper.
    expect(found.filter((each) => /^What (differs, and why|is reconstructed, and why so)$/.test(each))).toHaveLength(1);
  });
});

describe('docs/paper.md', () => {
  const page = read('docs/paper.md');
  /** The cells of all rows of tables. */
  const rows = page
    .split('\n')
    .flatMap((line) => (line.startsWith('| ') ? [line.split('|').map((cell) => cell.trim())] : []));

  test.each(termNames)('has the equation, the file and the test of %s', (name) => {
    const { symbol } = terms[name];
    const found = rows.filter(([, , what]) => new RegExp(`\\b${symbol}\\b`).test(what!));
    const files = found.flatMap(([, , , file, test]) =>
      file?.includes('`src/alignment/') && test?.includes('.test.ts`') ? [file] : [],
    );
    expect(files, `a row for ${symbol}`).not.toEqual([]);
  });

  test.each(ablations)('has the row of --without %s', (name) => {
    expect(rows.filter(([, , , option]) => option === `\`--without ${name}\``)).toHaveLength(1);
  });
});
