/** Laws that every format of the table keeps, so that one that is added has them to keep too. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { NdArray } from './bytes/array.ts';
import { formats, readableEndings, writableEndings } from './formats.ts';
import { openFile } from './open.ts';
import { writeFile } from './write.ts';
import { roundTrips } from './writing/testing.ts';

const { folder } = roundTrips();

const page = readFileSync(new URL('../../docs/formats.md', import.meta.url), 'utf8');
/** The cells of the rows of the tables of `docs/formats.md`. */
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .map((line) =>
    line
      .split('|')
      .map((cell) => cell.trim())
      .slice(1, -1),
  );
const named = (cell = ''): string[] => Array.from(cell.matchAll(/`(\.[a-z0-9]+)`/g), ([, ending]) => ending!);

describe.each(formats)('$name', ({ name, endings, readEndings = [], shownEndings = [], write }) => {
  it('has a row in docs/formats.md, with the endings by which it is read', () => {
    const [row] = rows.filter(([first]) => first === name);
    expect(row, `docs/formats.md has no row "| ${name} |"`).toBeDefined();
    expect(named(row![1]).sort()).toEqual([...endings, ...readEndings].sort());
  });

  it('has a row there that says how it is written', () => {
    const written = rows.map(([first]) => named(first)).filter((row) => row.some((ending) => endings.includes(ending)));
    expect(written.flat().sort()).toEqual(write === undefined ? [] : endings.toSorted());
  });

  it('has endings of its own, in lower case', () => {
    for (const ending of [...endings, ...readEndings]) {
      expect(ending).toMatch(/^\.[a-z0-9]+$/);
      expect(readableEndings.filter((one) => one === ending)).toEqual([ending]);
    }
    expect([...endings, ...readEndings]).toEqual(expect.arrayContaining([...shownEndings]));
  });
});

it.each(writableEndings)('what is written as %s is opened as that, and holds the same numbers', async (ending) => {
  const numbers = new NdArray([2], 'float32', Float32Array.of(0.5, -2));
  const file = join(folder, `x${ending}`);
  const { format } = await writeFile(file, new Map([['x', numbers]]));
  const opened = await openFile(file);
  try {
    expect(opened.format).toBe(format);
    const array = opened.value instanceof Map ? (opened.value as Map<string, NdArray>).get('x')! : opened.value;
    expect(Array.from((array as NdArray).data as Float32Array)).toEqual([0.5, -2]);
  } finally {
    await opened.close();
  }
});
