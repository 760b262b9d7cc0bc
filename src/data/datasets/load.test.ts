import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { inMemory } from '../features.ts';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { NdArray } from '../../formats/bytes/array.ts';
import { FormatError } from '../../files/error.ts';
import { pickled, withFile } from '../../formats/testing.ts';
import { writeFile } from '../../formats/write.ts';
import { loadDataset } from './load.ts';
import { unusedNotes } from './made.ts';

const fixture = fileURLToPath(new URL('../../../test/fixtures/data/mmsa.pkl', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'load-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('loadDataset', () => {
  it('reads an MMSA-layout pickle', async () => {
    const dataset = await loadDataset(fixture);
    expect(dataset.modalities.map(({ name, time, width }) => [name, time, width])).toEqual([
      ['text', 4, 3],
      ['audio', 1, 2],
    ]);
    expect([...dataset.splits.train!.lengths['text']!]).toEqual([1, 2, 3, 4, 1]);
    expect(dataset.splits.train!.ids[4]).toBe('clip_4');
    expect(dataset.task).toEqual({ kind: 'regression', range: [-3, 3] });
  });

  it('trains on train and valid and validates on test under protocol paper_count', async () => {
    const columns = (rows: number): object => ({
      text: new NdArray([rows, 3, 5], 'float32', new Float32Array(rows * 15).fill(1)),
      id: Array.from({ length: rows }, (_, n) => `clip$_$${n}`),
      regression_labels: new NdArray([rows], 'float32', new Float32Array(rows)),
      regression_labels_T: new NdArray([rows], 'float32', new Float32Array(rows)),
    });
    const bytes = pickled({ train: columns(3), valid: columns(2), test: columns(1) });
    const { splits } = await withFile(bytes, (path) => loadDataset(path, { protocol: 'paper_count', group: 'video' }));
    expect(splits.train!.ids).toHaveLength(5);
    expect(splits.train!.ownLabels!['text']).toHaveLength(5);
    expect(splits.train!.groups).toEqual(Array(5).fill('clip'));
    expect(splits.train!.features['text']!.shape).toEqual([5, 3, 5]);
    expect(splits.train!.labels).toHaveLength(5);
    expect(splits.valid).toBe(splits.test);
  });

  it('reads arrays of several MiB as float32, and counts missing numbers', async () => {
    const shape = [300, 40, 25];
    const values = Float64Array.from({ length: 300 * 40 * 25 }, (_, i) => (i % 1000 < 750 ? (i % 1000) + 0.5 : 0));
    values.set([Number.NaN, Infinity, -Infinity], 200_000);
    const table = {
      text: new NdArray(shape, 'float64', values),
      vision: new NdArray(shape, 'float32', Float32Array.from(values)),
      text_lengths: Array.from({ length: 300 }, () => 30),
      regression_labels: Array.from({ length: 300 }, (_, n) => n % 4),
    };
    const bytes = pickled({ train: table });
    const { modalities, splits } = await withFile(bytes, (path) => loadDataset(path, { splits: ['train'] }));
    expect(modalities.map(({ name, cleaned, lengthSource }) => [name, cleaned, lengthSource.kind])).toEqual([
      ['text', 3, 'key'],
      ['vision', 3, 'modality'],
    ]);
    const expected = Float32Array.from(values);
    for (const features of Object.values(splits.train!.features)) {
      const { data } = inMemory(features);
      expect(Buffer.compare(new Uint8Array(data.buffer), new Uint8Array(expected.buffer))).toBe(0);
    }

    const half = withFile(bytes.subarray(0, 1_200_000), (path) => loadDataset(path));
    await expect(half).rejects.toThrow(
      /byte \d+: 2400000 bytes are announced and 1199\d{3} are left; the file is truncated, copy it again\.$/,
    );
  });

  it('refuses integers that a float32 cannot hold, in memory and left in their file', async () => {
    const part = new Map<string, unknown>([
      ['text', new NdArray([2, 1, 2], 'int64', BigInt64Array.of(1n, 2n, 3n, 16_777_218n))],
      ['face', new NdArray([2, 1, 2], 'float32', Float32Array.of(1, 2, 3, 4))],
      ['regression_labels', new NdArray([2], 'float32', Float32Array.of(0, 1))],
    ]);
    const file = join(folder, 'large.npz');
    await writeFile(file, new Map(['train', 'valid', 'test'].map((split) => [split, part])));
    const refused = 'modality "text" holds the int64 16777218, and above 16777216 not every integer is a float32';
    await expect(loadDataset(file)).rejects.toThrow(refused);
    const read = async (): Promise<unknown> =>
      inMemory((await loadDataset(file, { stored: true })).splits.train!.features['text']!);
    await expect(read()).rejects.toThrow(refused);
    rmSync(file);
  });

  it('tells of options of a made dataset that it is not', async () => {
    const note = 'data.digits is for the dataset "digits" alone: it is not used.';
    const options = { synthetic: { samples: 9 }, digits: { noise: 1 } };
    expect((await loadDataset('synthetic', options)).notes).toEqual([note]);
    expect((await loadDataset(fixture, options)).notes).toEqual([
      'data.synthetic is for the dataset "synthetic" alone: it is not used.',
      note,
    ]);
    expect((await loadDataset('synthetic', { synthetic: { samples: 9 } })).notes).toBeUndefined();
    expect(unusedNotes(options, ['features.pkl', 'digits', 'synthetic'])).toEqual([]);
  });

  it('makes the synthetic dataset', async () => {
    const samples = { train: 4, valid: 2, test: 2 };
    const dataset = await loadDataset('synthetic', { task: 'classification', synthetic: { samples } });
    expect([dataset.name, dataset.task.kind, dataset.splits.train!.ids.length]).toEqual([
      'synthetic',
      'classification',
      4,
    ]);
    const two = await loadDataset('synthetic', { modalities: ['vision', 'text'], synthetic: { samples } });
    expect(Object.keys(two.splits.test!.features)).toEqual(['vision', 'text']);
    await expect(loadDataset('synthetic', { modalities: ['face'] })).rejects.toThrow('it has text, audio, vision.');
  });

  it('says what to do about a path that is no feature file', async () => {
    const path = join(folder, 'mosi-words.pkl');
    writeFileSync(path, 'cos\nsystem\n.');
    writeFileSync(join(folder, 'labels.csv'), 'a,b');
    const failure = async (name: string): Promise<string> => {
      const error: unknown = await loadDataset(join(folder, name)).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(FormatError);
      return (error as Error).message.replaceAll(folder, '');
    };
    expect(await failure('mosi-word.pkl')).toBe('/mosi-word.pkl: does not exist; did you mean "mosi-words.pkl"?');
    expect(await failure('x/y.pkl')).toContain(
      'does not exist; give the path of a feature file, "synthetic" or "digits".',
    );
    expect(await failure('.')).toBe(
      ': is a folder without a dataset.yaml: name a file in it (labels.csv, mosi-words.pkl), or write one by decalign init-data.',
    );
    symlinkSync('/dev/null', join(folder, 'device.pkl'));
    expect(await failure('device.pkl')).toContain('is no file that can be read at any place');
    expect(await failure('labels.csv')).toContain('holds');
    expect(await failure('mosi-words.pkl')).toContain('forbidden global "os.system"');
  });
});
