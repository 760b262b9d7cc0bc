import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NdArray } from '../bytes/array.ts';
import { type DelimitedSandbox, openDelimited, openInSandbox, startDelimited } from './read.ts';
import { survivesDamage } from '../testing.ts';

let folder: string;
let sandbox: DelimitedSandbox | undefined;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'delimited-'));
});
afterAll(async () => {
  await sandbox?.close();
  rmSync(folder, { recursive: true });
});

// Starting a reader takes longer than all else, so one reads file after file until it has to be stopped.
async function read(name: string, content: string | Uint8Array, columns?: readonly string[]) {
  return (await opened(name, content, columns)).value as Map<string, unknown>;
}

async function opened(name: string, content: string | Uint8Array, columns?: readonly string[]) {
  const file = join(folder, name);
  writeFileSync(file, content);
  if (sandbox === undefined || sandbox.ended) sandbox = startDelimited('table', { seconds: 120 });
  return openInSandbox(sandbox, file, columns);
}

const floats = (shape: number[], ...values: number[]): NdArray =>
  new NdArray(shape, 'float64', Float64Array.from(values));

describe('openDelimited', () => {
  it('reads CSV: quotes, line ends and a mark of the order of bytes', async () => {
    const text = '\ufeffid,"a ""b"", c",note\r\nx1,1.5,"two\nlines"\r\nx2,-2e3,\r\n';
    writeFileSync(join(folder, 'a.csv'), text);
    const { format, value, close } = await openDelimited(join(folder, 'a.csv'));
    expect(format).toBe('CSV');
    expect([...(value as Map<string, unknown>)]).toEqual([
      ['id', ['x1', 'x2']],
      ['a "b", c', floats([2], 1.5, -2000)],
      ['note', ['two\nlines', '']],
    ]);
    await close();
  });

  it('reads objects within JSON lines as columns of their own, and objects of numbers as steps', async () => {
    const steps = [
      { y: 2, x: 1 },
      { x: 3, y: null },
    ];
    const value = await read(
      'nested.jsonl',
      [
        { device: { no: 'a', at: { hour: 5 } }, acc: steps, other: [{ x: 1 }, { x: 'one' }] },
        { device: { no: 'b' }, acc: steps, other: [] },
      ]
        .map((row) => `${JSON.stringify(row)}\n`)
        .join(''),
    );
    expect([...value]).toEqual([
      ['device/no', ['a', 'b']],
      ['device/at/hour', floats([2], 5, Number.NaN)],
      ['acc', floats([2, 2, 2], 1, 2, 3, Number.NaN, 1, 2, 3, Number.NaN)],
      ['other', ['[{"x":1},{"x":"one"}]', '[]']],
    ]);
    const deep = `${'{"a":'.repeat(12)}1${'}'.repeat(12)}`;
    await expect(read('deep.jsonl', deep)).rejects.toThrow('has no JSON object in line 1');
  });

  it('finds what the columns hold', async () => {
    const rows = [
      ['int', 'float', 'bool', 'gap', 'code', 'long', 'mixed', 'file', 'nothing'],
      ['1', '1', 'true', '3', '007', '12345678901234567890', '1', 'a.npy', ''],
      ['-2', 'nan', 'False', '', '010', '1', 'x', 'b.npy', ''],
    ];
    const value = await read('b.tsv', rows.map((row) => row.join('\t')).join('\n'));
    expect([...value]).toEqual([
      ['int', new NdArray([2], 'int32', Int32Array.of(1, -2))],
      ['float', floats([2], 1, Number.NaN)],
      ['bool', new NdArray([2], 'bool', Uint8Array.of(1, 0))],
      ['gap', floats([2], 3, Number.NaN)],
      ['code', ['007', '010']],
      ['long', ['12345678901234567890', '1']],
      ['mixed', ['1', 'x']],
      ['file', ['a.npy', 'b.npy']],
      ['nothing', ['', '']],
    ]);
  });

  it('reads lists in cells and in JSON lines alike', async () => {
    const csv = 'x,y,z\n"[1, 2]","[1]","[[1,2]]"\n"[3, null]","[2, 3]","[[3,4],[5,6]]"\n"[5,6]","[]","[]"\n';
    const json =
      '{"x":[1,2],"y":[1],"z":[[1,2]]}\n\n{"x":[3,null],"y":[2,3],"z":[[3,4],[5,6]]}\r\n{"y":[],"x":[5,6],"z":[]}';
    for (const value of [await read('c.csv', csv), await read('c.jsonl', json)])
      expect([...value]).toEqual([
        ['x', floats([3, 2], 1, 2, 3, Number.NaN, 5, 6)],
        ['y', [floats([1], 1), floats([2], 2, 3), floats([0])]],
        ['z', [floats([1, 2], 1, 2), floats([2, 2], 3, 4, 5, 6), floats([0, 0])]],
      ]);
  });

  it('takes a step that is null for one whose numbers are missing', async () => {
    const value = await read('n.jsonl', '{"x":[[1,2]]}\n{"x":[null,[3,4]]}\n');
    expect(value.get('x')).toEqual([floats([1, 2], 1, 2), floats([2, 2], Number.NaN, Number.NaN, 3, 4)]);
  });

  it('keeps the types of JSON, and columns that begin late', async () => {
    const value = await read('d.ndjson', '{"id":"1","ok":true}\n{"id":"2","ok":false,"late":0.5,"text":"é"}\n');
    expect([...value]).toEqual([
      ['id', ['1', '2']],
      ['ok', new NdArray([2], 'bool', Uint8Array.of(1, 0))],
      ['late', floats([2], Number.NaN, 0.5)],
      ['text', ['', 'é']],
    ]);
  });

  it('gives back any texts and numbers', async () => {
    const cell = fc.string({ unit: 'binary' }).map((text) => `t${text.replaceAll('\r', '')}`);
    const rows = fc.array(fc.tuple(cell, fc.double({ noNaN: true, noDefaultInfinity: true })), { minLength: 1 });
    // With a point or an exponent, for a whole number that is too long to be exact would be a text.
    const written = (x: number): string => (/[.e]/.test(String(x)) ? String(x) : `${x}.0`);
    const quote = (text: string): string => `"${text.replaceAll('"', '""')}"`;
    await fc.assert(
      fc.asyncProperty(rows, async (table) => {
        const csv = ['a,b', ...table.map(([text, number]) => `${quote(text)},${written(number)}`)];
        const value = await read('e.csv', csv.join('\n'));
        const wellFormed = table.map(([text]) => Buffer.from(text, 'utf8').toString('utf8'));
        expect(value.get('a')).toEqual(wellFormed);
        expect([...((value.get('b') as NdArray).data as Float64Array)].map((x) => x + 0)).toEqual(
          table.map(([, number]) => number + 0),
        );
      }),
      { numRuns: 50 },
    );
  });

  it.each([
    [
      'f.csv',
      'a,b\n1,2\n1,2,3\n',
      'has 3 cells in line 3, which differs from its first line; quote cells with commas.',
    ],
    ['f.csv', 'a,b\n1,"2\n1,2\n', 'opens a quote that is never closed, by line 3; close it'],
    ['f.csv', 'a,b\n1,"2"3\n', 'has a quote where none may be in line 2; write it twice'],
    ['f.csv', 'a,a\n1,2\n', 'names two columns "a"; rename one.'],
    ['f.csv', '', 'is empty; its first line names the columns.'],
    ['f.csv', 'a\n"[1,[2]]"\n', 'has a list in column "a", row 0, that is neither numbers nor lists of equal length'],
    ['f.jsonl', '{"a":1}\n{"a":\n', 'has no JSON object in line 2; write one a line'],
    ['f.jsonl', '[1]\n', 'has no JSON object in line 1'],
    ['f.jsonl', '\n', 'holds no rows; write one JSON object a line.'],
  ])('%s: says what is wrong with %j', async (name, content, message) => {
    await expect(read(name, content)).rejects.toThrow(message);
  });

  it('refuses a line without end', async () => {
    const long = Buffer.alloc(2 ** 26 + 2 ** 21, 'a');
    await expect(read('g.jsonl', long)).rejects.toThrow('has a line of more than 67108864 characters;');
    long.write('a,b\n1,"');
    await expect(read('g.csv', long)).rejects.toThrow('has a row of more than 67108864 characters, by line');
  });

  it('tells a file that is not there', async () => {
    await expect(openDelimited(join(folder, 'none.csv'))).rejects.toThrow(/none\.csv: cannot be read \(ENOENT/);
  });

  // Half a table is a table, so cutting it short is nothing that can be told.
  it('survives damage', async () => {
    const line = (i: number): string => `"id ""${i}""",${i / 3},"[${i}, ${i}]",true\n`;
    const csv = Buffer.from(`id,x,list,flag\n${Array.from({ length: 20 }, (_, i) => line(i)).join('')}`);
    const endless = (bytes: Uint8Array) =>
      bytes.length < csv.length ? Buffer.concat([bytes, Buffer.from('\n"')]) : bytes;
    await survivesDamage(csv, (bytes) => read('h.csv', endless(bytes)));
  });
});
