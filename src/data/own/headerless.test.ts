/** Files without a header line: refused, or named by the description. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { stringify } from 'yaml';
import { afterAll, expect, test } from 'vitest';
import { inMemory } from '../features.ts';
import { loadDataset } from '../datasets/load.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'decalign-headerless-'));
afterAll(() => rmSync(folder, { recursive: true }));

const described = (more: object): string => {
  const file = path.join(folder, 'dataset.yaml');
  const description = {
    task: 'regression',
    modalities: { a: { file: 'numbers.csv', key: ['x', 'y'] } },
    labels: { file: 'numbers.csv', key: 'z' },
    split: { file: 'numbers.csv', key: 'part' },
    ...more,
  };
  writeFileSync(file, stringify(description));
  return file;
};

test('a description names the columns of a file that has no header line', async () => {
  writeFileSync(path.join(folder, 'numbers.csv'), '0.5,1,2.5,train\n1.5,2,3.5,valid\n2.5,3,4.5,test\n');
  await expect(loadDataset(described({}))).rejects.toThrow(/numbers\.csv: has no header line: .* under "columns"\.$/);
  const { splits } = await loadDataset(described({ columns: { 'numbers.csv': ['x', 'y', 'z', 'part'] } }));
  expect([...inMemory(splits.valid!.features['a']!).data]).toEqual([1.5, 2]);
  expect([...splits.test!.labels!]).toEqual([4.5]);
});

test('what is guessed of a file is told with the dataset, before what is told of its samples', async () => {
  const table = 'x,y,z,part,\xe9\n1,2,3,train,\n1,2,3,valid,\n1,2,3,test,\n1,2,3,,\n';
  writeFileSync(path.join(folder, 'numbers.csv'), Buffer.from(table, 'latin1'));
  const { notes } = await loadDataset(described({}));
  expect(notes).toEqual([
    expect.stringMatching(/numbers\.csv: is no UTF-8 and is read as Windows-1252/),
    '1 of 4 samples are in no split ("row 3"): left out.',
  ]);
});
