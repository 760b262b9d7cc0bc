import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { inspectFile } from './inspect.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'inspect-'));
afterAll(() => rmSync(folder, { recursive: true }));
const written = (name: string, text: string): string => {
  const file = path.join(folder, name);
  writeFileSync(file, text);
  return file;
};
const splits = ['train', 'valid', 'test'] as const;
/** Twelve samples of six videos; the two samples of each video are in different splits. */
const rows = Array.from({ length: 12 }, (_, n) => ({
  id: `s${n}`,
  split: splits[n % 3]!,
  video: `v${Math.floor(n / 2)}`,
  person: 'ann',
  text: [Math.sin(n), Math.cos(n)],
  regression_labels: n / 10,
}));
const jsonl = (records: readonly object[]): string => records.map((record) => JSON.stringify(record)).join('\n');

describe('inspectFile', () => {
  it('describes a table with a column of splits as a dataset, and finds its videos', async () => {
    const found = await inspectFile(written('rows.jsonl', jsonl(rows)));
    expect(found).toMatchObject({
      format: 'JSON lines',
      splits: { train: { samples: 4 } },
      strength: { metric: 'mae' },
    });
    expect(found).toHaveProperty('sharedGroups.length', 6);
  });

  it('compares groups of another column where it is named, and says which there are where it is not', async () => {
    const file = written('persons.jsonl', jsonl(rows));
    expect(await inspectFile(file, { group: 'person' })).toMatchObject({
      sharedGroups: [{ group: 'ann', splits: ['train', 'valid', 'test'] }],
    });
    await expect(inspectFile(file, { group: 'speaker' })).rejects.toThrow(
      /no column "speaker" to group by; it has .*"person"/,
    );
  });

  it('takes no features by the name of video for groups', async () => {
    const file = written('video.jsonl', jsonl(rows.map((record) => ({ ...record, video: [record.text[1], 1] }))));
    expect(await inspectFile(file)).not.toHaveProperty('sharedGroups');
  });

  it('reads a description, with the group that it names', async () => {
    written('plain.jsonl', jsonl(rows.map(({ split: part, person: who, ...others }) => ({ part, who, ...others }))));
    const description = [
      'modalities:',
      '  words: { file: plain.jsonl, key: text }',
      'labels: { file: plain.jsonl, key: regression_labels }',
      'split: { file: plain.jsonl, key: part }',
      'group: { file: plain.jsonl, key: who }',
      'task: regression',
      'range: [-1, 2]',
    ].join('\n');
    expect(await inspectFile(written('dataset.yaml', description))).toMatchObject({
      format: 'dataset description',
      task: { kind: 'regression', range: [-1, 2] },
      modalities: [{ name: 'words', width: 2 }],
      sharedGroups: [{ group: 'ann' }],
    });
  });

  it('describes any other file by what it holds, and says why what looks like a dataset is none', async () => {
    const plain = written('plain.csv', 'id,value\na,1\nb,2\n');
    expect(await inspectFile(plain)).toEqual({
      format: 'CSV',
      tensors: { id: 'list of 2 texts', value: 'int32 [2]' },
    });
    expect(await inspectFile(written('notes.csv', 'id,split\na,train\nb,test\n'))).toMatchObject({
      tensors: { id: 'list of 2 texts' },
      warnings: [expect.stringMatching(/^not read as a dataset: .*notes\.csv: holds no features/)],
    });
    expect(await inspectFile('test/fixtures/data/numpy2.npz')).toMatchObject({ format: 'NumPy archive' });
    expect(await inspectFile('test/fixtures/data/formats/words.csd')).toMatchObject({
      format: 'HDF5',
      tensors: { words: { data: { video0: { intervals: 'float64 [2, 2]' } } } },
    });
  });

  it('throws one line for what cannot be read', async () => {
    const wrong = [path.join(folder, 'none.pkl'), written('text.txt', 'hello'), written('empty.pkl', '')];
    for (const file of wrong) await expect(inspectFile(file)).rejects.toThrow(/^[^\n]+$/);
    const plain = inspectFile(written('no-splits.csv', 'id\na\n'), { group: 'id' });
    await expect(plain).rejects.toThrow(/no-splits\.csv: has no splits.*leave out --group/);
  });
});
