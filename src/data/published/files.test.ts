import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { fixture } from '../../formats/testing.ts';
import { loadDataset } from '../datasets/load.ts';
import { publishedFilesIn } from './files.ts';

const root = mkdtempSync(join(tmpdir(), 'published-'));
afterAll(() => rmSync(root, { recursive: true }));

async function found(names: readonly string[]): Promise<string[]> {
  const folder = mkdtempSync(join(root, 'x-'));
  for (const name of names) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), '');
  }
  return publishedFilesIn(folder);
}

test('files are known by the names that they are distributed under', async () => {
  const published = [
    ...['CMUMOSI_features_raw_2way.pkl', 'IEMOCAP_features_raw_6way.pkl', 'aligned_50.pkl', 'chsims.pkl'],
    ...['iemocap_data.pkl', 'mosei_senti_data.pkl', 'mosi_aligned_50.pkl', 'mosi_data_noalign.pkl', 'mosi_raw.pkl'],
    ...['sims_unaligned.pkl', 'unaligned_39.pkl'],
  ];
  const others = ['features.pkl', 'label.csv', 'my_aligned_50.pkl', 'mosi_data.pkl.bak', 'aligned_50.npz'];
  expect(await found([...others, ...published])).toEqual(published);
});

test("MMSA's folder Processed is looked into, no other one", async () => {
  expect(await found(['Processed/unaligned_39.pkl', 'Raw/unaligned_39.pkl', 'label.csv'])).toEqual([
    join('Processed', 'unaligned_39.pkl'),
  ]);
  expect(await publishedFilesIn(join(root, 'nothing'))).toEqual([]);
});

test('the folder of a dataset is read where it holds one of them, under the preset of its name', async () => {
  const folder = join(root, 'MOSI');
  const processed = join(folder, 'Processed');
  mkdirSync(processed, { recursive: true });
  writeFileSync(join(processed, 'aligned_50.pkl'), fixture('data/mmsa.pkl'));
  expect((await loadDataset(folder)).name).toBe('mosi');
  writeFileSync(join(processed, 'unaligned_50.pkl'), fixture('data/mmsa.pkl'));
  await expect(loadDataset(folder)).rejects.toThrow(
    /name a file in it \(Processed.aligned_50\.pkl, Processed.unaligned_50\.pkl\)/,
  );
});

test('the folders around a file tell its dataset where its path does not name them', async () => {
  const before = process.cwd();
  try {
    process.chdir(join(root, 'MOSI', 'Processed'));
    expect((await loadDataset('aligned_50.pkl')).name).toBe('mosi');
    expect((await loadDataset('aligned_50.pkl', { preset: 'none' })).name).toBe('aligned_50');
  } finally {
    process.chdir(before);
  }
});
