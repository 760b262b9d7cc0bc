import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NdArray } from '../bytes/array.ts';
import { type DelimitedSandbox, openDelimited, openInSandbox, startDelimited } from './read.ts';

let folder: string;
let sandbox: DelimitedSandbox;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dialects-'));
  sandbox = startDelimited('table', { seconds: 120 });
});
afterAll(async () => {
  await sandbox.close();
  rmSync(folder, { recursive: true });
});

async function opened(name: string, content: string | Uint8Array, columns?: readonly string[]) {
  const file = join(folder, name);
  writeFileSync(file, content);
  const { value, notes = [] } = await openInSandbox(sandbox, file, columns);
  return { columns: Object.fromEntries(value as Map<string, unknown>), notes };
}

const ints = (...values: number[]): NdArray => new NdArray([values.length], 'int32', Int32Array.from(values));
const floats = (...values: number[]): NdArray => new NdArray([values.length], 'float64', Float64Array.from(values));

describe('the encoding of a text file', () => {
  const table = 'id,text\n1,café – “né”\n';
  const utf16 = (text: string): Buffer => Buffer.from(`\ufeff${text}`, 'utf16le');

  it.each([
    ['UTF-8', Buffer.from(table)],
    ['UTF-8 with a mark', Buffer.from(`\ufeff${table}`)],
    ['UTF-16, low byte first', utf16(table)],
    ['UTF-16, high byte first', utf16(table).swap16()],
  ])('is told: %s', async (_, bytes) => {
    expect(await opened('a.csv', bytes)).toEqual({ columns: { id: ints(1), text: ['café – “né”'] }, notes: [] });
  });

  it('is that of its mark in JSON lines too', async () => {
    const line = '{"id": 1, "text": "é"}\n';
    for (const bytes of [Buffer.from(`\ufeff${line}`), utf16(line)])
      expect((await opened('a.jsonl', bytes)).columns).toEqual({ id: ints(1), text: ['é'] });
  });

  it('is Windows-1252, of which Latin-1 is a part, where it is no UTF-8, and that is said with the line', async () => {
    const bytes = Buffer.from('id,text\r\n1,plain\r\n2,caf\xe9 \x93so\x94 5 \x80\r\n', 'latin1');
    expect(await opened('b.csv', bytes)).toEqual({
      columns: { id: ints(1, 2), text: ['plain', 'café “so” 5 €'] },
      notes: [
        'is no UTF-8 and is read as Windows-1252 (Latin-1), which makes line 3 "2,café “so” 5 €"; save it as UTF-8 if that is wrong.',
      ],
    });
  });

  it.each([
    [
      'another script',
      Buffer.from('id,text\n1,\xcf\xf0\xe8\xe2\xe5\xf2\n', 'latin1'),
      'line 2 has bytes of another encoding',
    ],
    ['bytes that Windows-1252 lacks', Buffer.from('id,text\n1,a\n2,\x81 b\n', 'latin1'), 'line 3 has bytes of another'],
    ['UTF-8 that is cut', Buffer.from('id,text\n1,日本').subarray(0, -1), 'is neither UTF-8 nor Windows-1252'],
    [
      'UTF-16 without a mark',
      Buffer.from('id,text\n1,abc\n', 'utf16le'),
      'as UTF-16 without a mark has; save it as UTF-8',
    ],
    ['UTF-32', Buffer.from([0xff, 0xfe, 0, 0, 0x61, 0, 0, 0]), 'is UTF-32; save it as UTF-8'],
  ])('is refused by name where it is %s', async (_, bytes, message) => {
    await expect(opened('c.csv', bytes)).rejects.toThrow(message);
  });
});

describe('the dialect of a text file', () => {
  const columns = { x: ints(1, 3), y: ints(2, 4) };

  it.each([
    ['line feeds', 'x,y\n1,2\n3,4\n'],
    ['carriage returns and line feeds', 'x,y\r\n1,2\r\n3,4\r\n'],
    ['both', 'x,y\r\n1,2\n3,4\r\n'],
    ['both, the other way', 'x,y\n1,2\r\n3,4'],
    ['carriage returns alone', 'x,y\r1,2\r3,4\r'],
    ['semicolons', 'x;y\n1;2\n3;4\n'],
    ['tabs', 'x\ty\n1\t2\n3\t4\n'],
    ['bars', 'x|y\n1|2\n3|4\n'],
    ['a delimiter that Excel announces', 'sep=;\r\nx;y\r\n1;2\r\n3;4\r\n'],
    ['spaces around numbers', 'x,y\n1, 2\n 3 ,4\n'],
  ])('%s', async (_, text) => {
    expect(await opened('d.csv', text)).toEqual({ columns, notes: [] });
  });

  it('is told for TSV in the same way, and for JSON lines by their line ends', async () => {
    expect((await opened('e.tsv', 'x,y\n1,2\n3,4\n')).columns).toEqual(columns);
    for (const end of ['\n', '\r\n', '\r'])
      expect((await opened('e.jsonl', ['{"x":1,"y":2}', '{"x":3,"y":4}', ''].join(end))).columns).toEqual(columns);
  });

  it('is told outside of quotes, and by more rows than the first', async () => {
    expect((await opened('f.csv', '"a;b",c\n"1;2;3",4\n')).columns).toEqual({ 'a;b': ['1;2;3'], c: ints(4) });
    expect((await opened('f.csv', 'a,b;c\n0,5;1\n7;2\n')).columns).toEqual({
      'a,b': floats(0.5, 7),
      c: ints(1, 2),
    });
    expect((await opened('f.csv', 'text\nso; what\nyes\n')).columns).toEqual({ text: ['so; what', 'yes'] });
  });

  it('has a decimal comma where cells are not separated by it', async () => {
    const { columns, notes } = await opened('g.csv', 'id;x;y;n\n1;0,5;1,234;-3,25e2\n2;0,75;10,5;1\n');
    expect([columns, notes]).toEqual([
      { id: ints(1, 2), x: floats(0.5, 0.75), y: floats(1.234, 10.5), n: ints(-325, 1) },
      [],
    ]);
    // In TSV a comma more likely separates thousands.
    const tabs = await opened('g.tsv', 'x\ty\n0,5\t1,234\n12,25\t5,678\n');
    expect(tabs.columns).toEqual({ x: floats(0.5, 12.25), y: ['1,234', '5,678'] });
  });

  it('has one decimal mark in a column, or else the column is of texts and that is said', async () => {
    expect(await opened('h.csv', 'id;x\n1;0,5\n2;1.234\n')).toEqual({
      columns: { id: ints(1, 2), x: ['0,5', '1.234'] },
      notes: ['column "x" is read as texts: row 1 is "1.234", and row 0 "0,5": one decimal mark is needed.'],
    });
  });
});

describe('missing values', () => {
  const words =
    ', #N/A, #N/A N/A, #NA, -1.#IND, -1.#QNAN, -NaN, -nan, 1.#IND, 1.#QNAN, <NA>, N/A, NA, NULL, NaN, None, n/a, nan, null'.split(
      ', ',
    );

  it('are the words of pandas, in columns of numbers and of truth values', async () => {
    const rows = words.map((word, i) => `${i},"${word}","${word}"\n`).join('');
    const { columns, notes } = await opened('a.csv', `id,x,b\n${rows}100,1.5,true\n`);
    expect((columns['x'] as NdArray).data).toEqual(Float64Array.from([...words.map(() => Number.NaN), 1.5]));
    expect((columns['b'] as NdArray).data).toEqual(Float64Array.from([...words.map(() => Number.NaN), 1]));
    expect(notes).toEqual([]);
  });

  it('stay what they are in columns of texts', async () => {
    expect((await opened('b.csv', 'x,y\nNA,None\nDE,\n')).columns).toEqual({ x: ['NA', 'DE'], y: ['None', ''] });
  });

  it('may be texts in JSON lines too, and the NaN and Infinity of Python', async () => {
    const { columns } = await opened(
      'c.jsonl',
      '{"x":"NA","y":NaN,"z":[1,NaN],"t":"NaN"}\n{"x":2,"y":-Infinity,"z":[Infinity,2],"t":"a NaN"}\n',
    );
    expect(columns).toEqual({
      x: floats(Number.NaN, 2),
      y: floats(Number.NaN, -Infinity),
      z: new NdArray([2, 2], 'float64', Float64Array.of(1, Number.NaN, Infinity, 2)),
      t: ['NaN', 'a NaN'],
    });
  });

  it('are told from other words, by row and value', async () => {
    expect(await opened('d.csv', 'age\n31\n25\nunknown\n30\n+inf\n')).toEqual({
      columns: { age: ['31', '25', 'unknown', '30', '+inf'] },
      notes: [
        'column "age" is read as texts: row 2 is "unknown", where 4 others are numbers; an empty cell is a missing number.',
      ],
    });
    expect((await opened('d.csv', 'x\n+inf\n-Infinity\n1\n')).columns).toEqual({ x: floats(Infinity, -Infinity, 1) });
  });
});

describe('whole numbers beyond 2^53', () => {
  it('are texts, to the last digit, in CSV, TSV and JSON lines', async () => {
    const ids = ['1234567890123456789', '1234567890123456788', '5'];
    const json = ids
      .map((id) => `{"id": ${id}, "x": 0.1234567890123456, "text": "1234567890123456789: \\"1"}\n`)
      .join('');
    for (const [name, text] of [
      ['a.csv', `id,x,text\n${ids.map((id) => `${id},0.1234567890123456,"1234567890123456789: ""1"\n`).join('')}`],
      ['a.jsonl', json],
    ] as const)
      expect((await opened(name, text)).columns).toEqual({
        id: ids,
        x: floats(0.1234567890123456, 0.1234567890123456, 0.1234567890123456),
        text: ids.map(() => '1234567890123456789: "1'),
      });
  });

  it('are so in lists of JSON, and negative', async () => {
    expect((await opened('b.jsonl', '{"x": [9007199254740993, 1], "y": -9007199254740993}\n')).columns).toEqual({
      x: ['["9007199254740993",1]'],
      y: ['-9007199254740993'],
    });
    expect((await opened('b.jsonl', '{"y": 9007199254740991}\n{"y": 1e20}\n')).columns).toEqual({
      y: floats(9007199254740991, 1e20),
    });
  });
});

describe('the header line', () => {
  it.each([
    ['numbers', '0.1,0.2\n0.3,0.4\n', '"0.1", "0.2"'],
    ['numbers that are there twice', '0.0,0.0,1.5\n0.2,0.1,1.0\n', '"0.0", "0.0", "1.5"'],
    ['texts and numbers', 'alice,31,0.5,1\nbob,25,0.1,0\n', '"alice", "31", "0.5", …'],
    ['whole numbers', '5,3,1\n2,2,0\n', '"5", "3", "1"'],
    ['a text and a whole number', 'alice,31\nbob,25\n', '"alice", "31"'],
    ['lists', 'a,"[1, 2]"\nb,"[3, 4]"\n', '"a", "[1, 2]"'],
  ])('is missed where there are %s', async (_, text, shown) => {
    await expect(opened('a.csv', text)).rejects.toThrow(
      `has no header line: the first line is of values, ${shown}; write a line of names above it, or give them in a dataset.yaml under "columns".`,
    );
  });

  it.each(['a,b', '0,1,2', ',0,1', 'id,2019,2020', 'q,1', 'x1,2nd'])('may be "%s"', async (head) => {
    const { columns } = await opened('b.csv', `${head}\n${head.replaceAll(/[^,]+/g, '7')}\n`);
    expect(Object.keys(columns).sort()).toEqual(head.split(',').sort());
  });

  it('may be given', async () => {
    expect((await opened('c.csv', '0.5,2\n1.5,4\n', ['x', 'y'])).columns).toEqual({
      x: floats(0.5, 1.5),
      y: ints(2, 4),
    });
    await expect(opened('c.csv', '1,2\n', ['x'])).rejects.toThrow('has 2 cells in its first line and is given 1 names');
    await expect(opened('c.csv', '1,2\n', ['x', 'x'])).rejects.toThrow('is given two columns "x"');
  });
});

describe('a wide table', () => {
  // Where each name was compared with all others, the reader's own limit of a minute was not enough.
  it('of 100,000 columns is read in a time that grows with their number', async () => {
    const names = Array.from({ length: 100_000 }, (_, i) => `c${i}`);
    const row = names.map((_, i) => i).join(',');
    writeFileSync(join(folder, 'wide.csv'), `${names.join(',')}\n${row}\n${row}\n`);
    const { value } = await openDelimited(join(folder, 'wide.csv'));
    const columns = value as Map<string, NdArray>;
    expect([...columns.keys()]).toEqual(names);
    expect(columns.get('c99999')).toEqual(ints(99_999, 99_999));
    writeFileSync(join(folder, 'wide.jsonl'), `{${names.map((name, i) => `"${name}":${i}`).join(',')}}\n`);
    const json = (await openDelimited(join(folder, 'wide.jsonl'))).value as Map<string, NdArray>;
    expect([json.size, json.get('c99999')]).toEqual([100_000, ints(99_999)]);
  });
});
