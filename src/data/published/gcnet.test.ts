/** Files laid out as GCNet's repository and its loader have them; the features themselves were never seen. */
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { NdArray } from '../../formats/bytes/array.ts';
import { fixturePath } from '../../formats/testing.ts';
import { isGcnet, readGcnet } from './gcnet.ts';
import { loadDataset } from '../datasets/load.ts';

const root = mkdtempSync(join(tmpdir(), 'gcnet-'));
afterAll(() => rmSync(root, { recursive: true }));

/** A `.npy` file of float32 numbers, version 1.0. */
function npy(path: string, shape: readonly number[], numbers: readonly number[]): void {
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape.join(', ')},), }`.padEnd(117) + '\n';
  const length = Buffer.alloc(2);
  length.writeUInt16LE(header.length);
  mkdirSync(dirname(path), { recursive: true });
  const data = Buffer.from(Float32Array.from(numbers).buffer);
  writeFileSync(path, Buffer.concat([Buffer.from('\x93NUMPY\x01\x00', 'latin1'), length, Buffer.from(header), data]));
}

/** Two utterances for each dialogue, by a woman and a man. */
function labels(classes: number): readonly unknown[] {
  const dialogues = ['Ses01F_a', 'Ses04F_b', 'Ses04M_c', 'Ses05F_d'];
  const dict = <T>(of: (dialogue: string, n: number) => T): Map<string, T[]> =>
    new Map(dialogues.map((name, d) => [name, [of(name, 2 * d), of(name, 2 * d + 1)]]));
  return [
    dict((name, n) => `${name}_${n % 2 === 0 ? 'F' : 'M'}00${n}`),
    dict((_, n) => n % classes),
    dict((_, n) => (n % 2 === 0 ? 'F' : 'M')),
    dict((_, n) => `said ${n}`),
    new Set(dialogues.slice(0, 3)),
    new Set(dialogues.slice(3)),
  ];
}

function features(folder: string, value: readonly unknown[]): void {
  const ids = [...(value[0] as ReadonlyMap<string, string[]>).values()].flat();
  for (const [n, id] of ids.entries()) {
    npy(join(folder, 'features/wav2vec-large-c-UTT', `${id}.npy`), [2], [n, 1]);
    // As [1, D] and as [T, D].
    npy(
      join(folder, 'features/deberta-large-4-UTT', `${id}.npy`),
      n === 0 ? [1, 3] : [2, 3],
      n === 0 ? [n, 0, 0] : [n, 0, 0, n, 2, 4],
    );
    npy(join(folder, 'features/manet_UTT', id, 'compress_F.npy'), [2], [n, 10]);
    // Of the last man nothing was seen.
    if (n !== 7) npy(join(folder, 'features/manet_UTT', id, 'compress_M.npy'), [2], [n, 20]);
  }
}

test.runIf(existsSync('/proc/self/fd'))('no file is left open', async () => {
  const open = (): number => readdirSync('/proc/self/fd').length;
  const value = labels(6);
  const folder = join(root, 'closed');
  features(folder, value);
  await readGcnet(value, join(folder, 'IEMOCAP_features_raw_6way.pkl'));
  const before = open();
  await readGcnet(value, join(folder, 'IEMOCAP_features_raw_6way.pkl'));
  expect(open()).toBe(before);
});

const rows = (value: unknown): number[] => Array.from((value as NdArray).data as Float32Array);

test('six classes: a vector per utterance and modality, the fourth session to validate on', async () => {
  const value = labels(6);
  const folder = join(root, 'six');
  features(folder, value);
  expect(isGcnet(value)).toBe(true);
  const { splits: tables, known } = await readGcnet(value, join(folder, 'IEMOCAP_features_raw_6way.pkl'));
  expect(known).toBeUndefined();
  const [train, valid, test] = ['train', 'valid', 'test'].map((split) => tables.get(split as 'train')!);
  expect(train!.get('id')).toEqual(['Ses01F_a_F000', 'Ses01F_a_M001']);
  expect(valid!.get('dialogue')).toEqual(['Ses04F_b', 'Ses04F_b', 'Ses04M_c', 'Ses04M_c']);
  expect(test!.get('session')).toEqual(['Ses05', 'Ses05']);
  expect(rows(valid!.get('classification_labels'))).toEqual([2, 3, 4, 5]);
  expect((train!.get('text') as NdArray).shape).toEqual([2, 3]);
  // The mean over time; the face of whoever speaks, zeros where there is none.
  expect(rows(train!.get('text'))).toEqual([0, 0, 0, 1, 1, 2]);
  expect(rows(train!.get('audio'))).toEqual([0, 1, 1, 1]);
  expect(rows(test!.get('vision'))).toEqual([6, 10, 0, 0]);
  expect(test!.get('raw_text')).toEqual(['said 6', 'said 7']);
});

test('four classes have names of their own', async () => {
  const value = labels(4);
  const folder = join(root, 'four');
  features(folder, value);
  const { known } = await readGcnet(value, join(folder, 'IEMOCAP_features_raw_4way.pkl'));
  expect(known?.classes).toEqual(['happy', 'sad', 'neutral', 'angry']);
});

test('CMU-MOSI has values for labels, and its own validation split', async () => {
  const [ids, , speakers, sentences] = labels(6) as readonly ReadonlyMap<string, unknown[]>[];
  const values = new Map([...ids!.keys()].map((name, n) => [name, [n - 1.5, 0]]));
  const parts = [['Ses01F_a'], ['Ses05F_d'], ['Ses04F_b', 'Ses04M_c']].map((names) => new Set(names));
  const value = [ids, values, speakers, sentences, ...parts];
  const { splits: tables } = await readGcnet(value, join(root, 'six', 'CMUMOSI_features_raw_2way.pkl'));
  expect(rows(tables.get('valid')!.get('regression_labels'))).toEqual([1.5, 0]);
  expect(tables.get('test')!.get('id')).toHaveLength(4);
});

test('what is missing is named', async () => {
  const value = labels(6);
  await expect(readGcnet(value, join(root, 'labels.pkl'))).rejects.toThrow(/needs its features beside it/);
  const folder = join(root, 'gaps');
  features(folder, value);
  rmSync(join(folder, 'features/wav2vec-large-c-UTT/Ses05F_d_M007.npy'));
  await expect(readGcnet(value, join(folder, 'x.pkl'))).rejects.toThrow(/wav2vec.*Ses05F_d_M007\.npy/);
  const [ids, , ...rest] = value;
  await expect(readGcnet([ids, new Map(), ...rest], join(folder, 'x.pkl'))).rejects.toThrow(/no label and speaker/);
  expect(isGcnet([1, 2, 3, 4, 5, 6])).toBe(false);
});

test('a label file is a dataset, which can be grouped by session', async () => {
  const folder = join(root, 'loaded');
  const name = 'IEMOCAP_features_raw_6way.pkl';
  features(folder, labels(6));
  copyFileSync(fixturePath(`data/gcnet/${name}`), join(folder, name));
  const dataset = await loadDataset(join(folder, name), { group: 'session' });
  expect(dataset.task).toMatchObject({ kind: 'classification', classes: { length: 6 } });
  expect(dataset.modalities.map(({ name: modality, time, width }) => [modality, time, width])).toEqual([
    ['text', 1, 3],
    ['audio', 1, 2],
    ['vision', 1, 2],
  ]);
  expect(dataset.splits.valid).toMatchObject({ groups: ['Ses04', 'Ses04', 'Ses04', 'Ses04'] });
  const merged = await loadDataset(join(folder, name), { protocol: 'paper_count' });
  expect([merged.splits.train!.ids.length, merged.splits.valid!.ids]).toEqual([6, merged.splits.test!.ids]);
});

test('four classes stay four under the preset of six', async () => {
  const folder = join(root, 'loaded-four');
  const name = 'IEMOCAP_features_raw_4way.pkl';
  features(folder, labels(4));
  copyFileSync(fixturePath(`data/gcnet/${name}`), join(folder, name));
  for (const options of [{}, { preset: 'iemocap' as const }])
    expect((await loadDataset(join(folder, name), options)).task).toMatchObject({ classes: { length: 4 } });
});
