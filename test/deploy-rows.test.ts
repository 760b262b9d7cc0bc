/** Rows of files as exported models are given them: each cell as datasets have it, and of sequences the true steps. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { openFile } from '../src/formats/open.ts';
import { encoded } from '../src/data/columns/encode.ts';
import type { ColumnEncoding } from '../src/data/columns/numbers.ts';
import type { Columns } from '../src/data/tables/table.ts';
import type { ExportDescription, RowDescription, ValueDescription } from '../src/deploy/description.ts';
import { readSamples } from '../src/deploy/files.ts';
import type { PreparedSample } from '../src/deploy/sample.ts';
import { isNumericData, toNumbers } from '../src/formats/bytes/array.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'decalign-rows-'));
afterAll(() => rmSync(folder, { recursive: true }));

function written(name: string, content: string | Buffer): string {
  const file = path.join(folder, name);
  writeFileSync(file, content);
  return file;
}

/** What is said of inputs and rows is all that reading depends on. */
const described = (inputs: readonly ValueDescription[], rows: ExportDescription['rows']): ExportDescription => ({
  ...{ format: 'decalign export 3', decalign: '0.0.0', bytes: 1, sha256: '', model: 'm', dataset: 'd', opset: 18 },
  ...{ task: { kind: 'regression', range: [0, 1] }, outputs: [], largest_difference: 0, inputs, rows },
});
const input = (name: string, dtype: ValueDescription['dtype'], shape: ValueDescription['shape']): ValueDescription => ({
  name,
  dtype,
  shape,
  meaning: '',
});

async function samplesOf(description: ExportDescription, ...files: readonly string[]): Promise<PreparedSample[]> {
  const found: PreparedSample[] = [];
  for await (const sample of readSamples(files, description, { warn: () => undefined })) found.push(sample);
  return found;
}

describe('columns of a table', () => {
  const encodings: readonly ColumnEncoding[] = [
    'n',
    { column: 'c', category: ['Köln', 'a, b', '7', '1.5', 'say "so"', 'true'] },
    {
      column: 'b',
      boolean: [
        ['nein', 'ja'],
        ['False', 'True'],
      ],
    },
    { column: 'd', date: ['year', 'day', 'hour'], order: 'dmy' },
  ];
  const description = described([input('x', 'float32', ['batch', 1, 12])], { x: { columns: encodings } });

  test.each([
    ['commas', 'a.csv', 'id,n,c,b,d\np,1.5,Köln,ja,1.2.2020\nq,-2e3,"a, b",nein,\nr,,7,,3.4.2021 06:30\n'],
    [
      'semicolons, decimal commas and Windows lines',
      'b.csv',
      'n;c;b;d\r\n1,5;7;ja;1.2.2020\r\n"2,25";1,5;NA;"1.2.2020"\r\n',
    ],
    ['old line ends and none at the end', 'c.csv', 'n,c,b,d\r1,7,ja,1.2.2020\r2,8,nein,2.2.2020'],
    ['tabs', 'd.tsv', 'n\tc\tb\td\n0.5\tKöln\tja\t\n\tsomewhere\t\t1.1.1999\n'],
    ['a line that names the delimiter', 'e.csv', 'sep=;\nn;c;b;d\n1;7;ja;1.2.2020\n'],
    ['quotes around ends of lines and quotes', 'f.csv', 'n,c,b,d,e\n1,"say ""so""",ja,,"one\ntwo"\n2,7,nein,,""\n'],
    ['a mark at the beginning, and empty lines', 'g.csv', '\uFEFFn,c,b,d\n\n1,7,ja,\n\n2,,nein,\n'],
    ['truth values, and numbers as texts', 'h.csv', 'n,c,b,d\n1,true,True,\nNA,7.0,False,\n'],
    ['Windows-1252', 'q.csv', Buffer.from('n,c,b,d\n1,K\xf6ln,ja,\n2,7,nein,\n', 'latin1')],
    ['UTF-16', 'r.csv', Buffer.from('\uFEFFn,c,b,d\n1,Köln,ja,\n2,7,nein,\n', 'utf16le')],
    ['JSON', 'i.jsonl', '{"n":1,"c":true,"b":true,"d":null}\n{"n":NaN,"c":7,"b":false,"d":"1.2.2020"}\n{"b":"ja"}\n'],
  ])('are the same numbers: %s', async (_, name, content) => {
    const file = written(name, content);
    const opened = await openFile(file);
    const { data, shape } = encoded(opened.value as Columns, encodings, { file });
    const numbers = isNumericData(data) ? toNumbers(data) : [];
    await opened.close();
    const expected = Array.from({ length: shape[0]! }, (__, n) => numbers.slice(n * 12, (n + 1) * 12));
    const found = await samplesOf(description, file);
    expect(found.map(({ steps }) => steps['x'])).toEqual(expected.map((row) => [row]));
    expect(numbers.filter((x) => !Number.isNaN(x)).length).toBeGreaterThan(6);
  });

  test.each([
    ['an open quote', 'j.csv', 'n,c\n1,"open\n', /^.*j\.csv, line 2: has a quote where none may be/],
    ['a quote within a cell', 'k.csv', 'n,c\n1,"a"b\n', /line 2: has a quote where none may be/],
    ['another number of cells', 'l.csv', 'n,c\n1,2\n\n1,2,3\n', /line 4: has 3 cells, and the first line 2/],
    [
      'another number of cells after a cell of two lines',
      's.csv',
      'n,c\n1,"two\nlines"\n1,2,3\n',
      /line 4: has 3 cells/,
    ],
    ['a column twice', 'm.csv', 'n,n\n1,2\n', /names two columns "n"; rename one/],
    ['nothing', 'o.csv', '', /holds no samples/],
    ['a header alone', 'p.csv', 'n,c\n', /holds no samples/],
  ])('with %s are refused', async (_, name, content, says) => {
    await expect(samplesOf(description, written(name, content))).rejects.toThrow(says);
  });
});

test('a file that is no UTF-8 is read, and its user told', async () => {
  const file = written('latin.csv', Buffer.from('n,c\n1,K\xf6ln\n', 'latin1'));
  const description = described([input('x', 'float32', ['batch', 1, 1])], { x: { columns: ['n'] } });
  const told: string[] = [];
  for await (const { steps } of readSamples(file, description, { warn: (line) => told.push(line) }))
    expect(steps).toEqual({ x: [[1]] });
  expect(told).toEqual([expect.stringMatching(/latin\.csv is no UTF-8 and is read as Windows-1252/)]);
});

test('a sample that only a later file has is one too, and files without any sample are called by their names', async () => {
  const inputs = ['arm', 'leg'].map((name) => input(name, 'float32', ['batch', 1, 1]));
  const first = written('first.jsonl', '{"id": "a", "arm": [1]}');
  const second = written('second.jsonl', '{"id": "b", "leg": [2]}\n{"id": "a", "leg": [3]}');
  expect(await samplesOf(described(inputs, {}), first, second)).toEqual([
    { id: 'a', steps: { arm: [[1]], leg: [[3]] } },
    { id: 'b', steps: { arm: [], leg: [[2]] } },
  ]);
  const other = written('other.jsonl', '{"id": "a", "foot": [1]}');
  await expect(samplesOf(described(inputs, {}), other)).rejects.toThrow(
    /other\.jsonl: no sample has any of "arm", "leg"$/,
  );
});

describe('the steps of a sequence', () => {
  const inputs = [input('x', 'float32', ['batch', 6, 2]), input('x_lengths', 'int64', ['batch'])];
  // A row beside it has a step, without which a file has none of the modalities.
  const of = async (x: RowDescription, row: object): Promise<unknown> => {
    const file = written('x.jsonl', [row, { x: [[1, 2]] }].map((each) => JSON.stringify(each)).join('\n'));
    const [sample] = await samplesOf(described(inputs, { x }), file);
    return sample!.steps['x'];
  };
  const zero = [0, 0];

  test('are all that there are, or those before padding, as in training', async () => {
    const x = [zero, [1, 2], zero, [3, 4], zero, zero];
    expect(await of({}, { x })).toEqual(x);
    expect(await of({ padding: 'end' }, { x })).toEqual(x.slice(0, 4));
    expect(await of({ padding: 'front' }, { x })).toEqual(x.slice(1, 4));
    expect(await of({ padding: 'end' }, { x: [zero, zero] })).toEqual([zero]);
    expect(
      await of(
        { padding: 'end' },
        {
          x: [
            [1, 2],
            [0, null],
          ],
        },
      ),
    ).toEqual([
      [1, 2],
      [0, null],
    ]);
  });

  test('are as many as a length says, which padding may stand before', async () => {
    const x = [[1, 2], [3, 4], zero, zero];
    expect(await of({}, { x, x_lengths: 3 })).toEqual(x.slice(0, 3));
    expect(await of({ lengths: 'count' }, { x, count: 1, x_lengths: 3 }).catch(String)).toMatch(
      /x\.jsonl, line 1: "x" has numbers beyond its length of 1; correct one of them/,
    );
    expect(await of({}, { x: [zero, zero, [1, 2]], x_lengths: 1 })).toEqual([[1, 2]]);
    expect(await of({ padding: 'front' }, { x: [zero, zero, [1, 2]], x_lengths: 2 })).toEqual([zero, [1, 2]]);
    expect(await of({}, { x, x_lengths: 0 })).toEqual([]);
    expect(await of({}, { x, x_lengths: 99 })).toEqual(x);
    expect(await of({}, { x, x_lengths: -1 }).catch(String)).toContain('"x_lengths" is "-1", which is no length');
  });

  test('are those of the column of the training, beside another that is called as the modality', async () => {
    const row = { x: 'words', wav: [[1, 2]] };
    expect(await of({ key: 'wav' }, row)).toEqual([[1, 2]]);
    expect(await of({ key: 'wav' }, { x: [[3, 4]] })).toEqual([[3, 4]]);
    expect(await of({ key: 'wav' }, { x: [[3, 4]], wav: null })).toEqual([]);
  });

  test('stand under the name that they had in training, within objects too', async () => {
    const file = written(
      'nested.jsonl',
      '{"device": {"no": "d7"}, "arm": {"acc": [{"b": 2, "a": 1}, {"a": 3, "b": null}]}}',
    );
    const rows = { x: { key: 'arm/acc', id: 'device/no' } };
    expect(await samplesOf(described(inputs, rows), file)).toEqual([
      {
        id: 'd7',
        steps: {
          x: [
            [1, 2],
            [3, null],
          ],
        },
      },
    ]);
  });
});

test('two files that call different things alike have each their own', async () => {
  const inputs = ['arm', 'leg'].map((name) => input(name, 'float32', ['batch', 1, 2]));
  const rows = { arm: { file: 'arm.jsonl', key: 'values' }, leg: { file: 'leg.jsonl', key: 'values' } };
  const content = '{"id": "a", "values": [1, 2]}';
  const of = (name: string): Promise<PreparedSample[]> => samplesOf(described(inputs, rows), written(name, content));
  expect(await of('arm.jsonl')).toEqual([{ id: 'a', steps: { arm: [[1, 2]], leg: [] } }]);
  expect(await of('leg.jsonl')).toEqual([{ id: 'a', steps: { arm: [], leg: [[1, 2]] } }]);
});

test('text for an encoder is refused, unless what the encoder makes of it is given', async () => {
  const inputs = [
    ...['text_ids', 'text_segments'].map((name) => input(name, 'int64', ['batch', 4])),
    input('text_lengths', 'int64', ['batch']),
  ];
  const rows = { text: { encoder: 'the token ids of its tokeniser', texts: ['note'] } };
  const of = (row: object): Promise<PreparedSample[]> =>
    samplesOf(described(inputs, rows), written('text.jsonl', JSON.stringify(row)));
  await expect(of({ note: 'some words' })).rejects.toThrow(
    'line 1: "note" is text, and the model takes "text_ids", the token ids of its tokeniser; give that instead',
  );
  const [sample] = await of({ note: 'some words', text_ids: [2, 5, 3] });
  expect(sample!.steps).toEqual({ text_ids: [2, 5, 3], text_segments: [] });
});
